"""zizmor over the workflows and actions of a tree, offline. Settings and comments of the tree have no effect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from scanners.adapters.file_tool import FileTool, Planted, Report, printed
from scanners.adapters.judge import Account, Claim, cwe_list, items, mapping, normal_path, one_based, text
from scanners.adapters.weaknesses import weakness
from scanners.finding import Confidence, Severity
from scanners.protocol import SourceFiles

_SEVERITY: Mapping[str, Severity] = {"High": "error", "Medium": "warning"}
_CONFIDENCE: Mapping[str, Confidence] = {"High": "high", "Medium": "medium"}
_COMPLETED = re.compile(r" INFO audit: zizmor: \S+ completed (.+)")
_WARNED = re.compile(r" (?:WARN|ERROR) .*?zizmor[\w:]*: (.+)")


def wants(path: str, _tree: SourceFiles) -> bool:
    place = PurePosixPath(path)
    if place.suffix not in (".yml", ".yaml"):
        return False
    workflow = place.parent.parts[-2:] == (".github", "workflows")
    return workflow or place.stem == "action" or path in (".github/dependabot.yml", ".github/dependabot.yaml")


def read(report: Report) -> Account:
    found = tuple(items(printed(report.raw), "the list"))
    said = report.raw.outcome.stderr.decode("utf-8", "replace").splitlines()
    notes = [" ".join(match[1].split())[:300] for line in said if (match := _WARNED.match(line))]
    if report.raw.outcome.stderr_truncated:
        notes.append("its messages reached the limit")
    return Account(
        scanned=frozenset(normal_path(match[1]) for line in said if (match := _COMPLETED.fullmatch(line))),
        problems={},
        claims=tuple(_claim(item) for item in found),
        rules=(),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def _claim(item: dict[str, Any]) -> Claim:
    rule = text(item.get("ident"), 200) or "(no rule)"
    given = mapping(item.get("determinations"))
    places = list(items(item.get("locations"), "locations"))
    primary = [p for p in places if mapping(p.get("symbolic")).get("kind") == "Primary"] or places
    place = primary[0] if primary else {}
    symbolic = mapping(place.get("symbolic"))
    span = mapping(mapping(place.get("concrete")).get("location"))
    start, end = mapping(span.get("start_point")), mapping(span.get("end_point"))
    note = text(symbolic.get("annotation"), 500)
    return Claim(
        rule=rule,
        message=f"{text(item.get('desc'), 500)}: {note}" if note else text(item.get("desc"), 500),
        severity=_SEVERITY.get(str(given.get("severity")), "note"),
        confidence=_CONFIDENCE.get(str(given.get("confidence")), "low"),
        cwe=cwe_list([weakness("zizmor", rule)]),
        stride="",
        path=normal_path(mapping(mapping(symbolic.get("key")).get("Local")).get("verbatim_path")),
        line=one_based(start.get("row")),
        column=one_based(start.get("column")),
        end_line=one_based(end.get("row")),
        end_column=one_based(end.get("column")),
    )


SCANNER = FileTool(
    name="zizmor",
    licence="MIT",
    argv=(
        "--offline",
        "--no-progress",
        "--no-exit-codes",
        "--no-ignores",
        "--no-config",
        "--collect=all",
        "--color=never",
        "--format=json-v1",
        ".",
    ),
    wants=wants,
    read=read,
    planted=Planted(
        ending="/action.yml",
        content=(
            b"name: planted\ndescription: planted\nruns:\n  using: composite\n  steps:\n"
            b"    - run: echo ${{ inputs.planted }}\n      shell: bash\n"
        ),
        rule="template-injection",
    ),
    env={"NO_COLOR": "1"},
)
