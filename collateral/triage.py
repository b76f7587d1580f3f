"""The list `findings` of `dispositions.yaml`: the team's recorded decisions on what scanners found.

A decision counts only with a public source and until it expires; without one it is `proposed`: shown as such, it
changes nothing. One whose finding is not in the scan is named, never dropped: the scanner may be absent.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from scanners.sarif import Suppression
from threatmodel.core.diagnostics import Diagnostic, Place, Severity, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.evidence import PUBLIC_RULE, public_source
from threatmodel.core.text import fold
from threatmodel.core.yamlpos import Document, load

FindingDecision = Literal["false-positive", "accepted", "not-affected", "confirmed"]
DECISIONS: tuple[FindingDecision, ...] = get_args(FindingDecision)
Justification = Literal[
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
]
JUSTIFICATIONS: tuple[Justification, ...] = get_args(Justification)
"""The words of OpenVEX 0.2.0, section "Status Justifications"."""
_REQUIRED = ("finding", "decision", "reason", "owner", "expires")
_KEYS = (*_REQUIRED, "source", "note", "justification")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_LONGEST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageEntry:
    """One decision. `note` names rule and path for the reader; the fingerprint alone counts. `expires` is ISO 8601."""

    finding: str
    decision: FindingDecision
    reason: str
    owner: str
    expires: str
    source: str = ""
    note: str = ""
    justification: Justification | Literal[""] = ""
    place: Place | None = None

    @property
    def proposed(self) -> bool:
        """True while nobody is on public record with it."""
        return not self.source

    def in_force(self, as_of: datetime.date) -> bool:
        """True where the decision counts on this day."""
        return not self.proposed and datetime.date.fromisoformat(self.expires) >= as_of

    def state(self, as_of: datetime.date) -> str:
        """The decision where it counts, else `proposed` or `expired`."""
        if self.proposed:
            return "proposed"
        return self.decision if self.in_force(as_of) else "expired"


Triage = Mapping[str, TriageEntry]
"""By fingerprint."""


def read_triage(data: bytes, path: str) -> dict[str, TriageEntry]:
    """The decisions on findings, by fingerprint; none where the file has no such list.

    Raises:
        InvalidInput: D011 shape, D012 unknown key or word, D013 date or source, D014 twice. Holds every problem.
    """
    document = load(data, path)
    items = document.value.get("findings", []) if isinstance(document.value, dict) else []
    if not isinstance(items, list):
        place = document.place("findings")
        raise InvalidInput(Diagnostic(code="D011", message='"findings" is a list', place=place))
    problems: list[Diagnostic] = []
    found: dict[str, TriageEntry] = {}
    for index, item in enumerate(items):
        entry = _Entry(document, index, item, problems).read()
        if entry is not None and entry.finding in found:
            message = f"finding {entry.finding[:12]} is decided twice"
            problems.append(Diagnostic(code="D014", message=message, place=entry.place))
        elif entry is not None:
            found[entry.finding] = entry
    if problems:
        raise InvalidInput(*problems)
    return dict(sorted(found.items()))


class _Entry:
    """Reads one entry; what is wrong goes to `problems`."""

    def __init__(self, document: Document, index: int, item: Any, problems: list[Diagnostic]) -> None:
        self._document = document
        self._index = index
        self._item: Mapping[str, Any] = item if isinstance(item, dict) else {}
        self._problems = problems
        self._before = len(problems)
        if not isinstance(item, dict):
            self._problem("D011", "an entry is a mapping")

    def read(self) -> TriageEntry | None:
        for key in self._item:
            if key not in _KEYS:
                self._problem("D012", f'unknown key "{key}"', nearest(key, _KEYS), key)
        texts = {key: self._text(key) for key in _KEYS}
        for key in _REQUIRED:
            if not texts[key] and isinstance(self._item.get(key, ""), str | datetime.date | None):
                self._problem("D011", f'"{key}" is missing')
        if texts["finding"] and not _FINGERPRINT.fullmatch(texts["finding"]):
            hint = "the 64 hex digits of partialFingerprints in data/findings.sarif"
            self._problem("D011", "finding is not a fingerprint", hint, "finding")
        self._word("decision", texts["decision"], DECISIONS)
        self._word("justification", texts["justification"], JUSTIFICATIONS)
        self._date(texts["expires"])
        if texts["source"] and not public_source(texts["source"]):
            self._problem("D013", "source is not public", f"{PUBLIC_RULE}, or leave it out", "source")
        if len(self._problems) > self._before:
            return None
        place = self._document.place("findings", self._index)
        return TriageEntry(**texts, place=place)  # type: ignore[arg-type]  # the words were checked

    def _text(self, key: str) -> str:
        value = self._item.get(key)
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            value = value.isoformat()
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > _LONGEST:
            self._problem("D011", f'"{key}" is a text of at most {_LONGEST} characters', "", key)
            return ""
        return fold(value.strip())

    def _word(self, key: str, value: str, words: Sequence[str]) -> None:
        if value and value not in words:
            hint = nearest(value, words) or f"one of {', '.join(words)}"
            self._problem("D012", f'{key} cannot be "{value}"', hint, key)

    def _date(self, text: str) -> None:
        try:
            if text and datetime.date.fromisoformat(text).isoformat() != text:
                raise ValueError(text)
        except ValueError:
            self._problem("D013", f"expires {text!r} is not an ISO 8601 date", "write 2027-06-30", "expires")

    def _problem(self, code: str, message: str, hint: str = "", key: str = "") -> None:
        route = ("findings", self._index, key) if key else ("findings", self._index)
        place = self._document.place(*route)
        self._problems.append(Diagnostic(code=code, message=fold(message), place=place, hint=hint))


def orphaned(triage: Triage, fingerprints: Iterable[str]) -> tuple[TriageEntry, ...]:
    """The decisions whose finding is not among these."""
    known = frozenset(fingerprints)
    return tuple(entry for fingerprint, entry in sorted(triage.items()) if fingerprint not in known)


def orphan_warnings(triage: Triage, fingerprints: Iterable[str]) -> tuple[Diagnostic, ...]:
    """A warning (D015) for each decision whose finding is not in this scan."""
    return tuple(
        Diagnostic(
            code="D015",
            message=f"no scanner of this run reports finding {entry.finding[:12]}",
            place=entry.place,
            hint="it is fixed, its line changed, or the scanner did not run",
            severity=Severity.WARNING,
        )
        for entry in orphaned(triage, fingerprints)
    )


def suppressions(triage: Triage, as_of: datetime.date) -> dict[str, Suppression]:
    """What SARIF shows as suppressed: decisions in force, but a confirmed finding stays a result like any other."""
    return {
        fingerprint: Suppression(
            justification=f"{entry.decision} by {entry.owner} until {entry.expires}: {entry.reason} [{entry.source}]"
        )
        for fingerprint, entry in triage.items()
        if entry.in_force(as_of) and entry.decision != "confirmed"
    }
