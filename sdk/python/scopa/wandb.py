"""A stand-in for `wandb` in scripts that sweeps run: change `import wandb` to

    from scopa import wandb

and the script takes part in a Scopa sweep. docs/python.md says which calls there are; what is not
there does nothing or is an error, and is named once on stderr.
"""

from __future__ import annotations

import json
import os
import random
import string
import subprocess
import tempfile
from types import SimpleNamespace
from typing import Any, Callable, Iterator, List, Mapping, Optional, Union

from . import _broker, _program
from . import _wandb_absent as absent
from ._notes import tell
from ._trial import Trial
from ._trial import init as _join
from ._values import number_of
from ._wandb_config import Config, Summary
from ._wandb_run import Error, Run, begin
from ._worker import run_worker

__version__ = "0.0.0+scopa"
__all__ = [
    "Error",
    "Run",
    "agent",
    "config",
    "define_metric",
    "finish",
    "init",
    "log",
    "run",
    "summary",
    "sweep",
]

CommError = UsageError = Error
_run: Optional[Run] = None
_exit_code: Optional[int] = None  # that the last run was finished with


def init(
    project: Optional[str] = None,
    entity: Optional[str] = None,
    config: Any = None,
    reinit: Any = None,
    sync_tensorboard: Any = None,
    **more: Any,
) -> Run:
    """Joins the trial that runs here; by hand, a standalone trial with `config` and what the
    command line says. `config` gives defaults: what the sweep chose stays. Where a run is there
    already it is that one, unless `reinit` says otherwise. What else W&B's init() takes is
    taken."""
    global _run
    if sync_tensorboard:
        absent.tell("init(sync_tensorboard=True)")
    if _run is not None:
        if reinit in (None, False, "return_previous", "default"):
            _run.config.setdefaults(config)
            return _run
        _run.finish()
    _run = begin(_join(), config, {"project": project, "entity": entity, **more}, _over)
    return _run


def _over(finished: Run) -> None:
    global _run, _exit_code
    _exit_code = finished.exit_code
    if _run is finished:
        _run = None


def _the_run(call: str) -> Run:
    if _run is None:
        raise Error(f"wandb.init() comes before wandb.{call}")
    return _run


def log(
    data: Mapping[str, Any],
    step: Optional[int] = None,
    commit: Optional[bool] = None,
    sync: Optional[bool] = None,
) -> None:
    _the_run("log()").log(data, step, commit, sync)


def define_metric(name: str, step_metric: Any = None, **more: Any) -> SimpleNamespace:
    return _the_run("define_metric()").define_metric(name, step_metric, **more)


def finish(exit_code: Optional[int] = None, quiet: Optional[bool] = None) -> None:
    if _run is not None:
        _run.finish(exit_code, quiet)


join = finish


class _OfTheRun:
    """wandb.config and wandb.summary: those of the run, also where they were imported by name."""

    def __init__(self, part: str) -> None:
        self.__dict__["_part"] = part

    def _it(self) -> Any:
        return getattr(_the_run(self._part), self._part)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._it(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._it(), name, value)

    def __getitem__(self, name: str) -> Any:
        return self._it()[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._it()[name] = value

    def __contains__(self, name: object) -> bool:
        return name in self._it()

    def __iter__(self) -> Iterator[str]:
        return iter(self._it())

    def __len__(self) -> int:
        return len(self._it())

    def keys(self) -> List[str]:
        return list(self._it())

    def __repr__(self) -> str:
        return repr(self._it()) if _run is not None else f"<wandb.{self._part} before wandb.init()>"


config: Union[Config, Any] = _OfTheRun("config")
summary: Union[Summary, Any] = _OfTheRun("summary")


# ---- sweeps --------------------------------------------------------------------------------------


def sweep(
    sweep: Any,
    entity: Optional[str] = None,
    project: Optional[str] = None,
    prior_runs: Any = None,
) -> str:
    """Makes a sweep of a dict, or of a sweep file, by `scopa create`; returns its id. Where no
    broker is, one is started on this folder's store, for as long as this program runs."""
    if prior_runs:
        absent.tell("sweep(prior_runs=...)")
    if callable(sweep):
        sweep = sweep()
    if isinstance(sweep, (str, os.PathLike)):
        made = _program.call(["create", os.fspath(sweep), *_where()])
    else:
        with tempfile.TemporaryDirectory(prefix="scopa-") as folder:
            path = os.path.join(folder, "sweep.yaml")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(dict(sweep), file, indent=1, default=_plain)
            made = _program.call(["create", path, *_where()])
    tell(f"sweep {made}")
    return made


def _where() -> List[str]:
    url = _broker.ensure()
    return ["--url", url] if url else []


def _plain(value: Any) -> Any:
    number = number_of(value)
    if number is None:
        items = getattr(value, "tolist", None)
        return items() if callable(items) else list(value)
    return int(number) if number.is_integer() else number


def agent(
    sweep_id: str,
    function: Optional[Callable[[], Any]] = None,
    entity: Optional[str] = None,
    project: Optional[str] = None,
    count: Optional[int] = None,
    **more: Any,
) -> None:
    """Takes trials of a sweep and calls `function()` for each, in which init() joins the trial;
    without a function: `scopa worker`, which runs the sweep's program. Where no broker is, one is
    started, as by sweep()."""
    name = sweep_id.rsplit("/", 1)[-1]
    if function is None:
        limit = ["--count", str(count)] if count else []
        code = subprocess.call([_program.find(), "worker", name, *limit, *_where()])
        if code != 0:
            raise Error(f"`scopa worker {name}` failed: exit {code}")
        return
    train = function
    run_worker(lambda trial: _train(train, trial), name, count, url=_broker.ensure())


def _train(function: Callable[[], Any], trial: Trial) -> None:
    global _run, _exit_code
    _run = _exit_code = None  # a run that was begun outside is over
    chosen = " ".join(f"{key}={value}" for key, value in trial.params.chosen().items())
    tell(f"trial {trial.id} {chosen}")
    try:
        function()
    finally:
        finish(_exit_code)
    if _exit_code:
        raise RuntimeError(f"wandb.finish(exit_code={_exit_code})")


# ---- the rest ------------------------------------------------------------------------------------


def login(*arguments: Any, **named: Any) -> bool:
    """There is nothing to log in to."""
    return True


def setup(*arguments: Any, **named: Any) -> None:
    pass


require = ensure_configured = teardown = setup


class Settings(SimpleNamespace):
    """Taken and not looked at."""


def termlog(text: str = "", *arguments: Any, **named: Any) -> None:
    tell(text)


termwarn = termerror = termlog
plot = plots = absent.Plots()
errors = SimpleNamespace(CommError=Error, Error=Error, UsageError=Error)


def _generate_id(length: int = 8) -> str:
    return "".join(random.SystemRandom().choices(string.ascii_lowercase + string.digits, k=length))


util = SimpleNamespace(generate_id=_generate_id)


def __getattr__(name: str) -> Any:
    if name == "run":
        return _run
    if name in absent.MEDIA:
        return absent.media(name)
    if name in absent.NO_OPS or name in absent.REFUSED:
        return absent.function(name)
    raise AttributeError(f"wandb.{name} is not there in scopa.wandb (docs/python.md)")
