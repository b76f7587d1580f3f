"""What differs between the facts of two trees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from threatmodel.extract.fact import Extract, Fact, Unread

State = Literal["added", "removed", "changed"]
Side = Literal["source", "baseline"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Spot:
    """A file of one of the two trees and a line of it, 0 for none: the newer tree's, the older one's for what is gone."""

    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChange:
    """One fact that came, went or says something else. Equal changes in several files are one, with several places."""

    state: State
    name: str
    before: str
    after: str
    places: tuple[Spot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchecked:
    """What could not be compared: which tree, where and why."""

    side: Side
    path: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Changes by name. `new_files`: globs that match nothing in the older tree, so all they match is told as added."""

    changes: tuple[FactChange, ...]
    unchecked: tuple[Unchecked, ...]
    new_globs: tuple[str, ...]


def compare(older: Extract, newer: Extract) -> Comparison:
    """The difference. A file that one side could not read is compared on neither, and told.

    A glob that matches nothing in the newer tree is told as not checked: its files may be gone or elsewhere.
    """
    unchecked = [
        *_unread("baseline", older.unread),
        *_unread("source", newer.unread),
        *(
            Unchecked(side="source", path=glob, line=0, reason=f"no file matches{also}")
            for glob in newer.empty
            for also in (" here or in the baseline" if glob in older.empty else "",)
        ),
    ]
    blind = frozenset(
        item.path for side in (older, newer) for item in side.unread if item.path not in side.files
    )
    before, after = _by_identity(older.facts, blind), _by_identity(newer.facts, blind)
    found: dict[tuple[State, str, str, str], list[Spot]] = {}
    for identity in sorted({*before, *after}):
        old, new = before.get(identity, ()), after.get(identity, ())
        if bool(old) == bool(new) and {fact.detail for fact in old} == {fact.detail for fact in new}:
            continue
        was, now = _shown(old), _shown(new)
        state: State = "added" if not old else "removed" if not new else "changed"
        spots = [Spot(path=fact.path, line=fact.line) for fact in new or old]
        found.setdefault((state, identity[1], was, now), []).extend(spots)
    return Comparison(
        changes=tuple(
            FactChange(state=key[0], name=key[1], before=key[2], after=key[3], places=tuple(sorted(spots)))
            for key, spots in sorted(found.items())
        ),
        unchecked=tuple(unchecked),
        new_globs=tuple(glob for glob in older.empty if glob not in newer.empty),
    )


def _unread(side: Side, items: Iterable[Unread]) -> Iterable[Unchecked]:
    return (Unchecked(side=side, path=item.path, line=item.line, reason=item.reason) for item in items)


def _by_identity(facts: Sequence[Fact], blind: frozenset[str]) -> dict[tuple[str, str], list[Fact]]:
    out: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        if fact.path not in blind:
            out.setdefault(fact.identity, []).append(fact)
    return out


def _shown(facts: Iterable[Fact]) -> str:
    return "; ".join(sorted({fact.shown for fact in facts if fact.detail}))
