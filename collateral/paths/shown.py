"""The attack paths of a release: every pair, and for each adversary one way in full with a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collateral.assessment import Assessment
from collateral.paths.files import Goals, PathsFile, by_value, paths_of
from threatmodel.analysis.dispositions import not_applicable
from threatmodel.analysis.paths import Limits, Pair
from threatmodel.diagrams.attack import path_sketch
from threatmodel.diagrams.engine import LayoutFailed, find_engine
from threatmodel.diagrams.sketch import Drawn, Sketch, draw

if TYPE_CHECKING:
    from threatmodel.analysis.paths.find import Paths

_MOST_DRAWN = 4
"""Pairs in one picture: with more of them its type becomes too small for a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPicture:
    """The ways to one goal. `drawn`, or the reason why there is no picture."""

    id: str
    sketch: Sketch
    drawn: Drawn | None
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackPaths:
    """`file` has every pair; `shown` for each adversary the weakest way to the most valuable asset that it can get, with
    what separates the two."""

    file: PathsFile
    shown: tuple[Pair, ...]
    pictures: tuple[PathPicture, ...]


def find_attack_paths(a: Assessment) -> AttackPaths:
    """The paths in the configuration of the documents, against the states of controls that the edition shows."""
    from threatmodel.analysis.paths.find import Paths

    found = Paths(
        a.project,
        a.system,
        a.rules,
        a.ledger.states if a.source.available else {},
        excluded=not_applicable(a.dispositions, a.configuration, a.date.date()),
        limits=Limits(),
    )
    file = PathsFile(
        project=a.project.id,
        source=_source(a),
        goal_kind="asset",
        without=(),
        failing=(),
        limits=found.limits,
        configurations=(paths_of(found, Goals(), detailed=False),),
    )
    shown = _shown(found)
    return AttackPaths(file=file, shown=shown, pictures=_pictures(shown, a))


def _source(a: Assessment) -> str:
    if not a.source.available:
        return ""
    return f"commit {a.source.commit[:12]}" if a.source.commit else "a folder"


def _shown(found: Paths) -> tuple[Pair, ...]:
    goals = [asset.id for asset in by_value(found)]
    pairs = []
    for adversary in found.adversaries:
        for goal in goals:
            weakest = found.pair(adversary, "asset", goal).weakest
            if weakest is not None and weakest.steps:
                pairs.append(found.pair(adversary, "asset", goal, detailed=True))
                break
    return tuple(pairs)


def _pictures(shown: Sequence[Pair], a: Assessment) -> tuple[PathPicture, ...]:
    by_goal: dict[str, list[Pair]] = {}
    for pair in shown:
        by_goal.setdefault(pair.goal, []).append(pair)
    pictures: list[PathPicture] = []
    names = {asset.id: asset.name for asset in a.project.data}
    for goal, pairs in by_goal.items():
        parts = range(0, len(pairs), _MOST_DRAWN)
        for number, start in enumerate(parts, start=1):
            weakest = [replace(pair, paths=None) for pair in pairs[start : start + _MOST_DRAWN]]
            part = f", part {number} of {len(parts)}" if len(parts) > 1 else ""
            sketch = path_sketch(weakest, a.project, a.system)
            sketch = replace(sketch, title=f"Attack paths to “{names[goal]}”{part}")
            id_ = f"paths-{len(pictures) + 1}"
            try:
                pictures.append(PathPicture(id=id_, sketch=sketch, drawn=draw(sketch, find_engine())))
            except LayoutFailed as error:
                pictures.append(PathPicture(id=id_, sketch=sketch, drawn=None, failed=str(error)))
    return tuple(pictures)
