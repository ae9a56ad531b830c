"""wandb.config and wandb.summary."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Iterator, List, Mapping, Set, Tuple

from ._notes import tell_once
from ._params import nested, plain, read_text
from ._trial import Trial

_Path = Tuple[str, ...]


def as_mapping(config: Any) -> Mapping[str, Any]:
    """What may be given as `config=`: a dict, argparse's or absl's flags, anything with keys."""
    if config is None:
        return {}
    if isinstance(config, Mapping):
        return config
    if isinstance(config, (str, os.PathLike)):
        tell_once("config file", f"wandb.init(config={config!r}): files are not read; pass a dict")
        return {}
    flags = getattr(config, "flag_values_dict", None)
    if callable(flags):
        return dict(flags())
    if hasattr(config, "keys"):
        return dict(config)
    if hasattr(config, "__dict__"):  # argparse.Namespace and the like
        return dict(vars(config))
    raise TypeError(f"a config is a dict or argparse's namespace, not {type(config).__name__}")


class Config:
    """The configuration: what the sweep chose, which nothing replaces, over what the script sets.
    Nested parameters are dicts; `config["optimizer.lr"]` finds them too."""

    def __init__(self, trial: Trial) -> None:
        chosen = trial.params.chosen()
        tree = plain(nested(chosen))
        self.__dict__["_trial"] = trial
        self.__dict__["_items"] = tree
        self.__dict__["_locked"] = {tuple(name.split(".")) for name in chosen}

    # ---- reading -------------------------------------------------------------------------------

    def __getitem__(self, name: str) -> Any:
        return self._read(name, KeyError)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._read(name, AttributeError)

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self._read(name, KeyError)
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        try:
            self._read(str(name), KeyError)
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._items))

    def __len__(self) -> int:
        return len(self._items)

    def keys(self) -> List[str]:
        return list(self._items)

    def values(self) -> List[Any]:
        return [self[name] for name in self._items]

    def items(self) -> List[Tuple[str, Any]]:
        return [(name, self[name]) for name in self._items]

    def as_dict(self) -> Dict[str, Any]:
        return dict(self.items())

    def __repr__(self) -> str:
        return repr(dict(self._items))

    # ---- writing -------------------------------------------------------------------------------

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def __setattr__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def update(self, values: Any, allow_val_change: Any = None) -> None:
        for name, value in as_mapping(values).items():
            self._put(self._items, (), str(name), value, replace=True)

    def setdefaults(self, values: Any) -> None:
        for name, value in as_mapping(values).items():
            self._put(self._items, (), str(name), value, replace=False)

    def update_locked(self, values: Any, user: Any = None, _allow_val_change: Any = None) -> None:
        self.update(values)

    def persist(self) -> None:
        pass

    # ---- the rest ------------------------------------------------------------------------------

    def _read(self, name: str, error: Callable[[str], Exception]) -> Any:
        place: Any = self._items
        if name in place:
            self._note(name)
            return place[name]
        for part in name.split("."):
            if not isinstance(place, Mapping) or part not in place:
                return self._from_command_line(name, error)
            place = place[part]
        self._note(name)
        return place

    def _from_command_line(self, name: str, error: Callable[[str], Exception]) -> Any:
        text = self._trial.params.from_command_line(name)
        if text is not None:
            return read_text(text)
        has = ", ".join(self._items) or "nothing"
        raise error(f"wandb.config has no `{name}`; it has {has}")

    def _note(self, name: str) -> None:
        """The library hears which parameters are read."""
        path = tuple(name.split("."))
        for locked in self._locked:
            if locked[: len(path)] == path:
                self._trial.params.note(".".join(locked))

    def _put(
        self, place: Dict[str, Any], path: _Path, name: str, value: Any, replace: bool
    ) -> None:
        here = path + (name,)
        locked: Set[_Path] = self._locked
        if here in locked or tuple(".".join(here).split(".")) in locked:
            if replace:
                self._tell_locked(".".join(here), value)
        elif isinstance(value, Mapping) and isinstance(place.get(name), dict):
            for key, below in value.items():
                self._put(place[name], here, str(key), below, replace)
        elif any(other[: len(here)] == here for other in locked):
            self._tell_locked(".".join(here), value)
        elif replace or name not in place:
            place[name] = dict(value) if isinstance(value, Mapping) else value

    def _tell_locked(self, name: str, value: Any) -> None:
        now = self.get(name)
        try:
            same = bool(now == value)
        except Exception:  # arrays
            same = False
        if not same:
            text = f"wandb.config: `{name}` stays {now!r}, which the sweep chose"
            tell_once(("locked", name), text)


class Summary:
    """The last value of each metric, and what the script puts there. A number that is put there is
    logged too: sweeps often aim at such a one."""

    def __init__(self, log: Callable[[Mapping[str, Any]], None]) -> None:
        self.__dict__["_log"] = log
        self.__dict__["_items"] = {}

    def note(self, name: str, value: Any) -> None:
        self._items[name] = value

    def __getitem__(self, name: str) -> Any:
        return self._items[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._items:
            raise AttributeError(name)
        return self._items[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self._items.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._items))

    def __len__(self) -> int:
        return len(self._items)

    def keys(self) -> List[str]:
        return list(self._items)

    def items(self) -> List[Tuple[str, Any]]:
        return list(self._items.items())

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def __setattr__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def __delitem__(self, name: str) -> None:
        del self._items[name]

    def update(self, values: Any = None, **more: Any) -> None:
        new = {**dict(values or {}), **more}
        self._items.update(new)
        self._log(new)

    def __repr__(self) -> str:
        return repr(self._items)
