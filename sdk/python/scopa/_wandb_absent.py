"""What W&B has and the stand-in has not: no-ops where a script trains as well without it, errors
where it would go on with nothing. Each is named once on stderr."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, Type

from ._notes import tell_once

#: Functions that leave nothing behind.
NO_OPS = frozenset(
    "alert link_artifact link_model log_artifact log_code log_model mark_preempting save unwatch "
    "upsert_artifact finish_artifact watch".split()
)
#: Functions whose result a script would work with.
REFUSED = frozenset("Api controller launch restore use_artifact use_model".split())
#: Classes of things to look at.
MEDIA = frozenset(
    "Artifact Audio Classes Graph Histogram Html Image JoinedTable Molecule Object3D Plotly Table "
    "Video".split()
)


class Absent:
    """Stands for an object that is not there: takes everything, does nothing."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        tell(type(self).__name__)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._nothing

    def _nothing(self, *arguments: Any, **named: Any) -> "Absent":
        return self

    def __enter__(self) -> "Absent":
        return self

    def __exit__(self, *error: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Plots:
    """wandb.plot: every function of it gives something that is not there."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return media("plot")


_media: Dict[str, Type[Absent]] = {}


def media(name: str) -> Type[Absent]:
    return _media.setdefault(name, type(name, (Absent,), {}))


def tell(name: str) -> None:
    tell_once(("absent", name), f"wandb.{name} does nothing here: Scopa keeps numbers (told once)")


def function(name: str, owner: str = "wandb.") -> Callable[..., Any]:
    def do_nothing(*arguments: Any, **named: Any) -> Absent:
        tell(name)
        return nothing()

    def refuse(*arguments: Any, **named: Any) -> Any:
        raise NotImplementedError(
            f"{owner}{name} is not there in scopa.wandb: it is of W&B's service (docs/python.md)"
        )

    return refuse if name in REFUSED else do_nothing


class _Nothing(Absent):
    def __init__(self) -> None:
        pass


def nothing() -> Absent:
    return _Nothing()
