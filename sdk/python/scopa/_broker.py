"""Where the broker is, and one for as long as a script runs where none is: scripts that make sweeps
and run agents were written for a service that is always there."""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, List, Optional

from . import _program
from ._notes import tell

_FOLDER = Path(".scopa")
_DEFAULT = "tcp://127.0.0.1:7654"
_WAIT_S = 60.0
_WAIT_SLURM_S = 600.0
_TELL_AFTER_S = 1.0
_LOOK_EVERY_S = 0.1
_START_MAX_S = 30.0
_END_MAX_S = 30.0
_PR_SET_PDEATHSIG = 1


def _recorded(folder: Path = _FOLDER) -> List[str]:
    """Where the broker of that folder listens, or listened; its socket first, which needs no key."""
    try:
        found = (folder / "endpoint").read_text().split()
    except OSError:
        return []
    return sorted(found, key=lambda endpoint: not endpoint.startswith("ipc:"))


def _listens(endpoint: str) -> bool:
    """Whether anybody takes connections there."""
    kind, _, place = endpoint.partition("://")
    try:
        if kind == "ipc":
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(place)
            return True
        host, _, port = place.rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), timeout=1):
            return True
    except (OSError, ValueError):
        return False


def find(url: Optional[str], folder: Optional[Path], wait_seconds: Optional[float]) -> str:
    """The endpoint at which a broker listens: `url`, else SCOPA_URL, else the one of the folder,
    else the default place; waits for one that is away, and says so. To wait here leaves Ctrl-C its
    meaning. Raises TimeoutError."""
    given = url or os.environ.get("SCOPA_URL")
    if given and not given.startswith(("tcp://", "ipc://")):
        return given  # The library says what is wrong with it.
    if wait_seconds is None:
        wait_seconds = _WAIT_SLURM_S if os.environ.get("SLURM_JOB_ID") else _WAIT_S
    began, told = time.monotonic(), False
    while True:
        places = [given] if given else [*_recorded(folder or _FOLDER), _DEFAULT]
        for endpoint in places:
            if _listens(endpoint):
                return endpoint
        waited = time.monotonic() - began
        if waited > wait_seconds:
            raise TimeoutError(
                f"no broker answers at {', '.join(places)}; start one with `scopa broker`, "
                "or name another with url= or SCOPA_URL"
            )
        if waited > _TELL_AFTER_S and not told:
            told = True
            tell(f"no broker answers yet at {', '.join(places)}: waiting for {wait_seconds:.0f} s")
        time.sleep(_LOOK_EVERY_S)


def ensure() -> Optional[str]:
    """The endpoint of a broker that this process has started, or starts now, on this folder's
    store, and that ends with it. None where the commands find one by themselves: SCOPA_URL names
    it, or one runs here or at the default place."""
    global _own
    if _own is not None and _own.process.poll() is None:
        return _own.endpoint
    if os.environ.get("SCOPA_URL") or any(map(_listens, _recorded() + [_DEFAULT])):
        return None
    with tempfile.TemporaryFile("w+") as said:
        # Ctrl-C is for this process, which still has something to tell the broker then.
        process = subprocess.Popen(
            [_program.find(), "broker", "--listen", "tcp://127.0.0.1:*"],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        _own = _Own(process, os.getpid())
        atexit.register(_own.end)
        _own.endpoint = _wait_for(process, said)
    tell(f"no broker runs here: one serves .scopa at {_own.endpoint} until this program ends")
    return _own.endpoint


class _Own:
    def __init__(self, process: "subprocess.Popen[bytes]", owner: int) -> None:
        self.process = process
        self.owner = owner
        self.endpoint = ""

    def end(self) -> None:
        if os.getpid() != self.owner:  # This process was forked from the one that started it.
            return
        self.process.terminate()
        try:
            self.process.wait(_END_MAX_S)
        except subprocess.TimeoutExpired:  # A disk that hangs: nothing that was said is lost.
            self.process.kill()
            self.process.wait()


_own: Optional[_Own] = None


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_for(broker: "subprocess.Popen[bytes]", said: IO[str]) -> str:
    until = time.monotonic() + _START_MAX_S
    while broker.poll() is None and time.monotonic() < until:
        for endpoint in _recorded():
            if _listens(endpoint):
                return endpoint
        time.sleep(0.02)
    said.seek(0)
    raise RuntimeError(f"`scopa broker` did not start:\n{said.read().strip()}")
