"""What a scanner is to the rest of the program: described, planned, run confined, its output judged."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from scanners.finding import ScanResult
from threatmodel.confine import Job, Limits, Outcome

Launch = Callable[[Job], Outcome]
"""Runs one confined command to its end."""


class SourceFiles(Protocol):
    """The regular files of a source tree, by relative path with forward slashes."""

    def paths(self) -> tuple[str, ...]:
        """All paths, sorted."""
        ...

    def read(self, path: str) -> bytes:
        """The content of one file."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEnv:
    """Where executables are looked for: `tools` first, then `beside` (the interpreter), then in `path`."""

    tools: tuple[Path, ...] = ()
    beside: Path = field(default_factory=lambda: Path(sys.executable).parent)
    path: str = ""
    """Folders separated as in the PATH variable."""
    data: Mapping[str, Path] = field(default_factory=dict)
    """Folders beside the tree that a tool may read, by what they hold: databases of advisories, modules of a language.
    Only those that somebody named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A scanner as it is installed here. Nothing in it depends on the folder that it is installed in."""

    version: str
    tool_digest: str
    """Changes where the tool's code does, so also with the architecture and with the Python that it runs on. For the
    cache and for facts of the machine; never part of a bundle."""
    ruleset_digest: str
    """Changes where the rules or the options do."""
    licence: str
    needs_network: bool
    available: bool
    reason: str = ""
    """Why it is not available."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One run: the files to read below `tree_dir`, and a private folder for everything that is written."""

    tree_dir: Path
    files: tuple[str, ...]
    workdir: Path
    limits: Limits
    env: ToolEnv
    launch: Launch


@dataclass(frozen=True, slots=True, kw_only=True)
class RawOutput:
    """What a run left behind: untrusted."""

    files: tuple[str, ...]
    outcome: Outcome
    report: bytes | None
    """The file that the tool was told to write; None where it is missing, too long or not a plain file."""
    report_problem: str
    """Why there is no report, or empty."""
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A small source tree on which a scanner shows what it does.

    `files` are read by the scanner, each with something that it reports. Only those in `quiet`, which say how others are
    built, have nothing; at least two are not quiet. `other` it does not read. `broken` are files that it plans to read
    and cannot parse; where its tool parses everything, `never_broken` says why. `data` are files of the folders beside
    the tree that it reads, by the name of the folder.
    """

    files: Mapping[str, bytes]
    other: Mapping[str, bytes] = field(default_factory=dict)
    broken: Mapping[str, bytes] = field(default_factory=dict)
    never_broken: str = ""
    quiet: frozenset[str] = frozenset()
    data: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)


class Scanner(Protocol):
    """One tool. Implementations are immutable values that can be pickled.

    An attribute `cost` says how long it takes beside others, 1 without it: the dearest start first, so that the end of a
    scan does not wait for one that began late.
    """

    @property
    def name(self) -> str:
        """Stable name: lower-case letters, digits and hyphens."""
        ...

    def describe(self, env: ToolEnv, launch: Launch) -> Description:
        """Version, digests and whether the tool can be started."""
        ...

    def plan(self, tree: SourceFiles) -> tuple[str, ...]:
        """The files that a complete run reads, sorted."""
        ...

    def run(self, work: Work) -> RawOutput:
        """Run the tool over exactly the planned files."""
        ...

    def parse(self, raw: RawOutput, tree: SourceFiles, description: Description) -> ScanResult:
        """Judge the output; what the tool did not say was done counts as not done."""
        ...
