"""Claims on what a rule of a scanner finds. The scanner itself is not known here: somebody who knows one runs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from threatmodel.core.text import fold
from threatmodel.readers.content import Unusable

if TYPE_CHECKING:
    from threatmodel.claims.check import ClaimCheck, Reading
    from threatmodel.system import Semgrep


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRun:
    """What one rule did with the files that it was to read: its matches as (path, line), and why files were not read, or
    not whole. `reason`: why nothing of it counts."""

    matches: tuple[tuple[str, int], ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


class RuleRunner(Protocol):
    """Runs rules over files of a source tree, all of them at once."""

    def __call__(self, source: str, wanted: Mapping[str, frozenset[str]]) -> Mapping[str, RuleRun]:
        """`source` names the tree, `wanted` maps a rule, as claims name it, to paths. Each rule gets a result."""
        ...


@dataclass(slots=True, kw_only=True)
class RuleRuns:
    """The rules that the claims on one tree name, run at most once, and not before the first is asked for."""

    source: str
    runner: RuleRunner
    wanted: Mapping[str, frozenset[str]]
    _done: Mapping[str, RuleRun] | None = None

    def of(self, rule: str) -> RuleRun:
        """The result of a rule."""
        if self._done is None:
            self._done = self.runner(self.source, self.wanted)
        return self._done[rule]


def semgrep(blank: ClaimCheck, claim: Semgrep, paths: tuple[str, ...], reading: Reading) -> ClaimCheck:
    """Verified where the rule matches in one of the files, or was run on all of them and matches in none."""
    if reading.rules is None:
        return replace(blank, detail="rules of scanners were not run here")
    run = reading.rules.of(claim.rule)
    if run.reason:
        return replace(blank, detail=fold(run.reason))
    asked = frozenset(paths)
    hits = [(path, line) for path, line in run.matches if path in asked]
    if hits:
        path, line = min(hits)
        at = replace(blank, path=path, line=line, seen=_seen(reading, path, line))
        return replace(at, state="verified" if claim.matches else "contradicted")
    if left := sorted(asked & run.unread.keys()):
        return replace(blank, path=left[0], detail=fold(run.unread[left[0]]))
    files = paths[0] if len(paths) == 1 else f"{len(paths)} files"
    clean = replace(blank, path=paths[0], detail=f"the rule was run on {files} and matches nowhere")
    return replace(clean, state="contradicted" if claim.matches else "verified")


def _seen(reading: Reading, path: str, line: int) -> str:
    content = reading.content(path)
    lines: Iterable[str] = (
        () if isinstance(content, Unusable) else content.text.split("\n", line)[line - 1 : line]
    )
    return fold(next(iter(lines), "").strip())[:160]
