"""Advisories of components held against the versions that a release takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from packaging.version import InvalidVersion, Version

from collateral.advisories import Pin, ThirdParty
from collateral.backtest.model import PinState
from threatmodel.claims.check import Tree
from threatmodel.core.errors import ThreatModelError
from threatmodel.core.text import fold
from threatmodel.readers.locked import locked_versions
from threatmodel.readers.values import Found, Unreadable, value_at

_SEEN_MAX = 160


def pin_states(entry: ThirdParty, trees: Mapping[str, Tree | str]) -> tuple[PinState, ...]:
    """What each pin says at each tag. `trees` holds the tree of a tag, or why it cannot be read."""
    states: list[PinState] = []
    for tag, tree in trees.items():
        if not entry.pins:
            states.append(PinState(tag=tag, state="unknown", reason=entry.unpinned))
        for pin in entry.pins:
            blank = PinState(tag=tag, path=pin.path, key=pin.key or pin.package, state="unknown")
            states += _states(entry, pin, blank, tree)
    return tuple(states)


def _states(entry: ThirdParty, pin: Pin, blank: PinState, tree: Tree | str) -> Iterator[PinState]:
    if isinstance(tree, str):
        yield blank.of(reason=tree, unread=True)
        return
    try:
        found = _found(pin, tree)
    except KeyError:
        yield blank.of(reason="the source has no such file")
        return
    except (Unreadable, ThreatModelError) as error:
        yield blank.of(reason=fold(str(error)), unread=True)
        return
    if not found:
        yield blank.of(reason="the file has no such key" if pin.key else "the file has no such package")
    for item in found:
        yield _judged(entry, pin, blank, item)


def _found(pin: Pin, tree: Tree) -> tuple[Found, ...]:
    data = tree.read(pin.path)
    if pin.package:
        return locked_versions(data, pin.path, pin.package)
    found = value_at(data, pin.path, pin.key)
    return () if found is None else (found,)


def _judged(entry: ThirdParty, pin: Pin, blank: PinState, item: Found) -> PinState:
    seen = fold(str(item.value))[:_SEEN_MAX]
    at = blank.of(line=item.line, seen=seen)
    if not isinstance(item.value, str):
        return at.of(reason="it is no text: YAML reads 1.10 as 1.1")
    version = pin.commits.get(item.value, item.value)
    if not _is_version(version):
        return at.of(reason="it is no version, and the record does not say which version it stands for")
    state = entry.affects(version)
    if state != "unknown":
        return at.of(state=state, reason="" if version == item.value else f"it stands for {fold(version)}")
    return at.of(reason=_why(entry))


def _is_version(text: str) -> bool:
    try:
        Version(text.removeprefix("v"))
    except InvalidVersion:
        return False
    return True


def _why(entry: ThirdParty) -> str:
    """Why the ranges do not judge a version."""
    if not entry.ranges:
        return "no range is known"
    return f"fixed in {' and '.join(entry.fixed)}, and since when the flaw is there is not known"
