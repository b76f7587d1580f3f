"""A deployed configuration beside the nearest shipped one: what differs, what that opens, what to change first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from collateral.deployed.options import Deployed, Note
from collateral.policy import Priorities, Priority
from threatmodel.analysis import RISK_LEVELS, STATUSES, RiskLevel, Status, Threat
from threatmodel.analysis.threats import ThreatInConfiguration
from threatmodel.core.diagnostics import Place
from threatmodel.system import Configuration, Project

MINE = "deployed"
"""Name of the configuration as it is deployed."""
State = Literal["opened", "closed", "worse", "better", "unproven"]
"""`unproven`: mitigated as shipped, and as deployed by a control that nothing was found for."""
URGENCY: tuple[Priority, ...] = ("release-gating", "p1", "p2", "p3")
_UNSETTLED = frozenset({"open", "unverified", "contradicted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An option that is not as shipped. `origin`: the key or annotation that says so."""

    option: str
    shipped: str
    deployed: str
    origin: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatStep:
    """A threat that differs. `status` and `risk` are those of the side that has it, of the deployed one where both do."""

    id: str
    title: str
    state: State
    status: Status
    risk: RiskLevel
    priority: Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What setting one option back would do. `closes` and `opens` count threats by priority; `refused` is the rule that
    the change alone would break."""

    option: str
    to: str
    closes: Mapping[str, int]
    opens: Mapping[str, int]
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The result. `advice` has the most urgent change first."""

    project: str
    nearest: str
    description: str
    options: Mapping[str, str]
    differences: tuple[Difference, ...]
    threats: tuple[ThreatStep, ...]
    advice: tuple[Advice, ...]
    notes: tuple[Note, ...]
    statuses: Mapping[str, Mapping[str, int]]
    """Configuration to status to number of threats."""


def nearest(configurations: Sequence[Configuration], options: Mapping[str, str]) -> Configuration:
    """The named configuration of the same runtime and hypervisor that differs in the fewest of the options; the first
    of equals."""

    def distance(found: Configuration) -> tuple[int, int]:
        apart = [name for name, value in options.items() if found.options.get(name) != value]
        return sum(name in ("runtime", "hypervisor") for name in apart), len(apart)

    return min(configurations, key=distance)


def deployed_options(shipped: Configuration, deployed: Deployed) -> dict[str, str]:
    """The options of the deployment: what the files decide, over the nearest configuration."""
    return {**shipped.options, **deployed.options}


def without(shipped: Configuration, options: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """For each option that differs, the deployment with this one as shipped."""
    return {
        name: {**options, name: shipped.options[name]}
        for name, value in options.items()
        if shipped.options[name] != value
    }


def variant(option: str) -> str:
    """Name of the configuration with one option set back."""
    return f"{MINE}-without-{option}"


def compare_deployed(
    project: Project,
    threats: Sequence[Threat],
    priorities: Priorities,
    shipped: Configuration,
    deployed: Deployed,
    refused: Mapping[str, str],
) -> Comparison:
    """The comparison. The project has the configurations `shipped`, `MINE`, and a `variant` for each option that differs
    and is not in `refused`."""
    mine = project.system(MINE).configuration
    origins = {choice.option: choice for choice in deployed.choices}
    differences = tuple(
        Difference(
            option=name,
            shipped=shipped.options[name],
            deployed=mine.options[name],
            origin=origins[name].origin if name in origins else "",
            place=origins[name].place if name in origins else Place(""),
        )
        for name in mine.options
        if shipped.options[name] != mine.options[name]
    )
    steps = _steps(threats, shipped.name, MINE, priorities)
    advice = [_advice(item, threats, priorities, refused.get(item.option, "")) for item in differences]
    return Comparison(
        project=project.id,
        nearest=shipped.name,
        description=shipped.description,
        options=mine.options,
        differences=differences,
        threats=tuple(sorted(steps, key=_order)),
        advice=tuple(sorted(advice, key=_worth)),
        notes=deployed.notes,
        statuses={name: _counts(threats, name) for name in (shipped.name, MINE)},
    )


def _steps(threats: Sequence[Threat], before: str, after: str, priorities: Priorities) -> list[ThreatStep]:
    out = []
    for threat in threats:
        old, new = threat.by_configuration.get(before), threat.by_configuration.get(after)
        state = _state(old, new)
        if state is None:
            continue
        shown, name = (old, before) if state == "closed" else (new, after)
        assert shown is not None
        out.append(
            ThreatStep(
                id=threat.id,
                title=threat.title,
                state=state,
                status=shown.status,
                risk=shown.risk,
                priority=priorities.of_threat(threat, name).priority,
            )
        )
    return out


def _state(old: ThreatInConfiguration | None, new: ThreatInConfiguration | None) -> State | None:
    if old and new and (old.status, new.status) == ("mitigated", "unverified"):
        return "unproven"
    was = old is not None and old.status in _UNSETTLED
    now = new is not None and new.status in _UNSETTLED
    if was != now:
        return "opened" if now else "closed"
    if not (was and old and new) or (old.status, old.risk) == (new.status, new.risk):
        return None
    return "worse" if _badness(new) > _badness(old) else "better"


def _badness(found: ThreatInConfiguration) -> tuple[int, int]:
    return RISK_LEVELS.index(found.risk), -STATUSES.index(found.status)


def _advice(
    difference: Difference, threats: Sequence[Threat], priorities: Priorities, refused: str
) -> Advice:
    steps = [] if refused else _steps(threats, MINE, variant(difference.option), priorities)
    return Advice(
        option=difference.option,
        to=difference.shipped,
        closes=_tally(step for step in steps if step.state in ("closed", "better")),
        opens=_tally(step for step in steps if step.state in ("opened", "worse")),
        refused=refused,
    )


def _tally(steps: Iterable[ThreatStep]) -> dict[str, int]:
    found = [step.priority for step in steps]
    return {word: found.count(word) for word in URGENCY if word in found}


def _worth(advice: Advice) -> tuple[int, ...]:
    return tuple(advice.opens.get(word, 0) - advice.closes.get(word, 0) for word in URGENCY)


def _order(step: ThreatStep) -> tuple[int, int, str]:
    return (
        ("opened", "worse", "unproven", "better", "closed").index(step.state),
        _urgency(step.priority),
        step.id,
    )


def _urgency(priority: Priority) -> int:
    return URGENCY.index(priority) if priority in URGENCY else len(URGENCY)


def _counts(threats: Sequence[Threat], name: str) -> dict[str, int]:
    found = [t.by_configuration[name].status for t in threats if name in t.by_configuration]
    return {status: found.count(status) for status in STATUSES if status in found}
