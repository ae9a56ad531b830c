"""A trainer that is its own worker: takes trials from the broker and calls a function for each."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
import traceback
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Callable, NamedTuple, Optional, Type, Union

from . import _broker
from ._library import LEAVE, TRAIN, Handle, WorkerOptions, workers
from ._library import WorkerResult as _RawResult
from ._trial import Trial, TrialStopped, begin_on_this_thread, end_on_this_thread

_TextPath = Union[str, "os.PathLike[str]", None]
_RAN, _FAILED, _GIVEN_BACK = 0, 1, 2


class WorkerError(RuntimeError):
    """The worker could not begin, or ended early; `result` says what it did before."""

    def __init__(self, text: str, result: "WorkerResult") -> None:
        super().__init__(text)
        self.result = result


class WorkerResult(NamedTuple):
    """What became of the trials that run_worker() ran."""

    trials: int = 0
    completed: int = 0
    pruned: int = 0
    failed: int = 0
    cancelled: int = 0
    requeued: int = 0
    diverged: int = 0


class _Interrupts:
    """Ctrl-C while the library waits: Python's own handler would have to wait until it returns, and
    within a callback its exception would be lost. So it is noted, and raised where Python trains.
    A handler of the program's own stays as it is."""

    def __init__(self) -> None:
        self.training = False
        self.seen = False
        self._replaced: Any = None

    def __enter__(self) -> "_Interrupts":
        if threading.current_thread() is threading.main_thread():
            if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
                self._replaced = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        if self._replaced is not None:
            signal.signal(signal.SIGINT, self._replaced)

    def _note(self, number: int, frame: Optional[FrameType]) -> None:
        self.seen = True
        if self.training:
            raise KeyboardInterrupt


class _Calls:
    """What the library calls back."""

    def __init__(self, function: Callable[[Trial], Any], interrupts: _Interrupts) -> None:
        self._function = function
        self._interrupts = interrupts
        self.raised: Optional[BaseException] = None  # what run_worker() raises at its end

    def train(self, pointer: Optional[int], context: Any, error: Any, error_bytes: int) -> int:
        text = ""
        try:
            trial = Trial(Handle(pointer))
            if self._interrupts.seen:  # after the last look, before this trial came
                return _GIVEN_BACK
            begin_on_this_thread(trial)
            try:
                self._interrupts.training = True
                self._function(trial)
            finally:
                self._interrupts.training = False
                end_on_this_thread()
            return _RAN
        except TrialStopped:
            return _RAN
        except KeyboardInterrupt as interrupt:
            self.raised = interrupt
            return _GIVEN_BACK
        except SystemExit as end:
            # It ends the trial, not the worker.
            if end.code is None or end.code == 0:
                return _RAN
            text = f"exit {end.code}" if isinstance(end.code, int) else str(end.code)
        except BaseException as fault:
            traceback.print_exc()
            text = "".join(traceback.format_exception_only(type(fault), fault)).strip()
            text += _place_of(fault)
        encoded = text.encode("utf-8", "replace")[: error_bytes - 1]
        encoded = encoded.decode("utf-8", "ignore").encode() + b"\0"
        ctypes.memmove(error, encoded, len(encoded))
        return _FAILED

    def leave(self, context: Any) -> int:
        try:
            return 1 if self._interrupts.seen or self.raised is not None else 0
        except BaseException as error:  # of a signal handler of the program's own
            self.raised = error
            return 1


def _place_of(fault: BaseException) -> str:
    """ (train.py:12), the innermost line; a syntax error says its place itself."""
    frames = traceback.extract_tb(fault.__traceback__)
    if not frames or isinstance(fault, SyntaxError):
        return ""
    return f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})"


def run_worker(
    function: Callable[[Trial], Any],
    sweep: str = "@last",
    count: Optional[int] = None,
    *,
    url: Optional[str] = None,
    device: Optional[str] = None,
    folder: _TextPath = None,
    key: _TextPath = None,
    server_key: _TextPath = None,
    wait_seconds: Optional[float] = None,
) -> WorkerResult:
    """Takes trials of a sweep and calls `function(trial)` for each, one after another on this
    thread, until the sweep has no more or `count` are done.

    An exception fails its trial, with its text, and the next trial is taken; so does sys.exit()
    with a code other than 0. TrialStopped ends it as it should end. Ctrl-C gives the trial back to
    the queue and raises KeyboardInterrupt here, once the broker knows.

    `sweep` is an id, a unique prefix of one, a name or "@last". The rest is as in `scopa worker`:
    `url` of the broker, else SCOPA_URL, else the one that runs in the folder; `key` and `server_key`, files for a broker with keys;
    `device`, shown with the trials ("cuda:0"); trial folders go to `folder`/trials, else .scopa. A
    broker that is away at the start is waited for: `wait_seconds`, else a minute, ten under SLURM.

    Raises WorkerError where the broker is out of reach or refuses.
    """
    library = workers()
    try:
        url = _broker.find(url, None if folder is None else Path(folder), wait_seconds)
    except TimeoutError as error:
        raise WorkerError(str(error), WorkerResult()) from None
    options = WorkerOptions(
        struct_bytes=ctypes.sizeof(WorkerOptions),
        url=_encoded(url),
        sweep=_encoded(sweep),
        count=_count(count),
        device=_encoded(device),
        folder=_encoded(folder),
        key=_encoded(key),
        server_key=_encoded(server_key),
    )
    raw = _RawResult(struct_bytes=ctypes.sizeof(_RawResult))
    with _Interrupts() as interrupts:
        calls = _Calls(function, interrupts)
        failed = library.scopa_run_worker_until(
            ctypes.byref(options), TRAIN(calls.train), LEAVE(calls.leave), None, ctypes.byref(raw)
        )
        seen = interrupts.seen
    if calls.raised is not None:
        raise calls.raised
    if seen:
        raise KeyboardInterrupt
    result = WorkerResult(*(int(getattr(raw, name)) for name in WorkerResult._fields))
    if failed:
        text = bytes(raw.error).decode("utf-8", "replace") or "the worker failed"
        raise WorkerError(text, result)
    return result


def _count(count: Optional[int]) -> int:
    if count is None:
        return 0
    if count <= 0:
        raise ValueError(f"count is at least 1, not {count}; without it: as many as there are")
    return count


def _encoded(text: _TextPath) -> Optional[bytes]:
    return None if text is None else os.fsencode(text)
