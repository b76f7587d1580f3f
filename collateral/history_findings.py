"""Findings of this release beside those of the previous bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collateral.history import Cause, Change
from collateral.history_data import PreviousScan, Remembered, Reported
from collateral.history_tools import Sides, separate
from scanners.baseline import Renames, Trace, follow, match, trace_of
from scanners.finding import Finding, ScanResult, Severity

_RAN = frozenset({"complete", "partial"})


def finding_changes(sides: Sides) -> tuple[list[Change], list[Change]]:
    """What became of every finding, and what was fixed before the previous bundle and still is."""
    return _Findings(sides).changes()


class _Findings:
    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._date = sides.after.date.date().isoformat()
        remembered = [e for e in sides.before.remembered or () if e.kind == "finding"]
        self._seen = {entry.id: entry for entry in remembered}
        carried = [_as_reported(e, e.trace) for e in remembered if e.state == "not-checked" and e.trace]
        self._carried = {item.trace.fingerprint for item in carried}
        self._before = [*sides.before.findings, *carried]
        self._past = [e for e in remembered if e.state == "fixed" and e.trace is not None]
        self._after: list[Finding] = [f for scan in sides.after.scans for f in scan.findings]
        self._renames: Renames = {}

    def changes(self) -> tuple[list[Change], list[Change]]:
        files_before, files_after = self._sides.before.files or {}, self._sides.files_after
        traces = [trace_of(finding) for finding in self._after]
        found = match([item.trace for item in self._before], traces, files_before, files_after)
        self._renames = {**self._heirs(), **found.renames}
        out = [
            self._same(self._before[pair.before], self._after[pair.after], pair.how == "edited")
            for pair in found.pairs
        ]
        paired = ({pair.before for pair in found.pairs}, {pair.after for pair in found.pairs})
        left = [finding for at, finding in enumerate(self._after) if at not in paired[1]]
        again, past = self._returned(left)
        out += [self._arrived(f, again.get(f.fingerprint)) for f in left]
        out += [self._missing(item) for at, item in enumerate(self._before) if at not in paired[0]]
        return out, past

    def _heirs(self) -> Renames:
        """Files that were renamed, also those without findings now: was the heir looked at?"""
        paths = {item.trace.path for item in self._before}
        return follow(self._sides.before.files or {}, self._sides.files_after, paths)

    def _first(self, fingerprint: str) -> str:
        entry = self._seen.get(fingerprint)
        return entry.first_seen if entry else self._sides.before.date

    def _same(self, was: Reported, now: Finding, edited: bool) -> Change:
        old = was.trace.fingerprint
        change = Change(
            kind="finding",
            id=now.fingerprint,
            state="unchanged",
            cause="none",
            reason="",
            title=now.message,
            before=was.level,
            after=now.severity,
            previous=old if old != now.fingerprint else "",
            first_seen=self._first(old),
            last_seen=self._date,
            level=now.severity,
        )
        if edited:
            place = f"{was.trace.path}:{was.trace.line}"
            return replace(
                change, state="changed", cause="source", reason=f"the line was edited, formerly at {place}"
            )
        if old in self._carried:
            return replace(change, reason="the previous build did not look there; a build before it did")
        if was.level != now.severity:
            cause, why = self._separate(now.scanner, now.rule, was.trace.path, now.location.path)
            return replace(change, state="changed", cause=cause, reason=why)
        if was.trace.path != now.location.path:
            return replace(change, reason=f"formerly in {was.trace.path}")
        return change

    def _returned(self, left: Sequence[Finding]) -> tuple[dict[str, Remembered], list[Change]]:
        """Findings that are there again, by fingerprint, and those that stay away."""
        traces = [entry.trace for entry in self._past if entry.trace is not None]
        files = self._sides.before.files or {}
        found = match(traces, [trace_of(f) for f in left], files, self._sides.files_after)
        again = {left[pair.after].fingerprint: self._past[pair.before] for pair in found.pairs}
        back = {pair.before for pair in found.pairs}
        past = [
            _gone(entry.trace, entry.level, entry.title, entry.first_seen, entry.last_seen)
            for at, entry in enumerate(self._past)
            if at not in back and entry.trace is not None
        ]
        return again, past

    def _arrived(self, now: Finding, entry: Remembered | None) -> Change:
        cause, why = self._why_new(now)
        change = Change(
            kind="finding",
            id=now.fingerprint,
            state="new",
            cause=cause,
            reason=why,
            title=now.message,
            after=now.severity,
            first_seen=self._date,
            last_seen=self._date,
            level=now.severity,
        )
        if entry is None:
            return change
        was = f"fixed after {entry.last_seen}, here again"
        previous = entry.id if entry.id != now.fingerprint else ""
        return replace(
            change, state="reopened", reason=f"{was}: {why}", first_seen=entry.first_seen, previous=previous
        )

    def _why_new(self, now: Finding) -> tuple[Cause, str]:
        was = self._sides.before.scans.get(now.scanner)
        if was is None or not was.ran:
            word = f"was {was.status}" if was else "did not run"
            return "not-checked", f"{now.scanner} {word} for the previous bundle"
        path = now.location.path
        former = next((old for old, new in self._renames.items() if new == path), path)
        if former in was.not_scanned:
            return "not-checked", f"{now.scanner} did not wholly read {former} for the previous bundle"
        if was.degraded:
            return "not-checked", f"what {now.scanner} read for the previous bundle is not known in full"
        files = self._sides.before.files
        if files is not None and former not in files:
            return "source", f"{path} was not in the previous release"
        if any(was.rules.values()) and now.rule not in was.rules:
            return "rules", f"the previous bundle had no rule {now.rule}"
        if self._sides.could_be_withheld(now):
            words = "was among those that the previous bundle withheld"
            if not self._sides.file_changed(former, path):
                return "not-checked", f"{path} did not change, so it {words}, or a tool changed"
            return "unknown", f"{path} changed, or it {words}"
        return self._separate(now.scanner, now.rule, former, path)

    def _separate(self, scanner: str, rule: str, former: str, path: str) -> tuple[Cause, str]:
        if scanner not in self._sides.before.scans:
            return "unknown", f"{scanner} did not run for the previous bundle"
        others = self._sides.scanner_causes(scanner, rule)
        return separate(self._sides.file_changed(former, path), others, path)

    def _missing(self, was: Reported) -> Change:
        trace = was.trace
        seen = self._seen.get(trace.fingerprint)
        last = seen.last_seen if seen and trace.fingerprint in self._carried else self._sides.before.date
        gone = _gone(trace, was.level, was.title, self._first(trace.fingerprint), last)
        path = self._renames.get(trace.path, trace.path)
        if why := self._not_looked(trace, path):
            return replace(gone, state="unchanged", cause="not-checked", reason=why, after="not checked")
        if path not in self._sides.files_after:
            return replace(gone, cause="source", reason=f"{trace.path} is no longer in the source")
        if trace.fingerprint in self._carried and trace.scanner not in self._sides.before.scans:
            return replace(
                gone, cause="unknown", reason=f"{trace.scanner} did not run for the previous bundle"
            )
        cause, why = self._separate(trace.scanner, trace.rule, trace.path, path)
        return replace(gone, cause=cause, reason=why)

    def _not_looked(self, trace: Trace, path: str) -> str:
        """Why nobody can say that it is gone; empty where the place was looked at with the same question."""
        scan = self._sides.scans.get(trace.scanner)
        if scan is None or scan.status not in _RAN:
            return f"{trace.scanner} {scan.status if scan else 'did not run'}"
        if path in {name for name, _ in scan.not_scanned}:
            return f"{trace.scanner} did not wholly read {path}"
        if _degraded(scan):
            return f"what {trace.scanner} read is not known in full"
        if _asks_no_more(self._sides.before.scans.get(trace.scanner), scan, trace.rule):
            return f"{trace.scanner} has no rule {trace.rule} any more"
        if path in self._sides.files_after and path not in scan.files_scanned:
            return f"{path} is not among the files that {trace.scanner} reads"
        if path not in self._sides.files_after and not self._sides.before.files:
            base = path.rsplit("/", 1)[-1]
            if any(name.rsplit("/", 1)[-1] == base for name in self._sides.files_after):
                return f"{path} may have been renamed, and nobody kept what was in it"
        return ""


def _as_reported(entry: Remembered, trace: Trace) -> Reported:
    return Reported(trace=trace, level=entry.level, title=entry.title)


def _degraded(scan: ScanResult) -> bool:
    """A partial result for a reason that names no file."""
    return scan.status == "partial" and (bool(scan.notifications) or not scan.not_scanned)


def _asks_no_more(was: PreviousScan | None, scan: ScanResult, rule: str) -> bool:
    """True where the scanner's rules are ours, all of them are listed, and this one is not."""
    ours = any(info.digest for info in scan.rules)
    return ours and rule not in {info.id for info in scan.rules} and (was is None or rule in was.rules)


def _gone(trace: Trace, level: Severity, title: str, first: str, last: str) -> Change:
    return Change(
        kind="finding",
        id=trace.fingerprint,
        state="fixed",
        cause="unknown",
        reason="",
        title=title,
        before=level,
        first_seen=first,
        last_seen=last,
        level=level,
        trace=trace,
    )
