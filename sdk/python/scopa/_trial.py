"""One trial of a sweep, seen from the program that trains it."""

from __future__ import annotations

import ctypes
import enum
import os
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Tuple, Type

from ._library import Handle, trials
from ._notes import tell_once
from ._params import Params
from ._values import flat, number_of, step_of


_NAME_BYTES_MAX = 256
_METRICS_MAX = 4096


class StopReason(enum.IntEnum):
    """Why a trainer should stop."""

    NONE = 0
    PRUNED = 1  #: other trials do better
    CANCELLED = 2  #: the sweep or the trial was cancelled
    FENCED = 3  #: somebody else runs this trial by now
    WORKER_EXIT = 4  #: the worker is going away
    DIVERGED = 5  #: the goal metric is NaN or infinite
    TIME_LIMIT = 6  #: the trial has run for the sweep's max_trial_time
    STEP_LIMIT = 7  #: the goal metric has reached max_steps: the trial is complete
    BUDGET = 8  #: the sweep's budget is used up
    OTHER = 255  #: one that this version of the package does not know

    @classmethod
    def _missing_(cls, value: object) -> "StopReason":
        return cls.OTHER


class TrialStopped(SystemExit):
    """Raised by Trial.report() once the trial should end. It is a SystemExit with code 0: who does
    not catch it ends the program quietly, as a trainer that was told to stop should end, and
    `except Exception` lets it pass."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(0)
        self.reason = reason

    def __str__(self) -> str:
        return f"the trial should stop: {self.reason.name.lower()}"


class TrialNotFound(RuntimeError):
    """A worker started this program for a trial, and nothing tells what its parameters are. With
    the defaults it would train something else than what was asked for."""


class Trial:
    """One trial. Made by scopa.init() or scopa.run_worker(). Any thread may use it, and after a
    fork both processes. No method waits for worker, broker or disk.

        trial = scopa.init()
        for epoch in range(10):
            loss = train(trial.params.get("lr", 1e-3))
            trial.log({"loss": loss}, step=epoch)
            if trial.should_stop():
                break
    """

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._library = trials()
        self._names: Dict[str, bytes] = {}
        self._next_step = 0
        self.params = Params(lambda: self._handle, self.standalone)
        self._goal = self.goal
        if not self.standalone:
            self._tell_error()

    # ---- metrics ---------------------------------------------------------------------------------

    def log(self, values: Mapping[str, Any], step: Optional[int] = None) -> None:
        """Logs metrics of one step and returns at once. Without `step`: the step after the last
        one, from 0. Nested dicts are metrics named by their path. A value that is no number is left
        out, which is told once."""
        at = self._next_step if step is None else step_of(step)
        points: List[Tuple[str, float]] = []
        for name, value in flat(values, self._goal):
            number = number_of(value)
            if number is None:
                self._tell_no_number(name, value)
            else:
                points.append((name, number))
        self.log_numbers(points, at)
        self._next_step = at + 1

    def log_numbers(self, points: List[Tuple[str, float]], step: int) -> None:
        """The least: names and numbers, at a step, which moves nothing on."""
        log, handle = self._library.scopa_trial_log, self._handle
        for name, number in points:
            encoded = self._names.get(name) or self._encoded(name)
            log(handle, encoded, len(encoded), step, number)

    def report(self, values: Mapping[str, Any], step: Optional[int] = None) -> None:
        """log(), and raises TrialStopped once the trial should end."""
        self.log(values, step)
        if self.should_stop():
            raise TrialStopped(self.stop_reason)

    @property
    def dropped(self) -> int:
        """Points that could not be kept."""
        return int(self._library.scopa_trial_dropped(self._handle))

    # ---- the way back ----------------------------------------------------------------------------

    def should_stop(self) -> bool:
        """True once the trial should end: save what is wanted and return."""
        return bool(self._library.scopa_trial_should_stop(self._handle))

    @property
    def stop_reason(self) -> StopReason:
        return StopReason(self._library.scopa_trial_stop_reason(self._handle))

    # ---- checkpoints -----------------------------------------------------------------------------

    def resume_step(self) -> int:
        """The step up to which the checkpoint at checkpoint_path holds everything, or -1: there is
        none. Who asks and gets a step is taken to go on after it; start_over() says otherwise."""
        step = int(self._library.scopa_trial_resume_step(self._handle))
        self._next_step = max(self._next_step, step + 1)
        return step

    def start_over(self) -> None:
        """The checkpoint cannot be used: this attempt starts from the beginning. Before the first
        point."""
        self._library.scopa_trial_start_over(self._handle)
        self._next_step = 0

    @property
    def checkpoint_path(self) -> Path:
        """Where this trial's checkpoint is read and written, a file or a folder of your making.
        Write beside it and rename."""
        return Path(os.fsdecode(self._library.scopa_trial_checkpoint_path(self._handle)))

    def checkpoint_saved(self, step: int) -> None:
        """It is saved and holds everything up to `step`, the last one that was logged."""
        self._library.scopa_trial_checkpoint_saved(self._handle, step_of(step))

    def checkpoint_requested(self) -> bool:
        """True once per request: save a checkpoint soon, the machine will be taken away."""
        return bool(self._library.scopa_trial_checkpoint_requested(self._handle))

    # ---- who am I --------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """"k3v9q2ha/17", or "standalone"."""
        return self._read("scopa_trial_id")

    @property
    def number(self) -> int:
        """Within its sweep, from 0."""
        return int(self._library.scopa_trial_number(self._handle))

    @property
    def attempt(self) -> int:
        """From 1; 0 in a standalone trial."""
        return int(self._library.scopa_trial_attempt(self._handle))

    @property
    def seed(self) -> int:
        """64 bits that belong to the trial; standalone: `--seed=N`, or 0. NumPy and others take 32
        of them: `trial.seed % 2**32`."""
        return int(self._library.scopa_trial_seed(self._handle))

    @property
    def folder(self) -> Path:
        """The trial's own folder for output; standalone: the current folder."""
        return Path(os.fsdecode(self._library.scopa_trial_folder(self._handle)))

    @property
    def goal(self) -> str:
        """The sweep's metric; empty in a standalone trial."""
        return self._read("scopa_trial_goal")

    @property
    def standalone(self) -> bool:
        """Whether no worker started this trial."""
        return bool(self._library.scopa_trial_standalone(self._handle))

    @property
    def rank(self) -> int:
        """Of this process in a distributed trainer. Ranks other than 0 log nothing."""
        return int(self._library.scopa_trial_rank(self._handle))

    @property
    def ok(self) -> bool:
        """False where a worker started this program and nothing tells for what: see TrialNotFound."""
        return bool(self._library.scopa_trial_ok(self._handle))

    @property
    def error(self) -> str:
        """The first thing that went wrong, one sentence; empty when nothing did."""
        return self._read("scopa_trial_error")

    # ---- the end ---------------------------------------------------------------------------------

    def finish(self) -> None:
        """Training is complete. What is logged afterwards is dropped and counted."""
        self._library.scopa_trial_finish(self._handle)
        _forget(self)

    def __enter__(self) -> "Trial":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        if error is None and not self.should_stop():
            self.finish()
        else:  # Told to stop, or broken off: there may be more to train.
            _forget(self)

    def __repr__(self) -> str:
        return f"<scopa.Trial {self.id}>"

    # ---- the rest --------------------------------------------------------------------------------

    def _let_go(self) -> None:
        """Its function has returned: points are dropped from now on. The handle is closed here,
        unless a thread of the function's is using it at this moment."""
        self._handle = Handle(None)

    def _read(self, function: str) -> str:
        text: bytes = getattr(self._library, function)(self._handle)
        return text.decode("utf-8", "replace")

    def _encoded(self, name: str) -> bytes:
        encoded = self._names[name] = name.encode("utf-8", "replace")
        if not 1 <= len(encoded) <= _NAME_BYTES_MAX or len(self._names) > _METRICS_MAX:
            tell_once(
                ("name", name),
                f"metric `{name[:64]}` is left out: a name has 1 to {_NAME_BYTES_MAX} bytes, "
                f"a trial at most {_METRICS_MAX} metrics",
            )
        return encoded

    def _tell_error(self) -> None:
        error = self.error
        if error:
            tell_once(("error", error), error)

    def _tell_no_number(self, name: str, value: Any) -> None:
        kind = type(value).__name__
        tell_once(
            ("no number", name), f"metric `{name}` is left out: {kind} is no number (told once)"
        )


# ---- the trial of this process -------------------------------------------------------------------

_lock = threading.Lock()
_of_process: Optional[Trial] = None
_of_threads: Dict[int, Trial] = {}  # those that run_worker() runs, by the thread that trains


def init(defaults: Optional[Mapping[str, Any]] = None) -> Trial:
    """The trial that this program was started for, or, within run_worker()'s function, the one
    that runs there; the same one each time. Without a sweep: a standalone trial, whose parameters
    are `defaults` or what the command line says (`--name=value`, `--name value`, `name=value`).

    Raises LibraryNotFound (an ImportError) where libscopa is not there, and TrialNotFound where a
    worker started this program and nothing tells for what.
    """
    global _of_process
    trial = running()
    if trial is None:
        with _lock:
            if _of_process is None:
                joined = Trial(Handle(_join()))
                if not joined.ok:
                    raise TrialNotFound(joined.error)
                _of_process = joined
            trial = _of_process
    if defaults:
        trial.params.add_defaults(defaults)
    return trial


def running() -> Optional[Trial]:
    """The trial that run_worker() runs on this thread, else, for a thread that its function has
    started, the latest one."""
    trial = _of_threads.get(threading.get_ident())
    if trial is None and _of_threads:
        trial = list(_of_threads.values())[-1]
    return trial


def begin_on_this_thread(trial: Trial) -> None:
    _of_threads[threading.get_ident()] = trial


def end_on_this_thread() -> None:
    trial = _of_threads.pop(threading.get_ident(), None)
    if trial is not None:
        trial._let_go()


def _forget(trial: Trial) -> None:
    global _of_process
    with _lock:
        if _of_process is trial:
            _of_process = None


def _join() -> Optional[int]:
    arguments = [os.fsencode(argument) for argument in sys.argv]
    argv = (ctypes.c_char_p * (len(arguments) + 1))(*arguments, None)
    pointer: Optional[int] = trials().scopa_trial_current(len(arguments), argv)
    return pointer
