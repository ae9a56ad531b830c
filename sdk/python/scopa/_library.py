"""Finds libscopa and libscopa_worker, and says how their functions are called.

SCOPA_LIBRARY names libscopa itself or the folder that it is in. Without it the library is looked
for where Scopa is installed with this package, beside this package, in the build folders of the
source tree that this package is in, and by the system's loader.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

VARIABLE = "SCOPA_LIBRARY"
NUL = ctypes.c_size_t(-1).value
_SONAME = ".so.0"
_HERE = Path(__file__).resolve().parent


class LibraryNotFound(ImportError):
    """libscopa is not there or cannot be loaded; the text says what to do."""


class WorkerOptions(ctypes.Structure):
    _fields_ = [
        ("struct_bytes", ctypes.c_size_t),
        ("url", ctypes.c_char_p),
        ("sweep", ctypes.c_char_p),
        ("count", ctypes.c_uint64),
        ("device", ctypes.c_char_p),
        ("folder", ctypes.c_char_p),
        ("key", ctypes.c_char_p),
        ("server_key", ctypes.c_char_p),
    ]


class WorkerResult(ctypes.Structure):
    _fields_ = [
        ("struct_bytes", ctypes.c_size_t),
        ("trials", ctypes.c_uint64),
        ("completed", ctypes.c_uint64),
        ("pruned", ctypes.c_uint64),
        ("failed", ctypes.c_uint64),
        ("cancelled", ctypes.c_uint64),
        ("requeued", ctypes.c_uint64),
        ("error", ctypes.c_char * 1024),
        ("diverged", ctypes.c_uint64),
    ]


_handle = ctypes.c_void_p
_text = ctypes.c_char_p
_bytes = ctypes.c_size_t
_int = ctypes.c_int
_int64 = ctypes.c_int64
_uint64 = ctypes.c_uint64
_uint32 = ctypes.c_uint32
_double = ctypes.c_double

TRAIN = ctypes.CFUNCTYPE(_int, _handle, ctypes.c_void_p, ctypes.POINTER(ctypes.c_char), _bytes)
LEAVE = ctypes.CFUNCTYPE(_int, ctypes.c_void_p)

_TRIAL_FUNCTIONS: Dict[str, Tuple[Any, Sequence[Any]]] = {
    "scopa_version": (_text, []),
    "scopa_trial_current": (_handle, [_int, ctypes.POINTER(_text)]),
    "scopa_trial_finish": (None, [_handle]),
    "scopa_trial_close": (None, [_handle]),
    "scopa_trial_param_double": (_double, [_handle, _text, _bytes, _double]),
    "scopa_trial_param_int": (_int64, [_handle, _text, _bytes, _int64]),
    "scopa_trial_param_bool": (_int, [_handle, _text, _bytes, _int]),
    "scopa_trial_param_text": (_text, [_handle, _text, _bytes, _text, ctypes.c_void_p]),
    "scopa_trial_peek_params": (_text, [_handle]),
    "scopa_trial_has_param": (_int, [_handle, _text, _bytes]),
    "scopa_trial_log": (None, [_handle, _text, _bytes, _int64, _double]),
    "scopa_trial_dropped": (_uint64, [_handle]),
    "scopa_trial_should_stop": (_int, [_handle]),
    "scopa_trial_stop_reason": (_int, [_handle]),
    "scopa_trial_checkpoint_requested": (_int, [_handle]),
    "scopa_trial_checkpoint_path": (_text, [_handle]),
    "scopa_trial_checkpoint_saved": (None, [_handle, _int64]),
    "scopa_trial_resume_step": (_int64, [_handle]),
    "scopa_trial_start_over": (None, [_handle]),
    "scopa_trial_id": (_text, [_handle]),
    "scopa_trial_number": (_uint64, [_handle]),
    "scopa_trial_attempt": (_uint32, [_handle]),
    "scopa_trial_seed": (_uint64, [_handle]),
    "scopa_trial_folder": (_text, [_handle]),
    "scopa_trial_goal": (_text, [_handle]),
    "scopa_trial_standalone": (_int, [_handle]),
    "scopa_trial_rank": (_int, [_handle]),
    "scopa_trial_error": (_text, [_handle]),
    "scopa_trial_ok": (_int, [_handle]),
}
_WORKER_FUNCTIONS: Dict[str, Tuple[Any, Sequence[Any]]] = {
    "scopa_run_worker_until": (
        _int,
        [ctypes.POINTER(WorkerOptions), TRAIN, LEAVE, _handle, ctypes.POINTER(WorkerResult)],
    ),
}


def installed(what: str) -> Optional[Path]:
    """The folder of the "libraries" or "programs" that were installed with this package."""
    try:
        from . import _installed  # type: ignore
    except ImportError:
        return None
    return _HERE / str(_installed.PLACES[what])


def built(name: str, pattern: str) -> List[Path]:
    """Files of that name in the build folders of the source tree that this package is in: of a
    release first, then the newest. What is built with a sanitizer cannot be loaded by Python."""
    root = _HERE.parents[2]
    if not (root / "sdk" / "include" / "scopa" / "scopa.h").is_file():
        return []
    found = [
        path
        for path in root.glob(f"build/*/{pattern}/{name}")
        if path.relative_to(root).parts[1] not in ("asan", "tsan")
    ]

    def rank(path: Path) -> Tuple[bool, float]:
        return path.relative_to(root).parts[1] != "release", -path.stat().st_mtime

    return sorted(found, key=rank)


def _named(name: str, given: str) -> str:
    path = Path(given)
    if path.is_dir():
        return str(path / (name + _SONAME))
    if name == "libscopa":
        return given
    return str(path.parent / path.name.replace("libscopa", name, 1))


def _candidates(name: str) -> Iterator[str]:
    given = os.environ.get(VARIABLE)
    if given:
        yield _named(name, given)
        return
    folder = installed("libraries")
    if folder is not None:
        yield str(folder / (name + _SONAME))
    yield str(_HERE / (name + _SONAME))
    for path in built(name + _SONAME, "sdk/src"):
        yield str(path)
    yield name + _SONAME  # The loader looks: LD_LIBRARY_PATH, ldconfig's folders.


def _load(name: str, kind: Any, functions: Dict[str, Tuple[Any, Sequence[Any]]]) -> Any:
    failures: List[str] = []
    for path in _candidates(name):
        if os.sep in path and not os.path.exists(path):
            failures.append(f"{path}: not there")
            continue
        try:
            library = kind(path)
            for function, (result, arguments) in functions.items():
                prototype = getattr(library, function)
                prototype.restype = result
                prototype.argtypes = list(arguments)
            return library
        except (OSError, AttributeError) as error:  # It cannot be loaded, or is an older one.
            failures.append(f"{path}: {error}")
    tried = "".join(f"\n  {failure}" for failure in failures)
    raise LibraryNotFound(
        f"{name}{_SONAME} cannot be used; tried{tried}\n"
        "help: build it (scripts/build in Scopa's sources), or install it "
        "(cmake --install build/release --component sdk), "
        f"or name it: {VARIABLE}=/path/to/libscopa.so"
    )


_trials: Any = None
_workers: Any = None


def trials() -> Any:
    """libscopa. Its functions return at once, so they are called with the interpreter's lock held:
    to get it back could take longer than the call."""
    global _trials
    if _trials is None:
        _trials = _load("libscopa", ctypes.PyDLL, _TRIAL_FUNCTIONS)
    return _trials


def workers() -> Any:
    """libscopa_worker, whose function blocks and lets other threads run meanwhile."""
    global _workers
    if _workers is None:
        trials()  # It needs libscopa: the one that is loaded already.
        _workers = _load("libscopa_worker", ctypes.CDLL, _WORKER_FUNCTIONS)
    return _workers


class Handle:
    """One trial of the library's. It is closed when nobody uses it any more, a thread that is just
    logging included."""

    __slots__ = ("_as_parameter_", "_close")

    def __init__(self, pointer: Optional[int]) -> None:
        self._as_parameter_ = pointer
        self._close = trials().scopa_trial_close

    def __del__(self) -> None:
        self._close(self._as_parameter_)
