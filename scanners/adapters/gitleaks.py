"""gitleaks over the text files of a tree. Settings, ignore files, comments and path names of the tree have no effect.

gitleaks reads `.gitleaks.toml` and `.gitleaksignore` of the tree, and its own rules leave out files by name, `go.sum` and
`node_modules` among them. So files get neutral names; only endings that rules ask for stay. It says which files it opens
and how many bytes it has read. Its messages hold secrets that it did not report, so a result repeats none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from scanners.adapters.file_tool import FileTool, Planted, Report, loaded
from scanners.adapters.judge import Account, Claim, Unusable, cwe_list, items, normal_path, text
from scanners.adapters.weaknesses import severity, weakness
from scanners.protocol import SourceFiles

_ENDINGS = re.compile(r"(?:\.(?:php|tf|hcl|ya?ml|pfx|p12)|nuget\.config)$", re.IGNORECASE)
"""What rules of version 8.30.1 ask of a path."""
_STORES = (".pfx", ".p12")
"""Key stores are reported by their names, though they are no text."""
_SUMS = ".sums"
_LOCKS = frozenset(
    ("go.mod", "go.sum", "go.work.sum", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock",
     "deno.lock", "Cargo.lock", "Gemfile.lock", "Pipfile.lock", "poetry.lock", "uv.lock", "gradle.lockfile")
)  # fmt: skip
"""Their checksums look like keys of no known kind."""
_GUESS = "generic-api-key"
_TEXT = 8000
"""Bytes in which a zero byte means that a file is no text, as git has it."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(r"\S+ ([A-Z]{3}) (.*)")
_PATH = re.compile(r" path=(\S+)")
_FIELD = re.compile(r" [a-z][a-z_-]*=")
_BYTES = re.compile(r"scanned ~([0-9]+) bytes ")
_PLANTED = b"token = 'ghp_8aLq2ZkW0vB5nXc7RtY3mJ1sD6fG9hK4pEuT'\n"


def wants(path: str, tree: SourceFiles) -> bool:
    data = tree.read(path)
    return bool(data) and (b"\0" not in data[:_TEXT] or path.lower().endswith(_STORES))


def neutral(number: int, path: str) -> str:
    """A name for a file that no rule on names leaves out."""
    if PurePosixPath(path).name in _LOCKS:
        return f"{number:06}{_SUMS}"
    found = _ENDINGS.search(path)
    return f"{number:06}.{found[0].lower().removeprefix('.')}" if found else f"{number:06}"


def read(report: Report) -> Account:
    if report.raw.report is None:
        raise Unusable(report.raw.report_problem)
    found = [_claim(item) for item in items(loaded(report.raw.report), "the list")]
    sums = {claim for claim in found if claim.rule == _GUESS and claim.path.endswith(_SUMS)}
    opened: set[str] = set()
    problems: dict[str, str] = {}
    notes: list[str] = []
    size = -1
    for level, words, path in _messages(report):
        if words == "scanning path":
            opened.add(path)
        elif (
            words.startswith("skipping ")
            and path
            and not words.startswith(("skipping finding", "skipping file: rule"))
        ):
            problems.setdefault(path, words)
        elif level in ("WRN", "ERR", "FTL") and not words.startswith("leaks found"):
            problems.setdefault(path, words) if path else notes.append(words)
        elif level == "INF" and (match := _BYTES.match(words)):
            size = int(match[1])
    expected = _size(report, opened - problems.keys())
    if size < expected:
        notes.append(f"it read {max(size, 0)} of {expected} bytes")
    if report.raw.outcome.stderr_truncated:
        notes.append("its messages reached the limit")
    told = (
        [f"{len(sums)} results of {_GUESS} in lock files left out: checksums look like keys"] if sums else []
    )
    return Account(
        scanned=frozenset(opened),
        problems=problems,
        claims=tuple(claim for claim in found if claim not in sums),
        rules=(),
        notes=(*told, *notes),
        degraded=bool(notes),
    )


def _messages(report: Report) -> Iterator[tuple[str, str, str]]:
    """Level, words and file of each message, without the values that it tells: they can be secrets."""
    for line in report.raw.outcome.stderr.decode("utf-8", "replace").splitlines():
        if match := _LINE.fullmatch(_COLOUR.sub("", line)):
            path = _PATH.search(match[2])
            yield match[1], _FIELD.split(match[2], maxsplit=1)[0][:200], normal_path(path[1]) if path else ""


def _size(report: Report, names: set[str]) -> int:
    """How many bytes these files have, as they were given to the tool."""
    given = dict(zip(report.files, report.raw.files, strict=True))
    return sum(len(report.tree.read(given[name])) if name in given else len(_PLANTED) for name in names)


def _claim(item: dict[str, Any]) -> Claim:
    rule = text(item.get("RuleID"), 200) or "(no rule)"
    return Claim(
        rule=rule,
        message=text(item.get("Description"), 500),
        severity=severity("gitleaks", rule),
        confidence="low" if rule == _GUESS else "medium",
        cwe=cwe_list([weakness("gitleaks", rule)]),
        stride="",
        path=normal_path(item.get("File")),
        line=item.get("StartLine"),
        column=item.get("StartColumn"),
        end_line=item.get("EndLine"),
        end_column=item.get("EndColumn"),
        secret=True,
    )


SCANNER = FileTool(
    name="gitleaks",
    cost=10,
    licence="MIT",
    argv=(
        "dir",
        "--redact=100",
        "--ignore-gitleaks-allow",
        "--no-banner",
        "--no-color",
        "--log-level=trace",
        "--exit-code=0",
        "--report-format=json",
        "--report-path",
        "{output}",
        ".",
    ),
    wants=wants,
    read=read,
    rename=neutral,
    quoted=False,
    planted=Planted(ending="", content=_PLANTED, rule="github-pat"),
)
