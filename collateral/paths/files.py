"""`paths.json`, as the command line and the bundle write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from threatmodel.analysis.paths import Change, GoalKind, Limits, Pair, change
from threatmodel.rules.language import LEVELS
from threatmodel.system import DataAsset

if TYPE_CHECKING:
    from threatmodel.analysis.paths.find import Paths

DETAILED = 24
"""Pairs of a configuration up to which other paths and cuts are looked for unless asked otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationPaths:
    """The pairs of one configuration: every adversary that has a foothold in it with every goal that was asked for."""

    configuration: str
    adversaries: tuple[str, ...]
    goals: tuple[str, ...]
    pairs: tuple[Pair, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathsFile:
    """`threatmodel paths --format json` and `data/paths.json`.

    `source`: what claims were checked against, empty where none was; then no control is proven, and nothing here says
    that a way is closed. `without` are the controls that are taken to fail, `failing` they and those that fail with one.
    """

    format: Literal["threatmodel/paths"] = "threatmodel/paths"
    version: Literal[1] = 1
    project: str
    source: str
    goal_kind: GoalKind
    without: tuple[str, ...]
    failing: tuple[str, ...]
    limits: Limits
    configurations: tuple[ConfigurationPaths, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals:
    """What is asked for: ids of adversaries and goals, all of them where there are none."""

    kind: GoalKind = "asset"
    adversaries: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()


def paths_of(
    found: Paths, asked: Goals, *, before: Paths | None = None, detailed: bool | None = None
) -> ConfigurationPaths:
    """The pairs that are asked for, adversaries in the order of the model, goals the most valuable first.

    `before` is the same configuration without a failure. `detailed` asks for other paths and cuts; without a word they
    are there where the pairs are few.
    """
    adversaries = tuple(id_ for id_ in found.adversaries if not asked.adversaries or id_ in asked.adversaries)
    goals = tuple(asked.goals) if asked.goals else tuple(a.id for a in by_value(found))
    full = len(adversaries) * len(goals) <= DETAILED if detailed is None else detailed
    pairs = tuple(
        found.pair(adversary, asked.kind, goal, detailed=full) for adversary in adversaries for goal in goals
    )
    changes = []
    if before is not None:
        for after in pairs:
            told = change(before.pair(after.adversary, asked.kind, after.goal), after)
            if told is not None:
                changes.append(told)
    return ConfigurationPaths(
        configuration=found.system.configuration.name,
        adversaries=adversaries,
        goals=goals,
        pairs=pairs,
        changes=tuple(changes),
    )


def by_value(found: Paths) -> Sequence[DataAsset]:
    """The assets of the configuration: secrets first, then by the sum of their levels, then in the order of the model."""
    there = set(found.assets)
    return sorted((asset for asset in found.project.data if asset.id in there), key=_value)


def _value(asset: DataAsset) -> tuple[int, int]:
    levels = (asset.confidentiality, asset.integrity, asset.availability)
    return -int(asset.secret), -sum(LEVELS[level] for level in levels)
