"""Threats: a rule that applies to one element or flow, with its status in every configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from threatmodel.analysis.risk import RiskLevel
from threatmodel.system import Stride

Status = Literal[
    "contradicted", "open", "unverified", "accepted", "transferred", "mitigated", "not-applicable"
]
STATUSES: tuple[Status, ...] = get_args(Status)
"""Worst first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a threat strikes: an element or a flow, by id."""

    kind: Literal["element", "flow"]
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatInConfiguration:
    """The threat in one configuration. `likelihood` and `impact` are 1..5, the highest over its adversaries.

    `inherent` is the level of the two, without controls; `risk` is the level of `residual_likelihood`, which is what
    proven mitigations leave of the likelihood, and `impact`.
    `controls` are those that the status rests on. `reason` says in words why the status is what it is.
    """

    status: Status
    risk: RiskLevel
    inherent: RiskLevel
    likelihood: int
    residual_likelihood: int
    impact: int
    controls: tuple[str, ...]
    adversaries: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """One threat. `status` and `risk` are the worst over the configurations."""

    id: str
    rule: str
    pack: str
    title: str
    description: str
    target: Target
    stride: Stride
    cwe: tuple[str, ...]
    capec: tuple[str, ...]
    attack: tuple[str, ...]
    status: Status
    risk: RiskLevel
    adversaries: tuple[str, ...]
    by_configuration: Mapping[str, ThreatInConfiguration]
    mitigated_by: tuple[tuple[str, ...], ...]
    disposition: str = ""
