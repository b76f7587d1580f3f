"""Names that code uses, such as the system calls of a filter."""

from __future__ import annotations

import re2

from threatmodel.extract.code import Code, Level, Visit, shortened
from threatmodel.extract.fact import Fact, Read, Spec

_NAMES = ("identifier", "type_identifier", "field_identifier")
_PATHS = frozenset({"scoped_identifier", "selector_expression", "scoped_type_identifier"})
_MOST = 8


def names(text: str, path: str, spec: Spec) -> Read:
    """A fact for each name that the pattern of the settings matches whole, with the name before it: `libc::SYS_read`.

    The detail is what the name stands beside (the rest of its tuple, its place among the arguments of a call) and the
    `cfg` attributes it is compiled under. Raises: Unparsable.
    """
    code = Code(text, path)
    matches = re2.compile(spec.pattern).fullmatch
    lines: dict[str, int] = {}
    details: dict[str, set[str]] = {}
    for visit in code.walk(*_NAMES):
        name = code.qualified(visit)
        if matches(name):
            lines.setdefault(name, code.line(visit.node))
            details.setdefault(name, set()).add(_detail(code, visit))
    return Read(
        facts=[
            Fact(
                kind=spec.kind,
                name=name,
                detail=shortened("; ".join(filter(None, sorted(details[name])))),
                path=path,
                line=line,
            )
            for name, line in lines.items()
        ]
    )


def _detail(code: Code, visit: Visit) -> str:
    around: Level = visit.level
    for _ in range(_MOST):
        if around.kind in _PATHS and around.outer is not None:
            around = around.outer
    said, where = "", code.conditions(visit)
    if around.kind in {"arguments", "argument_list"} and around.outer is not None:
        function = around.outer.node.child_by_field_name("function")
        said = (
            f"argument {around.commas + 1} of {shortened(code.text(function))}"
            if function is not None
            else ""
        )
    elif around.kind in {"tuple_expression", "token_tree"}:
        said = _beside(code, visit, around)
    return ", ".join(filter(None, (said, f"if {where}" if where else "")))


def _beside(code: Code, visit: Visit, around: Level) -> str:
    """The rest of `(name, …)`, where the name begins it."""
    source = code.syntax.source
    rest = source[visit.node.end_byte : around.node.end_byte - 1]
    if source[around.node.start_byte : around.node.start_byte + 1] != b"(" or around.commas:
        return ""
    shown = " ".join(rest[:1000].decode("utf-8", "replace").split())
    return shortened(f"with {shown[1:].strip()}") if shown.startswith(",") and shown.strip(", ") else ""
