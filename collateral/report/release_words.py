"""The words of the release document: states, causes and the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from collateral.assessment import Assessment
from collateral.history import Cause, Change, History

NOT_COMPARED = "not compared"
STATE: Mapping[str, str] = {
    "new": "It was not there in the previous release, or nobody had looked or asked; the cause says which.",
    "reopened": "It was fixed in an earlier release and is there again.",
    "changed": "It is the same one and is judged otherwise: another status, risk, state or severity, or an edited line.",
    "fixed": "It was there, the place was looked at again with the same question, and it is not there any more.",
    "unchanged": "It is there as before. Moved lines and renamed files are no change.",
    NOT_COMPARED: "It was there before, and this release did not look, or one of the editions does not say.",
}
CAUSE: Mapping[Cause, str] = {
    "source": "The code of the release changed, and nothing else that matters to it did.",
    "model": "The threat model changed: an element, a flow, a control, an option or a recorded decision.",
    "rules": "A threat rule or a rule of a scanner was added, changed or taken out.",
    "toolkit": "Another version of threatmodel; the code did not change there.",
    "scanner": "Another version of the scanner; the code did not change there.",
    "not-checked": "One of the two releases was not looked at there, so nothing is said about the code.",
    "unknown": "Two things changed at once, it may have been withheld before, or nothing that is known changed.",
}


def state(change: Change) -> str:
    """The state in the words of the document."""
    if change.state == "unchanged" and change.cause == "not-checked":
        return NOT_COMPARED
    return change.state


def alone(a: Assessment) -> list[str]:
    """The summary where no earlier bundle was given."""
    count = len(a.findings)
    return [
        "No earlier bundle was given, so nothing was compared. This document shows the findings of this release; it "
        "does not say that nothing changed.",
        _scanned(a, count),
    ]


def _scanned(a: Assessment, count: int) -> str:
    ran = [scan for scan in a.scans if scan.status in {"complete", "partial"}]
    if not ran:
        return "No scanner finished: nothing is known about weaknesses in the source."
    return f"The scanners report {_count(count, 'finding')} that this edition shows."


def beside(a: Assessment, h: History, worse: Sequence[Change], better: Sequence[Change]) -> list[str]:
    """The summary of a comparison."""
    commit = f" (commit {h.previous_commit[:12]})" if h.previous_commit else ""
    return [
        f"This release is compared with the bundle of {h.previous_release} of {h.previous_date}{commit}. That bundle "
        "was verified against its own sums and manifest first.",
        f"Worse: {_kinds(worse)}. Better: {_kinds(better)}. Findings are recognised when lines move and files are "
        "renamed; one that cannot be told from another shows as fixed and as new.",
        _causes(h),
        _scanned(a, len(a.findings)),
    ]


def _causes(h: History) -> str:
    told = [c for c in h.changes if c.state != "unchanged" or c.cause != "none"]
    tools = sum(c.cause in {"rules", "toolkit", "scanner"} for c in told)
    unclear = sum(c.cause == "unknown" for c in told)
    silent = sum(c.cause == "not-checked" for c in told)
    if not tools and not unclear and not silent:
        return "Every change comes from the code or the model: the tools and their rules looked as they did before."
    parts = [
        words
        for count, words in (
            (tools, f"{_count(tools, 'change')} only because a tool or a rule changed"),
            (unclear, f"{_count(unclear, 'change')} without a single cause"),
            (
                silent,
                f"{_count(silent, 'entry', 'entries')} where one of the two sides did not look or does not say",
            ),
        )
        if count
    ]
    last = f" and {parts[-1]}" if len(parts) > 1 else parts[-1]
    return f"Counted apart: {', '.join(parts[:-1])}{last}."


def _kinds(changes: Sequence[Change]) -> str:
    counts = Counter(change.kind for change in changes)
    if not counts:
        return "nothing that was compared"
    return ", ".join(_count(counts[kind], kind) for kind in ("finding", "threat", "claim"))


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one}" if number == 1 else f"{number} {many or one + 's'}"
