"""The ownership audit as text and as Markdown. Everything that comes from a source tree is folded."""

from __future__ import annotations

import re
from collections.abc import Iterable

from collateral.response.findings import findings
from collateral.response.ownership import Author, Ownership, PathSet
from collateral.response.rubric import Rubric
from threatmodel.core.text import fold

_MENTION = re.compile(r"(@[\w./-]+)")
_MARKUP = re.compile(r"[\\`*_\[\]<>|~#]")
NOT_APPOINTED = "candidates are names from the history, for somebody to ask; nobody is appointed"
_SUMMED_UP = frozenset({"TMR-005", "TMR-006", "TMR-007", "TMR-010", "TMR-011", "TMR-012"})
"""Findings that the tables show together."""


def audit_text(audit: Ownership) -> str:
    """A summary, the findings about files that steer ownership, under-owned files by component, elements."""
    lines = [*_head(audit), ""]
    for found in findings(audit):
        if found.rule not in _SUMMED_UP:
            at = f":{found.location.line}" if found.location.line else ""
            lines.append(f"{_line(found.location.path)}{at}  {found.rule}  {found.message}")
    if audit.teams:
        first = f"{len(audit.teams)} teams" if len(audit.teams) > 1 else "1 team"
        lines.append(
            f"{audit.codeowners}  TMR-012  {first}: team membership not discoverable from the source"
        )
    under = under_owned(audit)
    if under:
        lines += ["", f"files without an owner, or that only a documentation team owns ({NOT_APPOINTED})"]
        for item in under:
            where = f"component {item.id}" if item.component else f"{item.id}/"
            runs = f", runs in {', '.join(item.elements)}" if item.elements else ""
            lines.append(f"  {where}{runs}: {_counts(item)} of {item.files}")
            lines.append(f"    candidates: {_people(audit, item.candidates)}")
    if audit.elements:
        lines += ["", "elements: files, unowned, documentation-only, people in twelve months, bus factor"]
        for element in audit.elements:
            people = "not known" if audit.history else str(len(element.authors))
            factor = "not known" if audit.history else str(element.bus_factor)
            lines.append(
                f"  {element.element}: {element.files}, {element.unowned}, {element.documentation_only}, "
                f"{people}, {factor}"
            )
    return "\n".join(lines) + "\n"


def audit_markdown(audit: Ownership) -> str:
    """The same as Markdown, for a comment or an issue."""
    lines = ["## Who owns the code", "", *(f"- {line}" for line in _head(audit)), ""]
    lines += ["| rule | place | finding |", "| --- | --- | --- |"]
    for found in findings(audit):
        if found.rule not in _SUMMED_UP:
            at = f":{found.location.line}" if found.location.line else ""
            lines.append(f"| {found.rule} | {_code(found.location.path + at)} | {_cell(found.message)} |")
    lines += [
        "",
        "| files | runs in | unowned or documentation-only | candidates |",
        "| --- | --- | --- | --- |",
    ]
    for item in under_owned(audit):
        runs = ", ".join(item.elements) or "–"
        lines.append(
            f"| {_cell(item.id)} | {_cell(runs)} | {_counts(item)} of {item.files} "
            f"| {_cell(_people(audit, item.candidates))} |"
        )
    lines += ["", f"{NOT_APPOINTED[0].upper()}{NOT_APPOINTED[1:]}."]
    return "\n".join(lines) + "\n"


def rubric_text(rubric: Rubric) -> str:
    """Each boundary with an answer for each adversary, then what follows for all of them."""
    options = " ".join(f"{key}={value}" for key, value in rubric.options.items())
    lines = [f"{rubric.configuration} ({options})" if options else rubric.configuration]
    names = {adversary.id: adversary.name for adversary in rubric.adversaries}
    for boundary in rubric.boundaries:
        lines += ["", f"{boundary.name}, privilege {boundary.privilege}: {', '.join(boundary.elements)}"]
        for cell in rubric.cells:
            if cell.boundary == boundary.id:
                lines.append(f"  {cell.verdict:<12}  {names[cell.adversary]}: {cell.reason}")
    lines += ["", *(f"not a vulnerability: {text}" for text in rubric.not_vulnerabilities)]
    if rubric.not_modelled:
        lines.append(f"not modelled: {', '.join(rubric.not_modelled)}")
    return "\n".join(fold(line) for line in lines) + "\n"


def under_owned(audit: Ownership) -> tuple[PathSet, ...]:
    """Sets with files that nobody owns, or code of an element that only a documentation team owns."""
    return tuple(item for item in audit.sets if item.unowned or (item.elements and item.documentation_only))


def _head(audit: Ownership) -> list[str]:
    file = f"{audit.codeowners}: counts for nothing, {audit.unread}" if audit.unread else audit.codeowners
    rules = f", {len(audit.rules)} rules, {len(audit.dead)} match nothing, {len(audit.shadowed)} never win"
    lines = [
        f"{file.removeprefix(': ')}{'' if audit.unread else rules}, {_number(len(audit.ignored), 'line')} ignored",
        f"{audit.files} files, {len(audit.unowned)} without an owner, {len(audit.unowned_in_elements)} of them in "
        f"modelled elements; {len(audit.documentation_only_in_elements)} more there belong to documentation teams alone",
    ]
    if audit.history:
        lines.append(f"authors: not known: {audit.history}")
    else:
        bots = f"; taken for bots by name: {', '.join(audit.bots)}" if audit.bots else ""
        lines.append(f"authors from {audit.commits} commits, {audit.since} to {audit.as_of}{bots}")
    return [_line(line) for line in lines]


def _counts(item: PathSet) -> str:
    parts = [f"{len(item.unowned)} unowned"] if item.unowned else []
    if item.elements and item.documentation_only:
        parts.append(f"{len(item.documentation_only)} documentation-only")
    return ", ".join(parts)


def _people(audit: Ownership, people: Iterable[Author]) -> str:
    if audit.history:
        return "not known"
    return ", ".join(f"{p.name} ({p.commits}, last {p.last})" for p in people) or "nobody in twelve months"


def _number(count: int, one: str) -> str:
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def _line(text: str) -> str:
    return " ".join(fold(text).split())


def _cell(text: str) -> str:
    """Text in a table cell that can neither end the cell nor start markup; names of teams become code."""
    return "".join(
        _code(part) if number % 2 else _MARKUP.sub(r"\\\g<0>", part)
        for number, part in enumerate(_MENTION.split(_line(text)))
    )


def _code(text: str) -> str:
    return f"`{_line(text).replace('`', chr(0x2CB)).replace('|', chr(0xFF5C))}`"
