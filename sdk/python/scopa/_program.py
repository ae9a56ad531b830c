"""The `scopa` program, for what only it can do."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import List, Optional

from ._library import built, installed

VARIABLE = "SCOPA_PROGRAM"


class ProgramNotFound(FileNotFoundError):
    """The program `scopa` is not there; the text says what to do."""


def find() -> str:
    """SCOPA_PROGRAM, else what is installed with this package, else PATH, else the build folders of
    the source tree that this package is in."""
    given = os.environ.get(VARIABLE)
    if given and os.path.isfile(given):
        return given
    if given:
        raise _not_found(f"no program `{given}`")
    folder = installed("programs")
    if folder is not None and (folder / "scopa").is_file():
        return str(folder / "scopa")
    in_path: Optional[str] = shutil.which("scopa")
    if in_path:
        return in_path
    for path in built("scopa", ""):
        return str(path)
    raise _not_found("no program `scopa` in PATH")


def _not_found(what: str) -> ProgramNotFound:
    return ProgramNotFound(
        f"{what}\nhelp: build it (scripts/build in Scopa's sources), or name it: "
        f"{VARIABLE}=/path/to/scopa"
    )


def call(arguments: List[str]) -> str:
    """What `scopa ARGUMENTS` prints; what it says on stderr is said there. Raises RuntimeError
    where it fails."""
    done = subprocess.run([find(), *arguments], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"`scopa {' '.join(arguments)}` failed: exit {done.returncode}")
    return done.stdout.strip()
