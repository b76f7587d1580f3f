"""Attack paths as a picture of the system, and as an attack tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from threatmodel.analysis.paths import AttackPath, Pair, PathStep
from threatmodel.diagrams.sketch import Frame, Line, Shape, Sketch, Tone
from threatmodel.system import Element, Project, SystemModel

_KEY = (
    "red: open as the model stands; amber: a control is claimed and not proven; green: a proven control has to fail; "
    "grey: needs nothing",
    "thick: the weakest path of an adversary; dashed box: trust boundary; double line: goal",
)
_TREE_KEY = (*_KEY[:1], "OR: one of them is enough; AND: all of them, in the order of their numbers")
_TONE: dict[str, Tone] = {
    "open": "open",
    "contradicted": "open",
    "unverified": "claimed",
    "mitigated": "proven",
}


def tone(step: PathStep) -> Tone:
    """How a step stands: what of its controls is proven."""
    if not step.threat:
        return "plain"
    if any(item.proven for item in step.defeats):
        return "proven"
    return "claimed" if step.defeats else "open"


def path_sketch(pairs: Iterable[Pair], project: Project, system: SystemModel) -> Sketch:
    """The paths of the pairs in their trust boundaries, each step as a card on its way."""
    pairs = tuple(pair for pair in pairs if pair.weakest)
    elements = {element.id: element for element in system.elements}
    names = {adversary.id: adversary.name for adversary in project.adversaries}
    shapes: dict[str, Shape] = {}
    lines: dict[tuple[str, str], bool] = {}
    for pair in pairs:
        for place, path in enumerate(pair.paths or (pair.weakest,)):
            if path is not None:
                _along(path, pair, project, elements, shapes, lines, names, strong=place == 0)
    return Sketch(
        title=f"Attack paths: {project.name} ({system.configuration.name})",
        alt=_alt(pairs),
        caption=_KEY,
        shapes=tuple(shapes.values()),
        lines=tuple(Line(source=one, target=other, strong=strong) for (one, other), strong in lines.items()),
        frames=_frames(shapes.values(), system),
    )


def _along(
    path: AttackPath,
    pair: Pair,
    project: Project,
    elements: dict[str, Element],
    shapes: dict[str, Shape],
    lines: dict[tuple[str, str], bool],
    names: dict[str, str],
    *,
    strong: bool,
) -> None:
    def join(one: str, other: str) -> None:
        lines[one, other] = lines.get((one, other), False) or strong

    who, goal = f"a-{pair.adversary}", f"g-{pair.goal}"
    shapes.setdefault(who, Shape(id=who, head=names[pair.adversary], tone="adversary"))
    if path.steps:
        _element(path.steps[0].source, elements, shapes)
        join(who, f"e-{path.steps[0].source}")
    for step in path.steps:
        card = f"s-{step.source}-{step.target}-{step.threat or step.kind}"
        shapes.setdefault(card, _card(step, card))
        join(f"e-{step.source}", card)
        if step.target in elements:
            _element(step.target, elements, shapes)
            join(card, f"e-{step.target}")
        else:
            join(card, goal)
    if pair.goal_kind == "asset":
        asset = next(asset for asset in project.data if asset.id == pair.goal)
        shapes.setdefault(goal, Shape(id=goal, head=asset.name, tone="goal"))
        if path.found and path.steps:
            join(f"e-{path.steps[-1].target}", goal)
    else:
        at = f"e-{pair.goal}"
        shapes[at] = Shape(id=at, head=shapes[at].head, tone="goal", inside=shapes[at].inside)


def _element(id_: str, elements: dict[str, Element], shapes: dict[str, Shape]) -> None:
    element = elements[id_]
    shape = Shape(id=f"e-{id_}", head=element.name, tone=element.kind, inside=element.boundary)
    shapes.setdefault(shape.id, shape)


def _card(step: PathStep, id_: str) -> Shape:
    return Shape(id=id_, head=step.threat or "rules its machine", lines=tuple(_said(step)), tone=tone(step))


def _said(step: PathStep) -> list[str]:
    if not step.threat:
        return ["code with a kernel's rights"]
    stands = [f"to defeat: {item.control} ({item.state})" for item in step.defeats]
    return [step.title, *(stands or [step.status]), *(["needs a mistake in code"] if step.needs_flaw else [])]


def _frames(shapes: Iterable[Shape], system: SystemModel) -> tuple[Frame, ...]:
    boundaries = {boundary.id: boundary for boundary in system.boundaries}
    needed: set[str] = set()
    for shape in shapes:
        at: str | None = shape.inside or None
        while at is not None and at not in needed:
            needed.add(at)
            at = boundaries[at].parent
    return tuple(
        Frame(id=boundary.id, name=boundary.name, parent=boundary.parent or "")
        for boundary in system.boundaries
        if boundary.id in needed
    )


def _alt(pairs: Sequence[Pair]) -> str:
    told = [
        f"{pair.adversary} to {pair.goal}: {' then '.join(step.target for step in pair.weakest.steps)}"
        for pair in pairs
        if pair.weakest
    ]
    return f"Weakest paths. {'. '.join(told)}."


def tree_sketch(pairs: Iterable[Pair], project: Project, system: SystemModel) -> Sketch:
    """The attack tree of one goal: one of its adversaries, one of the paths of each, all steps of a path, and for a step
    all controls that have to fail."""
    pairs = tuple(pair for pair in pairs if pair.weakest)
    names = {adversary.id: adversary.name for adversary in project.adversaries}
    elements = {element.id: element.name for element in system.elements}
    goals = {asset.id: asset.name for asset in project.data} | elements
    goal = pairs[0].goal if pairs else ""
    shapes = [Shape(id="goal", head=goals.get(goal, goal), lines=("OR",), tone="goal")]
    lines: list[Line] = []

    def put(shape: Shape, above: str, *, strong: bool) -> None:
        shapes.append(shape)
        lines.append(Line(source=above, target=shape.id, strong=strong))

    for at, pair in enumerate(pairs):
        above = f"a{at}"
        put(
            Shape(id=above, head=names[pair.adversary], lines=("OR",), tone="adversary"), "goal", strong=False
        )
        for place, path in enumerate(pair.paths or (pair.weakest,)):
            if path is None:
                continue
            key, strong = f"{above}p{place}", place == 0
            told = f"{path.proven} proven, {path.claimed} only claimed"
            head = "weakest path" if strong else f"path {place + 1}"
            put(Shape(id=key, head=head, lines=(told, "AND"), tone="plain"), above, strong=strong)
            for number, step in enumerate(path.steps, start=1):
                card = f"{key}s{number}"
                put(_leaf(step, card, number, goals), key, strong=strong)
                for count, item in enumerate(step.defeats):
                    failing = Shape(
                        id=f"{card}c{count}",
                        head=f"{item.control} fails",
                        lines=(item.state,),
                        tone="proven" if item.proven else "claimed",
                    )
                    put(failing, card, strong=strong)
    return Sketch(
        title=f"Attack tree: {goals.get(goal, goal)} ({system.configuration.name})",
        alt=_alt(pairs),
        caption=_TREE_KEY,
        shapes=tuple(shapes),
        lines=tuple(lines),
    )


def _leaf(step: PathStep, id_: str, number: int, names: dict[str, str]) -> Shape:
    to = names.get(step.target, step.target)
    head = f"{number}  {names.get(step.source, step.source)} → {to}"
    lines = [f"{step.threat}: {step.title}" if step.threat else "a kernel has its machine"]
    if step.threat and not step.defeats:
        lines.append(step.status)
    if step.needs_flaw:
        lines.append("needs a mistake in code")
    gate = ("AND",) if len(step.defeats) > 1 else ()
    return Shape(id=id_, head=head, lines=(*lines, *gate), tone=tone(step))
