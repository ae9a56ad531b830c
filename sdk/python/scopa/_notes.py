"""What a person is told on stderr, each thing once in a process."""

from __future__ import annotations

import sys
from typing import Hashable, Set

_told: Set[Hashable] = set()


def tell(text: str) -> None:
    try:
        sys.stderr.write(f"scopa: {text}\n")
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        pass  # There is no stderr, or it is closed: training goes on.


def tell_once(key: Hashable, text: str) -> None:
    if key not in _told:
        _told.add(key)
        tell(text)
