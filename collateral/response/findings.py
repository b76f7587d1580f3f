"""What the ownership audit found, as findings with stable rule ids, and as SARIF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collateral.response.ownership import Ownership, PathSet
from scanners.finding import Finding, Location, RuleInfo, ScanResult, Severity, with_fingerprints
from scanners.sarif import to_sarif
from threatmodel.core.canonical import digest
from threatmodel.core.text import fold
from threatmodel.readers.codeowners import PLACES

TOOL = "ownership"
_HELP = "https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners"
_RULES: Mapping[str, tuple[Severity, str, str]] = {
    "TMR-001": (
        "error",
        "No CODEOWNERS file counts",
        "There is none, or GitHub does not load it: nobody owns anything.",
    ),
    "TMR-002": (
        "warning",
        "Line of CODEOWNERS that GitHub ignores",
        "Its syntax is not supported, so it assigns nobody.",
    ),
    "TMR-003": (
        "warning",
        "Rule of CODEOWNERS that matches no file",
        "It protects nothing; a path in it may be wrong.",
    ),
    "TMR-004": (
        "note",
        "Rule of CODEOWNERS that never wins",
        "Later rules match everything that it matches.",
    ),
    "TMR-005": (
        "warning",
        "Code of a modelled element without an owner",
        "Nobody has to review a change to it.",
    ),
    "TMR-006": (
        "note",
        "File without an owner",
        "No rule of CODEOWNERS gives it an owner. No modelled element runs it.",
    ),
    "TMR-007": (
        "warning",
        "Code of a modelled element that only a documentation team owns",
        "A pattern for documents wins, so that nobody who knows the code has to review it.",
    ),
    "TMR-008": ("warning", "Contact file that names nobody", "It is empty, or holds comments only."),
    "TMR-009": (
        "warning",
        "No security policy with a contact",
        "SECURITY.md is missing, or says no way to report.",
    ),
    "TMR-010": (
        "warning",
        "Element with a single author",
        "One person made all changes of the last twelve months.",
    ),
    "TMR-011": ("note", "Element without an author", "No person changed it in the last twelve months."),
    "TMR-012": (
        "note",
        "Team whose members cannot be seen",
        "Membership is not in the source; it was not guessed.",
    ),
    "TMR-013": (
        "note",
        "CODEOWNERS file that does not count",
        "GitHub reads the first of .github, top and docs only.",
    ),
    "TMR-014": (
        "warning",
        "Security policy or contact file that only a documentation team owns",
        "It can be changed without a review by anybody who handles reports.",
    ),
}
RULES: tuple[RuleInfo, ...] = tuple(
    RuleInfo(
        id=id_,
        title=title,
        description=why,
        cwe=(),
        help_uri=_HELP if id_ < "TMR-008" or id_ > "TMR-011" else "",
        severity=severity,
    )
    for id_, (severity, title, why) in _RULES.items()
)
"""Ids are stable: one that is no longer used is never given to another rule."""


def findings(audit: Ownership) -> tuple[Finding, ...]:
    """Everything that the audit found wrong, by place and rule."""
    made = []
    for rule, message, path, line in (
        *_of_rules(audit),
        *_of_paths(audit),
        *_of_contacts(audit),
        *_of_people(audit),
    ):
        place = Location(path=path, line=line)
        made.append(
            (
                Finding(
                    scanner=TOOL,
                    rule=rule,
                    message=fold(message),
                    severity=_RULES[rule][0],
                    confidence="high",
                    cwe=(),
                    stride="",
                    location=place,
                    snippet="",
                ),
                message,
            )
        )
    return with_fingerprints(made)


_MOST = 10
_LONG = 200
_Raw = tuple[str, str, str, int]


def _of_rules(audit: Ownership) -> Iterator[_Raw]:
    if audit.unread:
        yield "TMR-001", f"CODEOWNERS counts for nothing: {audit.unread}.", audit.codeowners or PLACES[1], 0
    for line in audit.ignored:
        yield "TMR-002", f"GitHub ignores this line: {line.reason}.", audit.codeowners, line.line
    for rule in audit.dead:
        yield (
            "TMR-003",
            f"{rule.pattern[:_LONG]} matches no file.{_lost(rule.owners)}",
            audit.codeowners,
            rule.line,
        )
    for rule in audit.shadowed:
        lines = _some([str(number) for number in rule.shadowed_by])
        later = f"line {lines} comes" if len(rule.shadowed_by) == 1 else f"lines {lines} come"
        count = "1 file" if rule.matches == 1 else f"{rule.matches} files"
        message = f"{rule.pattern[:_LONG]} matches {count} and wins for none: {later} later."
        yield "TMR-004", message, audit.codeowners, rule.line
    for path in audit.other_files:
        yield "TMR-013", f"GitHub reads {audit.codeowners} and not this file.", path, 0
    first = {owner: rule.line for rule in reversed(audit.rules) for owner in rule.owners}
    for team in audit.teams:
        message = f"{team}: team membership not discoverable from the source."
        yield "TMR-012", message, audit.codeowners, first[team]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more} more" if more > 0 else "")


def _lost(owners: tuple[str, ...]) -> str:
    return (
        f" {_some(owners)} never {'has' if len(owners) == 1 else 'have'} to review anything by it."
        if owners
        else ""
    )


def _of_paths(audit: Ownership) -> Iterator[_Raw]:
    if audit.unread:
        return  # one finding says it for all files
    inside = frozenset(audit.unowned_in_elements)
    sets = {path: item for item in audit.sets for path in (*item.unowned, *item.documentation_only)}
    for path in audit.unowned:
        if path in inside:
            yield "TMR-005", f"No owner. {_where(sets[path])}{_people(audit, sets[path])}", path, 0
        else:
            yield "TMR-006", f"No owner.{_people(audit, sets[path])}", path, 0
    for path in audit.documentation_only_in_elements:
        yield "TMR-007", f"Owned by a documentation team alone. {_where(sets[path])}", path, 0


def _where(item: PathSet) -> str:
    return f"It runs in {_some(item.elements)} (component {item.id})."


def _people(audit: Ownership, item: PathSet) -> str:
    if audit.history or not item.candidates:
        return ""
    told = ", ".join(f"{person.name} ({person.commits}, last {person.last})" for person in item.candidates)
    return f" Candidates from the history of such files, by commits in twelve months: {told}."


def _of_contacts(audit: Ownership) -> Iterator[_Raw]:
    words = {
        "comments-only": "it holds comments only",
        "empty": "it is empty",
        "unread": "it is too large to be read",
    }
    for item in audit.contacts:
        if item.state == "missing":
            yield "TMR-009", "There is no SECURITY.md at the top, in .github or in docs.", item.path, 0
        elif item.state == "no-contact":
            yield "TMR-009", "It names no address to report to.", item.path, 0
        elif item.state in words:
            yield "TMR-008", f"Nobody can be reached by this file: {words[item.state]}.", item.path, 0
        if item.documentation_only:
            yield "TMR-014", f"Owned by {_some(item.owners)} alone.", item.path, 0


def _of_people(audit: Ownership) -> Iterator[_Raw]:
    if audit.history:
        return  # nothing is known, so nothing is found
    places = {item.id: item for item in audit.sets}
    for element in audit.elements:
        path = _folder(places, element.components)
        if len(element.authors) == 1:
            one = element.authors[0]
            commits = "1 commit" if one.commits == 1 else f"{one.commits} commits"
            yield "TMR-010", f"{element.name}: {one.name} alone, {commits}, last {one.last}.", path, 0
        elif not element.authors:
            yield "TMR-011", f"{element.name}: no person changed it since {audit.since}.", path, 0


def _folder(sets: Mapping[str, PathSet], components: tuple[str, ...]) -> str:
    """A place for a finding about an element: the first file of its first component."""
    return next((sets[id_].first for id_ in components if id_ in sets), PLACES[1])


def ownership_sarif(audit: Ownership, **about: Any) -> dict[str, Any]:
    """The findings as SARIF 2.1.0. `about` is what `scanners.sarif.to_sarif` wants to know of the source."""
    result = ScanResult(
        scanner=TOOL,
        version=str(about.get("tool_version", "")),
        status="partial" if audit.history else "complete",
        reason=audit.history,
        findings=findings(audit),
        rules=RULES,
        ruleset_digest=digest([[rule.id, rule.severity, rule.title] for rule in RULES]),
    )
    return to_sarif([result], **about)
