"""How well findings are recognised in a later release: `python -m tests.identity REPOSITORY BEFORE AFTER`.

Findings are those of loud rules (tests/scanners/loud), so that there are thousands. What became of each is told by
`git diff -M -w`: a finding persists where its line was not touched and the later release has the same rule there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from scanners.adapters.semgrep import SemgrepScanner
from scanners.baseline import FileMark, file_mark, match, trace_of
from scanners.finding import Finding
from scanners.protocol import ToolEnv
from scanners.run.scheduler import scan
from threatmodel.source import FileTooLarge, GitRefTree

_RULES = Path(__file__).parent / "scanners" / "loud"
_TOOLS = Path(__file__).parents[1] / ".venv-scanners" / "bin"
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class Release:
    """The findings of a release, and the marks of its files."""

    findings: Sequence[Finding]
    files: Mapping[str, FileMark]


@dataclass
class Diff:
    """What became of the lines of files, as git tells it."""

    renamed: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    hunks: dict[str, list[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(list))

    def place(self, path: str, line: int) -> tuple[str, int] | None:
        """Where a line is now; None where it was touched or its file is gone."""
        if path in self.gone:
            return None
        moved = 0
        for start, before, after in self.hunks.get(path, ()):
            if line < start + (not before):
                break
            if before and line < start + before:
                return None
            moved += after - before
        return self.renamed.get(path, path), line + moved


def release(repository: Path, tag: str) -> Release:
    """The findings of the loud rules in a release."""
    files = {}
    with (
        GitRefTree(repository, tag) as tree,
        tempfile.TemporaryDirectory() as work,
        ThreadPoolExecutor(1) as executor,
    ):
        env = ToolEnv(tools=(_TOOLS,), path=os.environ.get("PATH", ""))
        (result,) = scan(
            tree, (SemgrepScanner(rules=_RULES),), executor=executor, workdir=Path(work), env=env
        )
        if result.status not in ("complete", "partial"):
            raise SystemExit(f"{tag}: {result.status}: {result.reason}")
        for path in tree.paths():
            try:
                files[path] = file_mark(tree.read(path))
            except FileTooLarge:
                continue
    return Release(result.findings, files)


def difference(repository: Path, before: str, after: str) -> Diff:
    """The difference of two releases, renamed files followed however many there are."""
    words = ("diff", "-M", "-l0", "-w", "-U0", "--no-color", "--no-ext-diff", before, after)
    done = subprocess.run(["git", "-C", str(repository), *words], capture_output=True, check=True)
    diff, old = Diff(), ""
    for line in done.stdout.decode("utf-8", "replace").split("\n"):
        if line.startswith("rename from "):
            old = line.removeprefix("rename from ")
        elif line.startswith("rename to "):
            diff.renamed[old] = line.removeprefix("rename to ")
        elif line.startswith("--- "):
            old = "" if line == "--- /dev/null" else line.removeprefix("--- a/").rstrip("\t")
        elif line == "+++ /dev/null":
            diff.gone.add(old)
        elif old and (found := _HUNK.match(line)):
            start, count, _, more = (int(number) if number else 1 for number in found.groups())
            diff.hunks[old].append((start, count, more))
    return diff


def truth(one: Release, two: Release, diff: Diff) -> dict[int, int]:
    """The pairs of findings that are the same, by position, as the difference tells."""
    olds, news = (_by_place(side.findings) for side in (one, two))
    pairs: dict[int, int] = {}
    for (rule, path, line), found in olds.items():
        place = diff.place(path, line)
        others = news.get((rule, *place), []) if place else []
        if len(others) == len(found):
            pairs |= dict(zip(found, others, strict=True))
    return pairs


def _by_place(findings: Sequence[Finding]) -> dict[tuple[str, str, int], list[int]]:
    out: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for at in sorted(range(len(findings)), key=lambda at: findings[at].location):
        place = findings[at].location
        out[findings[at].rule, place.path, place.line].append(at)
    return out


def main(repository: Path, before: str, after: str) -> None:
    """Print the share of persisting findings that are paired, and of pairs that are wrong."""
    one, two = release(repository, before), release(repository, after)
    true = truth(one, two, difference(repository, before, after))
    olds, news = ([trace_of(finding) for finding in side.findings] for side in (one, two))
    made = {pair.before: pair.after for pair in match(olds, news, one.files, two.files).pairs}
    back = {new: old for old, new in true.items()}
    right = sum(made.get(old) == new for old, new in true.items())
    wrong = sum(
        (old in true and true[old] != new) or (new in back and back[new] != old) for old, new in made.items()
    )
    print(
        f"{before} -> {after}: {len(one.findings)} and {len(two.findings)} findings; {len(true)} persist, "
        f"{right} paired ({right / len(true):.2%}); {len(made)} pairs, {wrong} wrong ({wrong / len(made):.3%})"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
