"""Attack paths in words, for the terminal, Markdown and documents."""

from __future__ import annotations

from collections.abc import Mapping

from threatmodel.analysis.paths import AttackPath, Change, Pair, PathStep, Separation
from threatmodel.system import Project, SystemModel

_CHANGES = {
    "opens": "a way opens",
    "loses-last-proven": "loses the last proven control",
    "weaker": "weaker",
    "other-path": "another way",
}
UNCHECKED = "No claim was checked: no control is proven here, and nothing says that a way is closed."
NAME_ONE = "Name a source tree."
NOBODY = (
    "No path was looked for: no adversary of the model has a foothold in this configuration. "
    "Nothing here says that there is no way."
)
NOTHING = (
    "No path was looked for: nothing in this configuration has an asset of the model. "
    "Nothing here says that there is no way."
)
CELLS = (
    "proven controls to defeat on the weakest path + those only claimed / steps; "
    "has: from the start only; –: the rules open no way; ?: not searched to the end"
)
SHORT = "–"


def counted(number: int, one: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{number} {one}{'' if number == 1 else 's'}"


def cell(pair: Pair) -> str:
    """A pair in a table."""
    path = pair.weakest
    if path is None:
        return {"start": "has", "none": SHORT, "nowhere": "", "not-searched": "?"}[pair.outcome]
    claimed = f"+{path.claimed}" if path.claimed else ""
    return f"{path.proven}{claimed}/{path.length}"


def cost(path: AttackPath) -> str:
    """What a path costs."""
    told = [counted(path.proven, "independent proven control")]
    if path.claimed:
        told.append(f"{path.claimed} only claimed")
    told.append(counted(path.length, "step"))
    if path.flaws:
        told.append(f"{path.flaws} of them with a mistake in code")
    return ", ".join(told)


def outcome(pair: Pair) -> str:
    """A pair without a path."""
    match pair.outcome:
        case "start":
            return f"has it from the start at {', '.join(pair.own)}; no way leads to it elsewhere"
        case "nowhere":
            return "the configuration has it nowhere"
        case "not-searched":
            return "the search stopped at its limit before it came there: whether there is a way is not known"
        case _:
            return "the rules that were asked open no way"


class Names:
    """What steps are told by: names of flows and elements of one configuration."""

    def __init__(self, project: Project, system: SystemModel) -> None:
        self.flows: Mapping[str, str] = {flow.id: flow.name for flow in system.flows}
        self.boundaries = {boundary.id: boundary.name for boundary in system.boundaries}
        self.elements = {element.id: element.name for element in system.elements}
        self.assets = {asset.id: asset.name for asset in project.data}
        self.adversaries = {adversary.id: adversary.name for adversary in project.adversaries}
        self.controls = {control.id: control.title for control in project.controls}

    def way(self, step: PathStep) -> str:
        """How a step is taken."""
        flow = f"{step.via} {self.flows[step.via]}" if step.via in self.flows else step.via
        match step.kind:
            case "flow":
                return f"over {flow}"
            case "data":
                return f"by data of its own in {flow}"
            case "reply":
                return f"as the receiver of {flow}"
            case "beside":
                return f"beside {flow}"
            case "spreads":
                return f"out of its confinement into {self.boundaries.get(step.via, step.via)}"
            case _:
                return f"a kernel has its machine: {self.boundaries.get(step.via, step.via)}"


_GIVES = {
    "takes": "takes it",
    "reads": "reads it",
    "changes": "changes it",
    "stops": "stops it",
    "spreads": "takes it",
}


def gives(step: PathStep) -> str:
    """What a step brings."""
    return _GIVES.get(step.effect, "takes it")


def controls(step: PathStep) -> str:
    """The controls that a step defeats; what else there is to say of its threat where there are none."""
    if step.defeats:
        return "defeats " + ", ".join(f"{item.control} ({item.state})" for item in step.defeats)
    return f"{step.status}: {step.reason}" if step.status else "nothing stands in the way"


def separated(found: Separation) -> list[str]:
    """What would separate the two, in sentences."""
    lines = []
    if found.controls is None:
        lines.append(
            f"No set of claimed controls separates them: {' → '.join(found.open_way)} has none that would."
        )
    elif not found.controls:
        lines.append("They are separated as it is.")
    else:
        told = ", ".join(f"{item.control} ({item.state})" for item in found.controls)
        least = (
            "The fewest controls"
            if found.exact
            else "Controls (the search for the fewest stopped at its limit)"
        )
        lines.append(f"{least} that separate them if they hold: {told}.")
    if found.narrowest is None:
        lines.append("A way takes no step that could be closed.")
    else:
        where = [f"{one} → {other}" for one, other in found.narrowest]
        shown = f": {', '.join(where)}" if len(where) <= 4 else ""
        lines.append(f"Fewest steps to close: {len(where)}{shown}.")
    return lines


def changed(told: Change) -> str:
    """What a failure does to a pair, in one line."""
    before = cost(told.before) if told.before else "no way"
    return f"{_CHANGES[told.what]}: {before} before, now {cost(told.after)}"
