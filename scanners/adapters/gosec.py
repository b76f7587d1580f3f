"""gosec over the Go files of a tree. Comments that switch rules off have no effect.

It loads packages with the go command, offline and without cgo, and needs what they import: `--tool-data go-modules=DIR`
names a module cache (GOMODCACHE), and folders `vendor` of the tree are used. A package with an error, such as an import
that is not there, is searched in part: its files count as not scanned, its findings are kept. Files that build
constraints leave out on this platform are never opened. No code of the tree is run: the go command only lists packages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scanners.adapters import go_files
from scanners.adapters.file_tool import FILES, FileTool, Planted, Report, loaded, read_above, staged_root
from scanners.adapters.judge import Account, Claim, Unusable, cwe_list, items, mapping, normal_path, text
from scanners.adapters.weaknesses import severity
from scanners.finding import Confidence

_CONFIDENCE: Mapping[str, Confidence] = {"HIGH": "high", "MEDIUM": "medium"}
_HEAD = r"\[gosec\] [0-9/]+ [0-9:]+ "
_CHECKED = re.compile(_HEAD + r"Checking file: (.+)")
_TALK = re.compile(
    _HEAD + r"(?:(?:In|Ex)cluding (?:rules|analyzers)|Import directory|Checking (?:package|file)):"
)
_SSA = "has type errors, skipping SSA analysis"
"""Said once for each package with errors, which the report names by file."""
_CREDENTIALS = "G101"


def packages(files: tuple[str, ...]) -> tuple[str, ...]:
    """The folders with Go files."""
    return tuple(dict.fromkeys(go_files.folder(path) for path in files if path.endswith(".go")))


def read(report: Report) -> Account:
    if report.raw.report is None:
        raise Unusable(report.raw.report_problem)
    whole = mapping(loaded(report.raw.report))
    found = tuple(items(whole.get("Issues"), "Issues"))
    root = staged_root((text(item.get("file")) for item in found), report.planted[0])
    said = report.raw.outcome.stderr.decode("utf-8", "replace").splitlines()
    checked = {match[1].removeprefix(root) for line in said if (match := _CHECKED.fullmatch(line))}
    modules = [path for path in report.files if not path.endswith(".go")]
    problems, notes = _errors(mapping(whole.get("Golang errors")), root, report.files)
    for line in said:
        if line.strip() and not _TALK.match(line) and _SSA not in line:
            notes.append(" ".join(line.replace(root, "").split())[:300])
    if report.raw.outcome.stderr_truncated:
        notes.append("its messages reached the limit")
    return Account(
        scanned=frozenset(checked | read_above(checked - problems.keys(), modules)),
        problems=problems,
        claims=tuple(_claim(item, root) for item in found),
        rules=(),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def _errors(errors: Mapping[str, Any], root: str, files: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    """What the errors of a package say of each of its files, and errors of no package."""
    reasons: dict[str, str] = {}
    notes: list[str] = []
    for place in sorted(errors):
        first = next(items(errors[place], "Golang errors"), {})
        why = " ".join(text(first.get("error")).replace(root, "").split())[:200]
        path = place.removeprefix(root).removeprefix("./")
        if not path:
            notes.append(why)
        else:
            reasons.setdefault(go_files.folder(path) if path.endswith(".go") else path, why)
    problems = {
        path: f"its package was searched in part: {reasons[go_files.folder(path)]}"
        for path in files
        if path.endswith(".go") and go_files.folder(path) in reasons
    }
    return problems, [] if problems else notes


def _claim(item: Mapping[str, Any], root: str) -> Claim:
    rule = text(item.get("rule_id"), 200) or "(no rule)"
    first, _, last = text(item.get("line"), 40).partition("-")
    return Claim(
        rule=rule,
        message=text(item.get("details"), 500),
        severity=severity("gosec", text(item.get("severity"), 20)),
        confidence=_CONFIDENCE.get(text(item.get("confidence"), 20), "low"),
        cwe=cwe_list([mapping(item.get("cwe")).get("id")]),
        stride="",
        path=normal_path(text(item.get("file")).removeprefix(root)),
        line=_number(first),
        column=_number(text(item.get("column"), 20)),
        end_line=_number(last or first),
        end_column=0,
        secret=rule == _CREDENTIALS,
    )


def _number(digits: str) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 0


SCANNER = FileTool(
    name="gosec",
    cost=200,
    licence="Apache-2.0",
    argv=(
        "-fmt=json",
        "-nosec",
        "-tests",
        "-no-fail",
        "-color=false",
        "-out",
        "{output}",
        FILES,
    ),
    wants=go_files.wants,
    read=read,
    words=packages,
    helpers=("go",),
    data=(go_files.MODULES,),
    planted=Planted(
        ending="/a.go",
        content=(
            b'package planted\n\nimport "os/exec"\n\nfunc Planted(name string) error {\n'
            b'\treturn exec.Command("sh", "-c", name).Run()\n}\n'
        ),
        rule="G204",
    ),
    env=go_files.ENV,
)
