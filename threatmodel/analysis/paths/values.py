"""What attack paths are told by. Plain values: nothing here needs the graph library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from threatmodel.analysis.threats import Status
from threatmodel.system import ControlState

Effect = Literal["takes", "spreads", "reads", "changes", "stops"]
"""`takes`: the adversary has the element. `spreads`: whoever has the element has more of its machine. `reads`, `changes`,
`stops`: confidentiality, integrity or availability of data at the place is lost, the element is not taken."""
StepKind = Literal["flow", "data", "reply", "beside", "spreads", "rules", "has"]
"""`flow`: over a flow that the adversary sends. `data`: over a flow that carries data which it wrote. `reply`: at the
sender of a flow that it receives. `beside`: on a flow whose end it can send to. `spreads`: out of the confinement of what
it took. `rules`: a kernel has its machine. `has`: the asset is where the adversary is."""
LABELS = 100_000
"""Labels that the search of one adversary settles at most."""
GoalKind = Literal["asset", "element"]
Outcome = Literal["path", "start", "none", "nowhere", "not-searched"]
"""`path`: there is a way. `start`: the adversary has it from the start, and no way leads to it elsewhere. `none`: the
rules that were asked open no way. `nowhere`: the configuration has the asset nowhere. `not-searched`: the search stopped
at its limit before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is listed and searched: for a pair `paths` of at most `steps` steps, the weakest of the `looked` shortest;
    for an adversary `labels` labels."""

    paths: int = 5
    steps: int = 8
    looked: int = 100
    labels: int = LABELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Defeated:
    """A control that must fail for a step. `proven`: it is verified or attested. `not_independent_of`: others that share
    its fate."""

    control: str
    state: ControlState
    proven: bool
    not_independent_of: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One step of a path. `threat` is empty where nothing is needed. `via`: the flow, or the boundary that a confinement
    or a kernel is in. `enters`: boundaries that the target is in and the source is not, outermost first. `other_threats`
    could make the same step."""

    kind: StepKind
    source: str
    target: str
    via: str
    enters: tuple[str, ...]
    effect: Effect | Literal[""]
    threat: str
    title: str
    status: Status | Literal[""]
    reason: str
    needs_flaw: bool
    defeats: tuple[Defeated, ...]
    other_threats: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackPath:
    """`proven` and `claimed`: independent controls to defeat. `flaws`: steps that need a mistake in code as well.
    `found`: why the asset is at the last element, empty where the last step itself reads or changes it."""

    proven: int
    claimed: int
    flaws: int
    length: int
    steps: tuple[PathStep, ...]
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """What would separate the two. `controls` is None where no set of claimed controls does; then `open_way` names the
    elements of a path that no control stops. `exact` is False where a smaller set may exist. `narrowest`: the fewest
    steps to close, as pairs of ids; None where a way takes no step."""

    controls: tuple[Defeated, ...] | None
    exact: bool
    open_way: tuple[str, ...]
    narrowest: tuple[tuple[str, str], ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An adversary and a goal. `own` are elements that have the asset and that the adversary has from the start. `paths`
    begins with the weakest; `complete`: no other path of at most the limit of steps exists. `paths` and `separation` are
    None where they were not asked for."""

    adversary: str
    goal_kind: GoalKind
    goal: str
    outcome: Outcome
    own: tuple[str, ...]
    weakest: AttackPath | None
    paths: tuple[AttackPath, ...] | None = None
    complete: bool | None = None
    separation: Separation | None = None
