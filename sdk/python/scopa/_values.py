"""Numbers out of whatever a training loop has at hand, without importing NumPy or PyTorch."""

from __future__ import annotations

import operator
from typing import Any, Iterator, Mapping, Optional, Tuple

_DEPTH_MAX = 16
_PLAIN = (float, int)
_NO_NUMBERS = (str, bytes, bytearray, list, tuple, set, frozenset, Mapping)


def number_of(value: Any) -> Optional[float]:
    """The number that `value` is: int, float, bool, a scalar of NumPy, PyTorch, JAX or TensorFlow,
    an array or tensor of one element, Decimal, Fraction. None where it is none."""
    if type(value) is float:  # The usual case; to ask for a Mapping takes longer than the rest.
        return value
    if value is None or isinstance(value, _NO_NUMBERS):
        return None
    # Foreign types may raise whatever they like: an array of two elements raises ValueError,
    # a tensor that is on no device RuntimeError.
    try:
        item = getattr(value, "item", None)
        if callable(item) and not isinstance(value, (int, float)):
            value = item()
            if value is None or isinstance(value, _NO_NUMBERS):
                return None
        return float(value)
    except Exception:
        return None


def step_of(step: Any) -> int:
    """`step` as an integer; TypeError where it is none."""
    try:
        return operator.index(step)
    except TypeError:
        pass
    number = number_of(step)
    if number is None or number != number or number in (float("inf"), float("-inf")):
        raise TypeError(f"a step is a number, not {step!r}")
    return int(number)


def flat(values: Mapping[Any, Any], goal: str) -> Iterator[Tuple[str, Any]]:
    """The leaves of nested dicts, each named by its path, `eval/loss`, as in the metrics pipe. The
    sweep's own metric is called as the sweep calls it, `eval.loss` too."""
    for key, value in values.items():
        if type(value) in _PLAIN or not isinstance(value, Mapping):
            yield str(key), value
        else:
            yield from _leaves(value, f"{key}/", goal, 1)


def _leaves(
    values: Mapping[Any, Any], prefix: str, goal: str, depth: int
) -> Iterator[Tuple[str, Any]]:
    for key, value in values.items():
        name = prefix + str(key)
        if isinstance(value, Mapping) and depth < _DEPTH_MAX:
            yield from _leaves(value, name + "/", goal, depth + 1)
        elif name.replace(".", "/") == goal.replace(".", "/"):
            yield goal, value
        else:
            yield name, value
