"""Options that code passes to the programs that it starts."""

from __future__ import annotations

import re

import re2

from threatmodel.extract.code import TEXTS, Code, Level, Visit
from threatmodel.extract.fact import Fact, Read, Spec

_PLACEHOLDER = re.compile(r"\{[^{}]*\}|%[+#]?[a-zA-Z]")
_ANY = "%"
_AROUND = frozenset(
    {
        "literal_element",
        "reference_expression",
        "field_expression",
        "selector_expression",
        "parenthesized_expression",
        "call_expression",
    }
)
_LISTS = frozenset({"argument_list", "literal_value", "arguments", "array_expression", "token_tree"})
_CALLED = frozenset({"arguments", "argument_list", "token_tree"})
_NO_VALUES = frozenset(
    {"attribute", "attribute_item", "inner_attribute_item", "import_spec", "field_declaration"}
)
_LONGEST = 80
_MOST = 8


def arguments(text: str, path: str, spec: Spec) -> Read:
    """A fact for each part of a text that the pattern of the settings matches whole; commas part a text.

    What a format puts in is `%`. The detail of a part that begins with `-` is the text that follows in the same list,
    where one does and is no option itself. Tests, attributes and imports tell nothing. Raises: Unparsable.
    """
    code = Code(text, path)
    matches = re2.compile(spec.pattern).fullmatch
    lines: dict[str, int] = {}
    values: dict[str, set[str]] = {}
    for visit in code.walk(*TEXTS):
        value = None if visit.level.kind in _NO_VALUES else code.syntax.value(visit.node)
        if not value:
            continue
        found = [part for part in _PLACEHOLDER.sub(_ANY, value).strip().split(",") if matches(part)]
        for part in found:
            lines.setdefault(part, code.line(visit.node))
        option = _option_before(visit, found)
        if option.startswith("-") and not found and len(value) <= _LONGEST and "\n" not in value:
            values.setdefault(option, set()).add(_PLACEHOLDER.sub(_ANY, value))
    return Read(
        facts=[
            Fact(kind=spec.kind, name=name, detail=_shown(values.get(name, set())), path=path, line=line)
            for name, line in lines.items()
        ]
    )


def _shown(values: set[str]) -> str:
    more = f"; and {len(values) - _MOST} more" if len(values) > _MOST else ""
    return "; ".join(sorted(values)[:_MOST]) + more


def _option_before(visit: Visit, found: list[str]) -> str:
    """The option right before a text in the same list, empty without one. The text is noted for what follows it."""
    at: Level = visit.level
    start = visit.node.start_byte
    for _ in range(_MOST):
        if at.kind in _AROUND and at.node.start_byte == start and at.outer is not None:
            at = at.outer
        elif at.start == start and at.outer is not None and _wraps(at, at.outer):
            at = at.outer
            start = at.start if at.kind == "token_tree" else at.node.start_byte
    if at.kind not in _LISTS or at.start != start:
        return ""
    element, option = at.mark
    at.mark = (at.commas, found[0] if len(found) == 1 else "")
    return option if element == at.commas - 1 else ""


def _wraps(inner: Level, outer: Level) -> bool:
    """Whether arguments are one alone, of a function: `String::from("--option")` stands for its argument."""
    if inner.kind not in _CALLED or inner.node.named_child_count != 1:
        return False
    called, sign, first = outer.before
    if called is None:
        return False
    if inner.kind == "token_tree":  # outer.start: nothing but the name of the function may stand before
        first = first if sign is not None and sign.type == "::" else called
        return called.type == "identifier" and first is not None and first.start_byte == outer.start
    return called.type in {"identifier", "scoped_identifier"}
