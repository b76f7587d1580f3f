"""actionlint over the workflows of a tree. Settings and comments of the tree have no effect.

Labels of runners that it does not know are left out: those of a project's own runners stand in settings, which are not
read. It names each file that it has finished in its messages.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from scanners.adapters.file_tool import FILES, FileTool, Planted, Report, printed
from scanners.adapters.judge import Account, Claim, cwe_list, items, normal_path, text
from scanners.adapters.weaknesses import severity, weakness
from scanners.protocol import SourceFiles

_FINISHED = re.compile(r"Found total \d+ errors in \d+ ms for (.+)")
_TALK = ("Linting ", "Found ", "Rule ", "Filtered ", "Using project at ")
_NOT_PARSED = ("could not parse as YAML", "workflow is empty")
_UNTRUSTED = "is potentially untrusted"
_DIRECTIVE = re.compile(rb"actionlint:(?=ignore)")
"""A fork of actionlint has comments that switch rules off."""


def wants(path: str, _tree: SourceFiles) -> bool:
    place = PurePosixPath(path)
    return place.suffix in (".yml", ".yaml") and place.parent.parts[-2:] == (".github", "workflows")


def without_directives(data: bytes) -> bytes:
    """The workflow with comments that switch rules off made plain ones of the same length."""
    return _DIRECTIVE.sub(b"actionlint;", data)


def read(report: Report) -> Account:
    found = tuple(items(printed(report.raw), "the list"))
    # workers write at the same time: the head of a line may stand before that of another
    said = [
        line.replace("verbose:", "").strip()
        for line in report.raw.outcome.stderr.decode("utf-8", "replace").splitlines()
    ]
    problems: dict[str, str] = {}
    claims: list[Claim] = []
    for item in found:
        message = text(item.get("message"), 1000)
        path = normal_path(item.get("filepath"))
        if message.startswith(_NOT_PARSED):
            problems.setdefault(path, f"not parsed: {' '.join(message.split())[:200]}")
        else:
            claims.append(_claim(item, path, message))
    notes = [" ".join(line.split())[:300] for line in said if line and not line.startswith(_TALK)]
    if report.raw.outcome.stderr_truncated:
        notes.append("its messages reached the limit")
    return Account(
        scanned=frozenset(normal_path(match[1]) for line in said if (match := _FINISHED.fullmatch(line))),
        problems=problems,
        claims=tuple(claims),
        rules=(),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def _claim(item: dict[str, Any], path: str, message: str) -> Claim:
    rule = text(item.get("kind"), 200) or "(no rule)"
    if rule == "expression" and _UNTRUSTED in message:
        rule = "expression-untrusted"  # its one rule on expressions tells of type errors and of injection
    return Claim(
        rule=rule,
        message=message,
        severity=severity("actionlint", rule),
        confidence="medium",
        cwe=cwe_list([weakness("actionlint", rule)]),
        stride="",
        path=path,
        line=item.get("line"),
        column=item.get("column"),
        end_line=item.get("line"),
        end_column=item.get("end_column"),
    )


SCANNER = FileTool(
    name="actionlint",
    licence="MIT",
    argv=(
        "-verbose",
        "-no-color",
        "-config-file",
        "/dev/null",
        "-shellcheck=",
        "-pyflakes=",
        "-ignore",
        '^label ".+" is unknown',
        "-format",
        "{{json .}}",
        FILES,
    ),
    wants=wants,
    read=read,
    change=without_directives,
    planted=Planted(
        ending=".yml",
        content=(
            b"on: issues\njobs:\n  planted:\n    runs-on: ubuntu-latest\n    steps:\n"
            b"      - run: echo ${{ github.event.issue.title }}\n"
        ),
        rule="expression-untrusted",
    ),
    good=(0, 1),
)
