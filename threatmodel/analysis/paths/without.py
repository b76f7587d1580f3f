"""What changes for a pair if controls fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from threatmodel.analysis.paths.values import AttackPath, Pair

What = Literal["opens", "loses-last-proven", "weaker", "other-path"]
"""`opens`: there was no way before. `loses-last-proven`: no proven control is left on the weakest path. `weaker`: it
costs less. `other-path`: it costs the same over other steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The weakest path of a pair before and after."""

    what: What
    adversary: str
    goal: str
    before: AttackPath | None
    after: AttackPath


def change(before: Pair, after: Pair) -> Change | None:
    """What the failure does to the pair; None where nothing changes. A failing control makes no path stronger."""
    new, old = after.weakest, before.weakest
    if new is None:
        return None
    what = _what(old, new)
    if what is None:
        return None
    return Change(what=what, adversary=after.adversary, goal=after.goal, before=old, after=new)


def _what(old: AttackPath | None, new: AttackPath) -> What | None:
    if old is None:
        return "opens"
    if old.proven and not new.proven:
        return "loses-last-proven"
    if cost(new) < cost(old):
        return "weaker"
    same = [(step.source, step.target) for step in old.steps] == [
        (step.source, step.target) for step in new.steps
    ]
    return None if same else "other-path"


def cost(path: AttackPath) -> tuple[int, int, int, int]:
    """What paths are ordered by, the weakest first."""
    return path.proven, path.claimed, path.flaws, path.length
