"""Claims on constants of Go, Rust and C files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from threatmodel.claims.check import ClaimCheck, Reading, files_of, line_of, worst
from threatmodel.core.text import fold
from threatmodel.readers.constants import Constant as Declared
from threatmodel.readers.constants import constants
from threatmodel.readers.content import Unusable
from threatmodel.readers.syntax import parse
from threatmodel.system import Constant

_MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Constants:
    """The constants of a file. `broken`: the line of a place that breaks the grammar, so that some may be missing; 0
    without one."""

    text: str
    declared: tuple[Declared, ...]
    broken: int


def constants_in(reading: Reading, path: str) -> Constants | Unusable:
    """The constants of a file, or why it tells none."""
    return reading.once(("constants", path), lambda: _constants(reading, path))


def _constants(reading: Reading, path: str) -> Constants | Unusable:
    content = reading.content(path)
    if isinstance(content, Unusable):
        return content
    syntax = parse(content.text, path)
    if isinstance(syntax, Unusable):
        return syntax
    return Constants(text=content.text, declared=constants(syntax), broken=syntax.broken())


def constant(blank: ClaimCheck, claim: Constant, paths: tuple[str, ...], reading: Reading) -> ClaimCheck:
    """Verified where the constant is there and has the value wherever it is declared."""
    found: list[ClaimCheck] = []
    unread: ClaimCheck | None = None
    others: list[str] = []
    for path in paths:
        at = replace(blank, path=path)
        there = constants_in(reading, path)
        if isinstance(there, Unusable):
            unread = unread or replace(at, detail=there.reason)
            continue
        here = [_judged(at, claim, item, there.text) for item in there.declared if item.name == claim.name]
        if not here and there.broken:
            unread = unread or replace(
                at, line=there.broken, detail="the text breaks the grammar of its language"
            )
        found += here
        others += _elsewhere(claim.name, path, there)
    if found:
        return worst(found)
    if unread is not None:
        return unread
    hint = f"; there is {', '.join(others[:_MOST])}" if others else ""
    return replace(
        blank,
        state="not-found",
        path=paths[0],
        detail=fold(f"no constant {claim.name} in {files_of(paths)}{hint}"),
    )


def _judged(at: ClaimCheck, claim: Constant, item: Declared, text: str) -> ClaimCheck:
    at = replace(at, line=item.line, seen=line_of(text, item.line))
    if item.value is None:
        return replace(at, detail=fold(f"the value of {item.name} {item.reason}"))
    if type(item.value) is type(claim.equals) and item.value == claim.equals:
        return replace(at, state="verified")
    return replace(at, state="contradicted", detail=fold(f"{item.name} is {item.value!r}"))


def _elsewhere(name: str, path: str, there: Constants) -> Iterator[str]:
    """Constants of the same name that stand inside of something else."""
    for item in there.declared:
        if item.name != name and item.name.replace("::", ".").rpartition(".")[2] == name:
            yield f"{item.name} at {path}:{item.line}"
