"""A broker for as long as a script runs, where none is: scripts that make sweeps and run agents
were written for a service that is always there."""

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
_START_MAX_S = 30.0
_END_MAX_S = 30.0
_PR_SET_PDEATHSIG = 1


def _recorded() -> List[str]:
    """Where the broker of this folder listens, or listened."""
    try:
        return (_FOLDER / "endpoint").read_text().split()
    except OSError:
        return []


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
