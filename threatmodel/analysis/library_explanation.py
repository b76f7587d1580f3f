"""Why a rule of pytm's library gives a threat at an element or flow, or does not, as far as its language tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from threatmodel.analysis.evaluation import Answer, Seen, shown
from threatmodel.analysis.explanation import Answered, Explanation, PartAnswer
from threatmodel.analysis.library import matches
from threatmodel.rules.pytm.outline import PytmOutline, pytm_outline
from threatmodel.rules.pytm.values import Node, Unsupported, Word, nodes_of
from threatmodel.rules.rule import Rule
from threatmodel.system import Project

_NO_ADVERSARY = "pytm's conditions ask for no adversary, so there is none, and no way to the place"
_NO_CONTROL = (
    "pytm's stated controls are parts of its condition; no claim stands behind them, so none mitigates"
)
_FIXED_RISK = "likelihood and impact are pytm's own for the threat, wherever it is"
_FORCED = "an override in the model forces the threat, whether or not the condition holds"
_LOOP = "asked of the items of a list; which of them decide is not told"


def explain_library(project: Project, rule: Rule, subject: str) -> Explanation:
    """The rule of pytm's library asked at the element or flow.

    Raises:
        InvalidInput: as `matches`.
        KeyError: pytm has no such element or flow.
    """
    library = rule.library
    if library is None:
        raise ValueError(f"{rule.id} is not of pytm's library")
    found = next((holds for _, node, holds in matches(project, [rule]) if node.id == subject), None)
    notes = [_NO_ADVERSARY, _NO_CONTROL, _FIXED_RISK]
    if library.not_evaluated:
        return _made(project, False, (), [f"the rule is not evaluated: {library.not_evaluated}"])
    model = project.pytm
    assert model is not None  # `matches` has looked
    position = {node.id: place for place, node in enumerate(model.nodes)}[subject]
    made = nodes_of(model)[position]
    classes = model.classes[model.nodes[position].cls].classes
    if not made.get("inScope", True):
        return _made(project, False, (), ["it is out of scope (inScope is False), so nothing is asked of it"])
    if library.targets.isdisjoint(classes):
        asked = f"it is asked of {', '.join(sorted(library.targets))}; this is a {classes[0]}"
        return _made(project, found is not None, (), [asked, *([_FORCED] if found is not None else [])])
    if found is False:
        notes.insert(0, _FORCED)
    parts = tuple(
        PartAnswer(
            text=part.text, adversarial=False, answers=(Answered(adversaries=(), answer=_answer(part, made)),)
        )
        for part in pytm_outline(rule.when.text or "False").top
    )
    return _made(project, found is not None, parts, notes)


def _made(project: Project, holds: bool, parts: tuple[PartAnswer, ...], notes: list[str]) -> Explanation:
    return Explanation(
        configuration=project.default_configuration, holds=holds, parts=parts, notes=tuple(notes)
    )


def _answer(part: PytmOutline, node: Node) -> Answer:
    value, raised = _asked(part.code, node)
    note = _LOOP * part.loop
    if raised == Unsupported.__name__:
        note = "not evaluated: it asks for something that is not carried over from pytm's objects"
    elif raised:
        note = f"raises {raised}, so it does not hold, as in pytm"
    return Answer(
        text=part.text,
        kind=part.kind,
        held=None if raised == Unsupported.__name__ else bool(value),
        seen=tuple(
            Seen(text=text, value=f"nothing: {wrong}" if wrong else _shown(value))
            for text, code in part.seen
            for value, wrong in (_asked(code, node),)
        ),
        parts=tuple(_answer(inner, node) for inner in part.parts),
        note=note,
    )


def _asked(code: Callable[[Any], Any], node: Node) -> tuple[Any, str]:
    """The value, or what it raised instead."""
    try:
        return code(node), ""
    except Exception as error:
        return None, type(error).__name__


def _shown(value: Any) -> str:
    match value:
        case Word():
            return f"{value.enum}.{value.word}"
        case Node():
            return str(value.get("name", "an object"))
        case None:
            return "None"
        case bool() | str():
            return shown(value)
        case int() | float():
            return str(value)
        case _:
            return f"a {type(value).__name__}"
