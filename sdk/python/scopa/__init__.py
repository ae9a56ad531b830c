"""Scopa inside a Python trainer: parameters in, metrics out, and when to stop.

    import scopa

    trial = scopa.init()
    lr = trial.params.get("lr", 1e-3)
    for epoch in range(10):
        trial.log({"val/loss": train(lr)}, step=epoch)
        if trial.should_stop():
            break

Started by `scopa worker` or `scopa run` it takes part in the sweep; started by hand it trains with
the defaults, or what its command line says. `from scopa import wandb` is a stand-in for scripts
that were written for W&B. docs/python.md is the manual.

It needs Python 3.9 and libscopa, and nothing else.
"""

from ._library import LibraryNotFound
from ._params import Params
from ._program import ProgramNotFound
from ._trial import StopReason, Trial, TrialNotFound, TrialStopped, init
from ._worker import WorkerError, WorkerResult, run_worker

__all__ = [
    "LibraryNotFound",
    "Params",
    "ProgramNotFound",
    "StopReason",
    "Trial",
    "TrialNotFound",
    "TrialStopped",
    "WorkerError",
    "WorkerResult",
    "init",
    "run_worker",
]
