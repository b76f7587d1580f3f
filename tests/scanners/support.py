"""Source trees and fake tools for the scanner tests."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from scanners.finding import ScanResult
from scanners.protocol import Description, Launch, RawOutput, Scanner, SourceFiles, ToolEnv, Work
from scanners.run.cache import Cache
from scanners.run.progress import Listener, ignore
from scanners.run.scheduler import scan
from threatmodel.confine import Limits, Outcome
from threatmodel.source import DirectoryTree

LIMITS = Limits(
    wall_seconds=20, cpu_seconds=20, memory_bytes=None, output_bytes=1 << 20, open_files=256, processes=None
)
TOOLS = Path(__file__).parents[2] / ".venv-scanners" / "bin"

_PRELUDE = """
import json, os, signal, sys, time
argv = sys.argv[1:]
if argv == ["--version"]:
    print("9.8.7")
    raise SystemExit(0)
out = argv[argv.index("-o") + 1]
def files(*ends):
    return sorted(os.path.relpath(os.path.join(d, f), ".") for d, _, fs in os.walk(".") for f in fs if f.endswith(ends))
def write(value):
    with open(out, "w") as handle:
        json.dump(value, handle)
"""


def make_tree(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def fake_tool(folder: Path, name: str, body: str) -> Path:
    """An executable of that name that runs `body`, with `argv`, `out`, `files()` and `write()` at hand."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{_PRELUDE}\n{textwrap.dedent(body)}\n")
    path.chmod(0o755)
    return path


def run_scan(
    tmp_path: Path,
    scanners: tuple[Scanner, ...],
    *,
    tools: tuple[Path, ...] = (),
    limits: Limits = LIMITS,
    cache: Path | Cache | None = None,
    progress: Listener = ignore,
    work: str = "work",
    data: Mapping[str, Path] | None = None,
) -> tuple[ScanResult, ...]:
    """Scan `tmp_path/tree`; only the given folders hold tools."""
    env = ToolEnv(tools=tools, beside=tmp_path / "nothing", data=data or {})
    with ThreadPoolExecutor(2) as executor, DirectoryTree(tmp_path / "tree") as tree:
        return scan(
            tree,
            scanners,
            executor=executor,
            workdir=tmp_path / work,
            env=env,
            limits=limits,
            cache=Cache(folder=cache) if isinstance(cache, Path) else cache,
            progress=progress,
        )


@dataclass(frozen=True)
class MemoryFiles:
    """Source files held in memory."""

    contents: Mapping[str, bytes] = field(default_factory=dict)

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.contents))

    def read(self, path: str) -> bytes:
        return self.contents[path]


def outcome(exit_code: int = 0) -> Outcome:
    """A command that ended by itself."""
    return Outcome(
        exit_code=exit_code,
        signal=None,
        stdout=b"",
        stderr=b"",
        stdout_truncated=False,
        stderr_truncated=False,
        timed_out=False,
        limit="",
        level="limits",
    )


def raw_output(files: tuple[str, ...], report: object) -> RawOutput:
    """What a tool that ended well left behind; a report that is not bytes is written as JSON."""
    data = report if isinstance(report, bytes) else json.dumps(report).encode()
    return RawOutput(files=files, outcome=outcome(), report=data, report_problem="", command=("tool",))


def description(**changes: object) -> Description:
    """An installed tool."""
    base: dict[str, object] = {
        "version": "1.2.3",
        "tool_digest": "t",
        "ruleset_digest": "r",
        "licence": "Apache-2.0",
        "needs_network": False,
        "available": True,
    }
    return Description(**(base | changes))  # type: ignore[arg-type]  # fields are checked at run time


@dataclass(frozen=True)
class Plugin:
    """A scanner without a tool: it says that it has read everything, or raises at the named step."""

    name: str = "plugin"
    raises_in: str = ""
    needs_network: bool = False
    findings: int = 0

    def _step(self, name: str) -> None:
        if self.raises_in == name:
            raise ValueError(f"{name} went wrong")

    def describe(self, env: ToolEnv, launch: Launch) -> Description:
        self._step("describe")
        return description(needs_network=self.needs_network)

    def plan(self, tree: SourceFiles) -> tuple[str, ...]:
        self._step("plan")
        return tree.paths()

    def run(self, work: Work) -> RawOutput:
        self._step("run")
        return raw_output(work.files, {})

    def parse(self, raw: RawOutput, tree: SourceFiles, description: Description) -> ScanResult:
        self._step("parse")
        return ScanResult(
            scanner=self.name,
            version=description.version,
            status="complete",
            files_planned=raw.files,
            files_scanned=raw.files,
        )
