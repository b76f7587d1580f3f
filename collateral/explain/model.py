"""`threatmodel explain --format json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from collateral.policy.model import Priority
from threatmodel.analysis import RiskLevel, Status
from threatmodel.analysis.explanation import Explanation
from threatmodel.core.diagnostics import Place
from threatmodel.system import ControlState, Stride


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFacts:
    """The rule: its texts, and the file that it stands in."""

    id: str
    pack: str
    title: str
    stride: Stride
    applies_to: Literal["flow", "element"]
    when: str
    description: str
    detection: str
    false_positives: str
    cwe: tuple[str, ...]
    capec: tuple[str, ...]
    attack: tuple[str, ...]
    references: tuple[str, ...]
    test: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingFacts:
    """The element or flow, and where the model makes it. `boundary` is that of the element, or of the flow's target;
    `source` and `target` are there for a flow."""

    kind: Literal["element", "flow"]
    id: str
    name: str
    boundary: str
    privilege: str
    source: str = ""
    target: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """A claim of a control. `counts`: its `when` fits the configuration. `state` is `not-checked` where no source was
    named."""

    text: str
    kind: str
    when: Mapping[str, tuple[str, ...]]
    counts: bool
    state: ControlState
    path: str = ""
    line: int = 0
    seen: str = ""
    detail: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlFacts:
    """A control that could bear on the threat: one that provides a class that the rule asks for."""

    id: str
    title: str
    provides: tuple[str, ...]
    state: ControlState
    claims: tuple[ClaimFacts, ...]
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The threat in the configuration, as every other command has it. `because` is the sentence of the criterion that
    gave the priority, `decision` what is decided or proposed."""

    status: Status
    reason: str
    risk: RiskLevel
    inherent: RiskLevel
    likelihood: int
    residual_likelihood: int
    impact: int
    priority: Priority
    because: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationRow:
    """The same question in another configuration. `there` is False where that has no such element or flow; `status` is
    None where the rule gives no threat."""

    name: str
    there: bool
    status: Status | None
    risk: RiskLevel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainFile:
    """A rule asked at an element or flow. `judged` is None where it gives no threat there. `checked_against` names the
    source that the claims were checked against, empty where none was named. `matrix` is that of the model, by
    likelihood and impact."""

    format: Literal["threatmodel/explain"] = "threatmodel/explain"
    version: Literal[1] = 1
    project: str
    threat: str
    rule: RuleFacts
    thing: ThingFacts
    explanation: Explanation
    judged: Judged | None
    checked_against: str
    controls: tuple[ControlFacts, ...]
    adversaries: Mapping[str, str]
    """Names of the adversaries by id."""
    names: Mapping[str, str]
    """Names of elements and boundaries by id."""
    matrix: tuple[tuple[RiskLevel, ...], ...]
    scales: Mapping[Literal["likelihood", "impact"], tuple[str, ...]]
    """What the numbers 1 to 5 mean."""
    configurations: tuple[ConfigurationRow, ...]
