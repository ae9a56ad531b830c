"""One run of W&B's: the trial, seen by a script that was written for W&B."""

from __future__ import annotations

import fnmatch
import threading
from types import SimpleNamespace, TracebackType
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Type

from . import _wandb_absent as absent
from ._trial import Trial, TrialStopped
from ._values import flat, number_of, step_of
from ._wandb_config import Config, Summary, as_mapping



class Error(Exception):
    """wandb.Error"""


class Run:
    """Made by wandb.init(). `run.trial` is the scopa.Trial behind it."""

    def __init__(self, trial: Trial, settings: Mapping[str, Any], over: Callable[["Run"], None]):
        self.trial = trial
        self.config = Config(trial)
        self.summary = Summary(self._log_summary)
        self.id = "standalone" if trial.standalone else trial.id.replace("/", "-")
        self.name = settings.get("name") or self.id
        self.project = settings.get("project") or ""
        self.entity = settings.get("entity") or ""
        self.group = settings.get("group") or ""
        self.job_type = settings.get("job_type") or ""
        self.notes = settings.get("notes")
        self.tags = tuple(settings.get("tags") or ())
        self.dir = str(trial.folder)
        self.sweep_id = None if trial.standalone else trial.id.split("/")[0]
        self.url = self.sweep_url = self.project_url = None
        self.path = self.id
        self.resumed = False
        self.offline = True
        self.disabled = settings.get("mode") == "disabled"
        self.starting_step = 0
        self.start_time = 0.0
        self.settings = SimpleNamespace(mode=settings.get("mode"))
        self.exit_code: Optional[int] = None
        self._step = 0
        self._finished = False
        self._over = over
        self._thread = threading.get_ident()
        self._may_raise = True
        self._rules: List[Tuple[str, Optional[str], Optional[str]]] = []
        self._best: Dict[str, float] = {}
        self._last: Dict[str, float] = {}

    @property
    def step(self) -> int:
        return self._step

    @property
    def finished(self) -> bool:
        return self._finished

    # ---- metrics ---------------------------------------------------------------------------------

    def log(
        self,
        data: Mapping[str, Any],
        step: Optional[int] = None,
        commit: Optional[bool] = None,
        sync: Optional[bool] = None,
    ) -> None:
        """Logs at once. Without `step` all that is logged up to a call without `commit=False` is of
        one step. Ends the script, as scopa.TrialStopped, once the trial should stop; W&B ends such
        scripts from outside."""
        if self._finished:
            raise Error("wandb.log() after finish(): wandb.init() begins another run")
        if not isinstance(data, Mapping):
            raise ValueError("wandb.log() takes a dict")
        if commit is None:
            commit = step is None
        if step is not None:
            self._step = step_of(step)
        self._put(data)
        if commit:
            self._step += 1
        self._end_if_told()

    def define_metric(
        self,
        name: str,
        step_metric: Any = None,
        step_sync: Any = None,
        hidden: Any = None,
        summary: Optional[str] = None,
        goal: Optional[str] = None,
        overwrite: Any = None,
        **more: Any,
    ) -> SimpleNamespace:
        """`step_metric`: where its value is a whole number, that is the metric's step. `summary`:
        "min", "max", "mean", "best", "last" keep `name.min` and so on in the summary."""
        if step_metric is not None:
            step_metric = getattr(step_metric, "name", str(step_metric))
        if summary == "best":
            summary = "max" if goal == "maximize" else "min"
            self._rules.append((name, None, "best." + summary))
        self._rules.append((name, step_metric, summary))
        return SimpleNamespace(name=name, step_metric=step_metric, summary=summary, goal=goal)

    def _put(self, data: Mapping[str, Any]) -> None:
        points: Dict[str, float] = {}
        for name, value in flat(data, self.trial._goal):
            number = None if isinstance(value, absent.Absent) else number_of(value)
            if number is not None:
                points[name] = number
            elif not isinstance(value, absent.Absent):  # one that said so when it was made
                self.trial._tell_no_number(name, value)
            self.summary.note(name, value)
        self._last.update(points)
        by_step: Dict[int, List[Tuple[str, float]]] = {}
        for name, number in points.items():
            by_step.setdefault(self._step_of(name), []).append((name, number))
        if not self.disabled:
            for step, some in by_step.items():
                self.trial.log_numbers([*some, *self._kept(some)], step)

    def _step_of(self, name: str) -> int:
        for pattern, step_metric, _ in reversed(self._rules):
            if step_metric is None or step_metric == name or not _matches(name, pattern):
                continue
            value = self._last.get(step_metric)
            if value is not None and value == value and float(value).is_integer():
                return int(value)
        return self._step

    def _kept(self, points: List[Tuple[str, float]]) -> List[Tuple[str, float]]:
        """What define_metric() keeps of these: the sweep may aim at `name.max`."""
        kept: List[Tuple[str, float]] = []
        for name, number in points:
            for pattern, _, summary in self._rules:
                if summary is None or not _matches(name, pattern):
                    continue
                label, _, kind = summary.partition(".")
                key = f"{name}.{label}"
                value = self._reduced(key, kind or label, number)
                self.summary.note(key, value)
                if key == self.trial.goal:
                    kept.append((key, value))
        return kept

    def _reduced(self, key: str, kind: str, number: float) -> float:
        before = self._best.get(key)
        if kind == "mean":
            count = self._best.get(key + "#", 0.0) + 1
            self._best[key + "#"] = count
            number = number if before is None else before + (number - before) / count
        elif before is not None and kind in ("min", "max"):
            number = min(before, number) if kind == "min" else max(before, number)
        self._best[key] = number
        return number

    def _log_summary(self, values: Mapping[str, Any]) -> None:
        if self._finished or self.disabled:
            return
        numbers = [(name, number_of(value)) for name, value in flat(values, self.trial._goal)]
        self.trial.log_numbers([(n, v) for n, v in numbers if v is not None], self._step)

    # ---- the end ---------------------------------------------------------------------------------

    def should_stop(self) -> bool:
        """For scripts that save something first: who asks is not ended by log()."""
        self._may_raise = False
        return self.trial.should_stop()

    def _end_if_told(self) -> None:
        # Once: what a script logs while it ends must not end its cleaning up.
        if self._may_raise and threading.get_ident() == self._thread and self.trial.should_stop():
            self._may_raise = False
            raise TrialStopped(self.trial.stop_reason)

    def finish(self, exit_code: Optional[int] = None, quiet: Optional[bool] = None) -> None:
        if not self._finished:
            self._finished = True
            self.exit_code = exit_code
            self._over(self)

    join = finish

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.finish(0 if error is None or isinstance(error, TrialStopped) else 1)

    def get_url(self) -> None:
        return None

    get_project_url = get_sweep_url = get_url

    def project_name(self) -> str:
        return str(self.project)

    def __getattr__(self, name: str) -> Any:
        if name in absent.NO_OPS or name in absent.REFUSED:
            return absent.function(name, "run.")
        raise AttributeError(f"run.{name} is not there in scopa.wandb (docs/python.md)")

    def __repr__(self) -> str:
        return f"<wandb run {self.id}>"


def _matches(name: str, pattern: str) -> bool:
    return name == pattern or ("*" in pattern and fnmatch.fnmatchcase(name, pattern))


def begin(
    trial: Trial, config: Any, settings: Mapping[str, Any], over: Callable[[Run], None]
) -> Run:
    run = Run(trial, settings, over)
    run.config.setdefaults(as_mapping(config))
    return run
