"""Scans of what changed since another state of the source, and of nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scanners.finding import ScanResult
from scanners.protocol import Description, Launch, RawOutput, Scanner, SourceFiles, ToolEnv, Work
from threatmodel.core.canonical import sha256
from threatmodel.source import FileTooLarge, SourceTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The files of a source tree that are not as they were at `since`."""

    since: str
    paths: frozenset[str]


def changed_since(tree: SourceTree, before: SourceTree, since: str) -> Changed:
    """The files of `tree` that `before` has not, or not so. One that is too large to be read counts as changed."""
    known = frozenset(before.paths())
    return Changed(
        since=since,
        paths=frozenset(path for path in tree.paths() if path not in known or _differs(tree, before, path)),
    )


def _differs(tree: SourceTree, before: SourceTree, path: str) -> bool:
    try:
        return sha256(tree.read(path)) != sha256(before.read(path))
    except FileTooLarge:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyChanged:
    """A scanner whose plan has only files that changed. Its result says so: it is none of the whole tree."""

    scanner: Scanner
    changed: Changed

    @property
    def name(self) -> str:
        return self.scanner.name

    @property
    def cost(self) -> int:
        """That of the scanner."""
        return int(getattr(self.scanner, "cost", 1))

    def describe(self, env: ToolEnv, launch: Launch) -> Description:
        return self.scanner.describe(env, launch)

    def plan(self, tree: SourceFiles) -> tuple[str, ...]:
        return tuple(path for path in self.scanner.plan(tree) if path in self.changed.paths)

    def run(self, work: Work) -> RawOutput:
        return self.scanner.run(work)

    def parse(self, raw: RawOutput, tree: SourceFiles, description: Description) -> ScanResult:
        return self.scanner.parse(raw, tree, description)


def limited(result: ScanResult, changed: Changed) -> ScanResult:
    """The result without findings in other files, with the note that it is of changed files alone."""
    note = f"only files that changed since {changed.since} were looked at"
    return replace(
        result,
        findings=tuple(found for found in result.findings if found.location.path in changed.paths),
        notifications=tuple(sorted((*result.notifications, note))),
    )
