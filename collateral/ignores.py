"""What others have decided about vulnerabilities: `osv-scanner.toml` of the source, VEX documents that somebody names.

They are shown, and SARIF has such a result as suppressed. They change no priority and no gate: that is for decisions of
the model's own people, with a public source (`triage.py`).
"""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from scanners.finding import Finding
from scanners.sarif import Suppression
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput, ThreatModelError
from threatmodel.core.text import fold
from threatmodel.source import SourceTree

TREE_FILE = "osv-scanner.toml"
MAX_BYTES = 8 << 20
_MOST = 5000
_LONGEST = 500
_ID = re.compile(
    r"(?:CVE-\d{4}-\d{4,9}|GHSA(?:-[0-9a-z]{4}){3}|RUSTSEC-\d{4}-\d{4}|GO-\d{4}-\d{4,6}|PYSEC-\d{4}-\d{1,6})"
)
"""Names of vulnerabilities in the databases of OSV."""
_ROW = re.compile(r"""\s*id\s*=\s*["']([A-Za-z0-9-]{1,60})["']""")
_SETTLED = frozenset({"not_affected", "fixed", "false_positive", "resolved", "resolved_with_pedigree"})
"""Words of OpenVEX 0.2.0 and CycloneDX 1.4 to 1.7 for what needs no more work; all others ignore nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """What somebody leaves aside: a vulnerability, or with `inline` the rule of the finding beside a comment. `until` is
    ISO 8601, empty for ever; from that day on it counts no more. `below`: the folder whose files are meant, empty for
    all. `by`: who says so, empty for the source itself."""

    id: str
    reason: str
    origin: str
    until: str = ""
    below: str = ""
    by: str = ""
    inline: bool = False

    def in_force(self, day: datetime.date) -> bool:
        """True where it counts on this day."""
        return not self.until or day < datetime.date.fromisoformat(self.until)

    def told(self, day: datetime.date) -> str:
        """It in words."""
        who = self.by or "the source itself"
        if not self.in_force(day):
            return f"ignored by {who} until {self.until}, which is over [{self.origin}]"
        until = f" until {self.until}" if self.until else ""
        return f"ignored by {who}{until}: {self.reason or 'no reason is given'} [{self.origin}]"


def tree_ignores(tree: SourceTree) -> tuple[tuple[Ignore, ...], tuple[str, ...]]:
    """Those of every `osv-scanner.toml` of a source tree, each for the files below its folder; and what could not be
    read."""
    found: list[Ignore] = []
    problems: list[str] = []
    for path in tree.paths():
        if PurePosixPath(path).name != TREE_FILE:
            continue
        try:
            data = tree.read(path)
            if len(data) > MAX_BYTES:
                raise ValueError(f"larger than {MAX_BYTES} bytes")
            found += _osv_toml(data.decode("utf-8"), path)
        except (ValueError, RecursionError, ThreatModelError) as error:
            problems.append(f"{fold(path)}: {fold(str(error))[:200]}")
    return tuple(found[:_MOST]), tuple(problems)


def _osv_toml(text: str, path: str) -> Iterator[Ignore]:
    entries = tomllib.loads(text).get("IgnoredVulns", [])
    lines: dict[str, int] = {}
    for number, row in enumerate(text.split("\n"), 1):
        if named := _ROW.match(row):
            lines.setdefault(named[1], number)
    for entry in entries if isinstance(entries, list) else ():
        id_ = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(id_, str) or not _ID.fullmatch(id_):
            continue
        line = lines.get(id_, 0)
        below = PurePosixPath(path).parent.as_posix()
        yield Ignore(
            id=id_,
            reason=_text(entry.get("reason")),
            origin=fold(f"{path}:{line}" if line else path),
            until=_day(entry.get("ignoreUntil")),
            below="" if below == "." else below,
        )


def read_vex(name: str, data: bytes) -> tuple[Ignore, ...]:
    """The statements of a VEX document, OpenVEX 0.2.0 or CycloneDX 1.4 to 1.7, that leave a vulnerability aside. Those
    that say affected, under investigation or in triage give nothing.

    Raises:
        InvalidInput: S021, it is neither, or too large.
    """
    try:
        if len(data) > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES} bytes")
        value = json.loads(data.decode("utf-8-sig"))
        if not isinstance(value, dict):
            raise ValueError("not an object")
        if "openvex" in str(value.get("@context", "")):
            found = list(_openvex(value, name))
        elif value.get("bomFormat") == "CycloneDX":
            found = list(_cyclonedx(value, name))
        else:
            raise ValueError("neither OpenVEX nor CycloneDX")
    except (ValueError, RecursionError) as error:
        hint = "give an OpenVEX 0.2.0 document, or CycloneDX 1.4 to 1.7 as JSON"
        message = f"no VEX document: {fold(str(error))[:200]}"
        raise InvalidInput(Diagnostic(code="S021", message=message, place=Place(name), hint=hint)) from error
    return tuple(found[:_MOST])


def _openvex(value: Mapping[str, Any], name: str) -> Iterator[Ignore]:
    for statement in _objects(value.get("statements")):
        if statement.get("status") not in _SETTLED:
            continue
        about = statement.get("vulnerability")
        ids: list[object] = [about] if isinstance(about, str) else []
        if isinstance(about, dict):
            aliases = about.get("aliases")
            ids = [about.get("name"), *(aliases if isinstance(aliases, list) else ())]
        said = (
            statement.get("justification"),
            statement.get("impact_statement"),
            statement.get("status_notes"),
        )
        reason = "; ".join(part for part in map(_text, said) if part) or str(statement["status"])
        yield from _each(ids, reason, name, statement.get("supplier") or value.get("author"))


def _cyclonedx(value: Mapping[str, Any], name: str) -> Iterator[Ignore]:
    for entry in _objects(value.get("vulnerabilities")):
        analysis = entry.get("analysis")
        if not isinstance(analysis, dict) or analysis.get("state") not in _SETTLED:
            continue
        ids = [entry.get("id"), *(reference.get("id") for reference in _objects(entry.get("references")))]
        said = (analysis.get("justification"), analysis.get("detail"))
        reason = "; ".join(part for part in map(_text, said) if part) or str(analysis["state"])
        yield from _each(ids, reason, name, "")


def _each(ids: Iterable[object], reason: str, name: str, by: object) -> Iterator[Ignore]:
    for id_ in ids:
        if isinstance(id_, str) and _ID.fullmatch(id_):
            yield Ignore(
                id=id_, reason=reason, origin=fold(name), by=_text(by) or "a document that names nobody"
            )


def ignored(findings: Iterable[Finding], ignores: Iterable[Ignore], day: datetime.date) -> dict[str, Ignore]:
    """By fingerprint what says that a finding is left aside: one in force before one that is over. Only findings of
    vulnerabilities are meant: those whose rule is the name of one. Names that their message gives count too."""
    by_id: dict[str, list[Ignore]] = {}
    for item in ignores:
        by_id.setdefault(item.id, []).append(item)
    out = {}
    for finding in findings:
        if not _ID.fullmatch(finding.rule):
            continue
        names = (finding.rule, *_ID.findall(finding.message))
        path = finding.location.path
        found = [
            item for name in dict.fromkeys(names) for item in by_id.get(name, ()) if _below(path, item.below)
        ]
        if found:
            out[finding.fingerprint] = min(found, key=lambda item: not item.in_force(day))
    return out


def ignore_suppressions(found: Mapping[str, Ignore], day: datetime.date) -> dict[str, Suppression]:
    """What SARIF shows as suppressed."""
    return {
        key: Suppression(justification=item.told(day), kind="inSource" if item.inline else "external")
        for key, item in found.items()
        if item.in_force(day)
    }


def _below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return fold(" ".join(value[:_LONGEST].split())) if isinstance(value, str) else ""


def _day(value: object) -> str:
    if isinstance(value, datetime.datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, datetime.date) else ""
