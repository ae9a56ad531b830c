"""The parameters of a trial."""

from __future__ import annotations

import difflib
import json
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple

from ._library import NUL, Handle, trials

_TRUE = ("true", "yes", "on")
_FALSE = ("false", "no", "off")
_INT64 = range(-(2**63), 2**63)


class Branch(Dict[str, Any]):
    """A nested part of a configuration: a dict whose items are attributes too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def nested(flat: Mapping[str, Any]) -> Branch:
    """`{"optimizer.lr": 0.1}` as `{"optimizer": {"lr": 0.1}}`."""
    tree = Branch()
    for name, value in flat.items():
        place: Branch = tree
        parts = name.split(".")
        for part in parts[:-1]:
            below = place.get(part)
            if not isinstance(below, Branch):
                below = place[part] = Branch()
            place = below
        place[parts[-1]] = value
    return tree


def plain(tree: Mapping[str, Any]) -> Dict[str, Any]:
    """The same of dicts alone, for what takes nothing else: YAML, pickles without this package."""
    return {
        name: plain(value) if isinstance(value, Branch) else value for name, value in tree.items()
    }


def read_text(text: str) -> Any:
    """What a person typed after `--name=`: JSON where it is JSON (1, 1e-3, true, null, [1, 2]),
    else plain text; True, False and None are read as Python's."""
    words = {"True": True, "False": False, "None": None}
    if text in words:
        return words[text]
    try:
        return json.loads(text)
    except ValueError:
        return text


def as_kind_of(value: Any, fallback: Any, text: Optional[str], name: str) -> Any:
    """The value in the type of the fallback, where that loses nothing. `text` is how it was spelled
    on the command line, None for a value of the sweep, which is never refused."""
    if fallback is None or value is None:
        return value
    if isinstance(fallback, str):
        return text if text is not None else value
    found: Any = value
    if isinstance(fallback, bool):
        found = _as_bool(value)
    elif isinstance(fallback, int):
        found = int(value) if _is_whole(value) else value
    elif isinstance(fallback, float):
        found = _as_float(value)
    else:
        return value
    if found is None or isinstance(found, str):
        if text is not None:
            kind = "true or false" if isinstance(fallback, bool) else "a number"
            raise ValueError(f"parameter `{name}` is not {kind}: `{text}`")
        return value
    return found


def _is_whole(value: Any) -> bool:
    return isinstance(value, (bool, int)) or (isinstance(value, float) and value.is_integer())


def _as_float(value: Any) -> Optional[float]:
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(value) if isinstance(value, str) else None  # "nan", "inf"
    except ValueError:
        return None


def _as_bool(value: Any) -> Optional[bool]:
    if isinstance(value, (bool, int, float)):
        return value != 0
    if isinstance(value, str) and value.lower() in _TRUE + _FALSE:
        return value.lower() in _TRUE
    return None


class Params(Mapping[str, Any]):
    """What the sweep chose for this trial; where it does not vary a name, what the command line
    says; else the default.

        params["lr"], params.lr          KeyError, AttributeError where nobody gave a value
        params.get("lr", 1e-3)           the default where nobody gave one
        params["optimizer.lr"], params.optimizer.lr, params["optimizer"]["lr"]
                                         a nested parameter

    Values have the sweep's types: bool, int, float, str, list, dict, None. Where a default is a
    float, whole numbers become floats, and where it is an int, whole floats become ints.
    """

    def __init__(self, handle: Callable[[], Handle], standalone: bool) -> None:
        self._handle = handle
        self._standalone = standalone
        self._defaults: Dict[str, Any] = {}
        self._chosen: Dict[str, Any] = {}
        if not standalone:
            self._chosen = json.loads(trials().scopa_trial_peek_params(handle()))

    def add_defaults(self, defaults: Mapping[str, Any]) -> None:
        self._defaults.update(defaults)

    def chosen(self) -> Dict[str, Any]:
        """What the sweep chose, by flat names. By this nothing of it has been asked for."""
        return dict(self._chosen)

    def get(self, name: str, default: Any = None) -> Any:
        found, value = self._find(name, default)
        if found:
            return value
        return self._defaults.get(name, default)

    def note(self, name: str) -> None:
        """The program asks for that parameter of the sweep's."""
        trials().scopa_trial_has_param(self._handle(), *_named(name))

    def from_command_line(self, name: str) -> Optional[str]:
        """How the command line spells it; None where it does not. To the library this is asking."""
        text = trials().scopa_trial_param_text(self._handle(), *_named(name), None, None)
        return None if text is None else text.decode("utf-8", "replace")

    def _find(self, name: str, default: Any) -> Tuple[bool, Any]:
        fallback = self._defaults.get(name, default)
        if name in self._chosen:
            self.note(name)
            return True, as_kind_of(self._chosen[name], fallback, None, name)
        branch = self._branch(name)
        if branch is not None:
            return True, branch
        text = self.from_command_line(name)
        if text is not None:
            self._ask(name, fallback)
            if isinstance(fallback, bool) and self._is_bare(name, text):
                return True, True
            return True, as_kind_of(read_text(text), fallback, text, name)
        if name in self._defaults or default is not None:
            self._ask(name, fallback)
        return False, None

    def _is_bare(self, name: str, text: str) -> bool:
        """Whether `--name data.txt` is a flag and an argument, which the library knows."""
        if _as_bool(read_text(text)) is not None:
            return False
        return bool(trials().scopa_trial_param_bool(self._handle(), *_named(name), 0))

    def _branch(self, name: str) -> Optional[Branch]:
        """All that is nested below `name`."""
        prefix = name + "."
        below = {key: None for key in (*self._chosen, *self._defaults) if key.startswith(prefix)}
        if not below:
            return None
        return nested({key[len(prefix) :]: self[key] for key in below})

    def _ask(self, name: str, fallback: Any) -> None:
        """The library notes what was asked for beside the sweep's parameters: a standalone trial's
        journal tells it later, and so may a sweep, since a name may be misspelled."""
        library, handle, key = trials(), self._handle(), _named(name)
        if isinstance(fallback, bool):
            library.scopa_trial_param_bool(handle, *key, int(fallback))
        elif isinstance(fallback, int) and fallback in _INT64:
            library.scopa_trial_param_int(handle, *key, fallback)
        elif isinstance(fallback, float):
            library.scopa_trial_param_double(handle, *key, fallback)
        else:
            text = fallback.encode() if isinstance(fallback, str) else None
            library.scopa_trial_param_text(handle, *key, text, None)

    def __getitem__(self, name: str) -> Any:
        found, value = self._find(name, None)
        if found:
            return value
        if name in self._defaults:
            return self._defaults[name]
        raise KeyError(self._missing(name))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # copy and pickle look for such, before there is any parameter
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        known = name in self._chosen or name in self._defaults
        return known or self._branch(name) is not None or self.from_command_line(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def __repr__(self) -> str:
        return f"Params({dict(self)!r})"

    def as_dict(self) -> Dict[str, Any]:
        """As one dict, nested where parameters are."""
        return plain(nested(dict(self)))

    def _names(self) -> List[str]:
        return list(dict.fromkeys([*self._chosen, *self._defaults]))

    def _missing(self, name: str) -> str:
        if self._standalone:
            return (
                f"no parameter `{name}`: no sweep runs this program. Give it a default, "
                f'params.get("{name}", ...) or scopa.init({{"{name}": ...}}), '
                f"or a value, --{name}=..."
            )
        near = difflib.get_close_matches(name, self._names(), 1)
        meant = f"; did you mean `{near[0]}`?" if near else ""
        return f"no parameter `{name}`; the sweep has {', '.join(self._names()) or 'none'}{meant}"


def _named(name: str) -> Tuple[bytes, int]:
    return name.encode("utf-8", "surrogateescape"), NUL
