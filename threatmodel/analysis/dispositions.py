"""`dispositions.yaml`: the team's recorded decisions on threats.

A decision counts only with a public source (a URL, or a commit) and until it expires; without one it is
`proposed`: shown as such, it accepts nothing. A decision on a threat that does not exist is an error.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from threatmodel.core.diagnostics import Diagnostic, Place, Severity, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.evidence import PUBLIC_RULE, public_source
from threatmodel.core.yamlpos import Document, load
from threatmodel.rules.retired import RETIRED, Retired, retired_hint

Decision = Literal["accepted", "transferred", "not-applicable"]
_DECISIONS = ("accepted", "transferred", "not-applicable")
_LISTS = ("dispositions", "findings")
"""`findings` are decisions on what scanners found; who has findings reads them."""
_KEYS = {
    "threat",
    "decision",
    "reason",
    "owner",
    "expires",
    "source",
    "configurations",
    "evidence",
    "review",
}
_REQUIRED = ("threat", "decision", "reason", "owner", "expires")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """One decision. `configurations` limits it; empty means every configuration. `expires` is an ISO 8601 date.

    `evidence` are public places that the reason rests on; they are no decision, and do not make a proposal count.
    `review` is the day by which somebody is to look at it again, an ISO 8601 date or empty.
    """

    threat: str
    decision: Decision
    reason: str
    owner: str
    expires: str
    source: str
    configurations: tuple[str, ...]
    place: Place
    evidence: tuple[str, ...] = ()
    review: str = ""

    @property
    def proposed(self) -> bool:
        """True while nobody is on public record with it."""
        return not self.source

    def in_force(self, configuration: str, as_of: datetime.date) -> bool:
        """True where the decision counts in this configuration on this day."""
        here = not self.configurations or configuration in self.configurations
        return here and not self.proposed and datetime.date.fromisoformat(self.expires) >= as_of


def disposition_text(decision: Disposition | None) -> str:
    """The decision in one line, empty where there is none."""
    if decision is None:
        return ""
    if decision.proposed:
        rests = f" [{', '.join(decision.evidence)}]" if decision.evidence else ""
        until = f", to be reviewed by {decision.owner} until {decision.review}" if decision.review else ""
        return f"proposed: {decision.decision} ({decision.reason}){rests}{until}"
    return f"{decision.decision} by {decision.owner} until {decision.expires}: {decision.reason} [{decision.source}]"


def read_dispositions(data: bytes, path: str) -> tuple[Disposition, ...]:
    """The decisions of a file, in its order.

    Raises:
        InvalidInput: D001 shape, D002 unknown key or word, D003 date or source, D004 twice.
    """
    document = load(data, path)
    items = document.value.get("dispositions", []) if isinstance(document.value, dict) else None
    if not isinstance(items, list):
        place = document.place()
        raise InvalidInput(Diagnostic(code="D001", message='the file holds "dispositions: […]"', place=place))
    problems: list[Diagnostic] = [
        Diagnostic(
            code="D002",
            message=f'unknown key "{key}"',
            place=document.place(key),
            hint=nearest(key, _LISTS),
        )
        for key in document.value
        if key not in _LISTS
    ]
    found = [_one(item, index, document, problems) for index, item in enumerate(items)]
    seen: set[str] = set()
    for disposition in found:
        if disposition and disposition.threat in seen:
            problems.append(
                Diagnostic(
                    code="D004", message=f'"{disposition.threat}" is decided twice', place=disposition.place
                )
            )
        seen.add(disposition.threat if disposition else "")
    if problems:
        raise InvalidInput(*problems)
    return tuple(item for item in found if item)


def _one(item: Any, index: int, document: Document, problems: list[Diagnostic]) -> Disposition | None:
    place = document.place("dispositions", index)
    before = len(problems)

    def problem(code: str, message: str, hint: str = "", key: str = "") -> None:
        at = document.place("dispositions", index, key) if key else place
        problems.append(Diagnostic(code=code, message=message, place=at, hint=hint))

    if not isinstance(item, dict):
        problem("D001", "a disposition is a mapping")
        return None
    for key in item:
        if key not in _KEYS:
            problem("D002", f'unknown key "{key}"', nearest(key, _KEYS), key)
    if not isinstance(item.get("configurations", []), list):
        problem("D001", '"configurations" is a list of names', "write [name]", "configurations")
    if not isinstance(item.get("evidence", []), list):
        problem("D001", '"evidence" is a list of addresses', "write [https://…]", "evidence")
    for key in _REQUIRED:
        if not item.get(key):
            problem("D001", f'"{key}" is missing')
    if item.get("decision") and item["decision"] not in _DECISIONS:
        hint = f"one of {', '.join(_DECISIONS)}"
        problem("D002", f'decision cannot be "{item["decision"]}"', hint, "decision")
    _form(item, problem)
    if len(problems) > before:
        return None
    return Disposition(
        threat=str(item["threat"]),
        decision=item["decision"],
        reason=str(item["reason"]),
        owner=str(item["owner"]),
        expires=str(item["expires"]),
        source=str(item.get("source") or ""),
        configurations=tuple(str(name) for name in item.get("configurations", [])),
        place=place,
        evidence=tuple(str(address) for address in item.get("evidence", [])),
        review=str(item.get("review") or ""),
    )


def _form(item: dict[str, Any], problem: Callable[..., None]) -> None:
    """Tells of dates and public places that are none."""
    dates = {"expires": str(item.get("expires", "")), "review": str(item.get("review") or "")}
    for key, text in dates.items():
        if (text or key == "expires") and not _is_date(text):
            problem("D003", f"{key} {text!r} is not an ISO 8601 date", "write 2027-06-30", key)
    if all(map(_is_date, dates.values())) and dates["review"] > dates["expires"]:
        message = f"review {dates['review']} is after the day that the decision counts until"
        problem("D003", message, f"name a day up to {dates['expires']}", "review")
    evidence = item.get("evidence", [])
    for address in evidence if isinstance(evidence, list) else ():
        if not public_source(str(address)):
            problem("D003", "evidence is not public", PUBLIC_RULE, "evidence")
    source = str(item.get("source") or "")
    if source and not public_source(source):
        problem("D003", "source is not public", f"{PUBLIC_RULE}, or leave it out", "source")


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def overdue(dispositions: Iterable[Disposition], as_of: datetime.date) -> tuple[Diagnostic, ...]:
    """A warning for each decision whose day of review is past."""
    return tuple(
        Diagnostic(
            code="D007",
            message=f'the decision on "{item.threat}" was to be reviewed by {item.review}',
            place=item.place,
            hint=f"{item.owner}: look at it again and name another day",
            severity=Severity.WARNING,
        )
        for item in dispositions
        if item.review and datetime.date.fromisoformat(item.review) < as_of
    )


def orphans(
    dispositions: Iterable[Disposition], threats: Iterable[str], retired: Iterable[Retired] = RETIRED
) -> tuple[Diagnostic, ...]:
    """An error for each decision on a threat that no configuration has. The hint names the successors of a rule that
    is `retired`."""
    known = frozenset(threats)
    return tuple(
        Diagnostic(
            code="D005",
            message=f'no threat "{item.threat}" in any configuration',
            place=item.place,
            hint=retired_hint(item.threat, retired)
            or nearest(item.threat, known)
            or "remove the orphaned disposition",
        )
        for item in dispositions
        if item.threat not in known
    )


def not_applicable(
    dispositions: Iterable[Disposition], configuration: str, as_of: datetime.date
) -> frozenset[str]:
    """Ids of the threats of which a decision in force says that they do not apply in the configuration."""
    return frozenset(
        item.threat
        for item in dispositions
        if item.decision == "not-applicable" and item.in_force(configuration, as_of)
    )
