"""`threatmodel scan`: scanners on a source tree, side by side and confined."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collateral.cli.common import (
    Opened,
    add_edition,
    add_format,
    add_junit,
    add_sarif,
    add_tool_data,
    add_tools,
    add_vex,
    edition,
    read_results,
    read_sarif_files,
    read_vex_files,
    tool_data,
)
from collateral.cli.overlays import add_overlay, overlay_folder, read_overlay_of, tell_ended
from collateral.cli.surroundings import Surroundings
from scanners.finding import ScanResult
from threatmodel.core.errors import Exit
from threatmodel.core.text import fold

if TYPE_CHECKING:
    from collateral.assessment import Edition, SourceFacts
    from collateral.ignores import Ignore
    from collateral.outputs import ScansFile
    from collateral.overlay import Overlay
    from collateral.overlay.files import Kind
    from scanners.changed import Changed
    from scanners.protocol import Scanner
    from threatmodel.source import SourceTree

_KINDS: tuple[Kind, ...] = ("findings",)
HELP = "run the scanners over a source tree"
EXAMPLES = (
    "threatmodel scan .",
    "threatmodel scan .@HEAD --format sarif -o findings.sarif",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("source", help="a folder, folder@ref of a git repository, or a git URL with @tag")
    parser.add_argument("--cache", metavar="DIR", help="folder for clones and scan results")
    parser.add_argument("-o", "--output", metavar="FILE", help="write here instead of to standard output")
    parser.add_argument(
        "--model",
        metavar="MODEL",
        help="the model whose scanners run, and whose publishing policy and decisions the public edition follows",
    )
    parser.add_argument(
        "--scanner",
        metavar="NAME",
        action="append",
        default=[],
        help="run this scanner instead; repeatable; `threatmodel doctor` lists them",
    )
    parser.add_argument(
        "--changed-since",
        metavar="REF",
        help="scan only files that are not as they were at this ref; findings elsewhere are neither looked for nor told",
    )
    add_sarif(parser)
    add_junit(parser, "failed tests are findings")
    add_vex(parser)
    add_edition(parser)
    add_overlay(parser)
    add_tools(parser)
    add_tool_data(parser)
    add_format(parser, "text", "json", "sarif", "markdown")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. A scanner that did not do all that it was asked for gives exit 3."""
    from collateral.bundle.place import write_file
    from collateral.bundle.scans import run_scanners, scan_cache
    from collateral.bundle.source import address_of, read_facts
    from collateral.cli.common import cache_folder
    from collateral.inline import ignores_of
    from threatmodel.source import open_source

    vex = read_vex_files(args, around)
    scanners = _scanners(args, around)
    cache = cache_folder(args, around)
    folder = overlay_folder(args, around)
    overlay = read_overlay_of(args, Opened(args, around), folder) if folder is not None else None
    day = around.now.date()
    with open_source(args.source, cache=cache / "sources", base=around.cwd, environ=around.environ) as tree:
        address = address_of(args.source, around.cwd)
        facts = read_facts(tree, address)
        results = run_scanners(
            tree,
            tools=[around.cwd / folder for folder in args.tools],
            data=tool_data(args, around),
            search_path=around.environ.get("PATH", ""),
            cache=scan_cache(cache, around.environ),
            stderr=around.stderr,
            scanners=scanners,
            sarif=read_sarif_files(args, around),
            results=read_results(args, around),
            changed=_changed(args, around, tree, cache),
        )
        told = [finding for result in results for finding in result.findings]
        ignores, unread = ignores_of(told, tree, vex, day)
        for problem in unread:
            around.stderr.write(f"not read: {problem}\n")
        shown, withheld = results, 0
        which = edition(args, around)
        if which == "public":
            shown, withheld = public_edition(results, args, around)
        release = (facts.ref or facts.commit) if tree.ref else "working-tree"
        data = _Output(
            facts, address, release, shown, withheld, which, overlay, day, args.changed_since or "", ignores
        ).bytes_in(args.format)
    tell_ended(overlay, day, around)
    if args.output:
        write_file(around.cwd / args.output, data)
    else:
        around.stdout.write(data.decode("utf-8"))
    if withheld:
        found = f"{withheld} finding{'' if withheld == 1 else 's'}"
        around.stderr.write(f"public edition: {found} withheld, --edition private shows all\n")
    return Exit.CLEAN if all(result.status == "complete" for result in results) else Exit.INCOMPLETE


def _changed(args: argparse.Namespace, around: Surroundings, tree: SourceTree, cache: Path) -> Changed | None:
    """What changed since the ref that is named, None where none is.

    Raises:
        SourceUnavailable: the source has no such ref.
    """
    if not args.changed_since:
        return None
    from scanners.changed import changed_since
    from threatmodel.source import at_ref, open_source

    spec = at_ref(args.source, args.changed_since, around.cwd)
    with open_source(spec, cache=cache / "sources", base=around.cwd, environ=around.environ) as before:
        return changed_since(tree, before, args.changed_since)


def _scanners(args: argparse.Namespace, around: Surroundings) -> tuple[Scanner, ...]:
    """Those that are named, else those of the model, else those that always run.

    Raises:
        UsageError: one is not known or cannot be used.
    """
    from collateral.bundle.scans import chosen
    from scanners.registry import DEFAULT, select
    from threatmodel.load import read_manifest

    manifest = read_manifest(around.cwd / args.model, args.model) if args.model else None
    if args.scanner:
        return select(args.scanner, versions=manifest.scanner_packages if manifest else None)
    return chosen(manifest) if manifest else DEFAULT


@dataclass(frozen=True, slots=True)
class _Output:
    """What goes out, and what is said about it."""

    facts: SourceFacts
    address: str
    release: str
    scans: tuple[ScanResult, ...]
    withheld: int
    edition: Edition
    overlay: Overlay | None
    day: datetime.date
    since: str
    ignores: Mapping[str, Ignore]

    def bytes_in(self, form: str) -> bytes:
        """The output as SARIF, JSON, Markdown or text."""
        from threatmodel.core.canonical import dump_bytes

        if form == "sarif":
            return dump_bytes(self._sarif())
        if form == "json":
            from threatmodel.core.plain import to_plain

            return dump_bytes(to_plain(self._json()))
        shown = _markdown(self.scans) if form == "markdown" else _text(self.scans)
        return (shown + self._ignored() + self._held()).encode("utf-8", "backslashreplace")

    def _sarif(self) -> dict[str, Any]:
        from collateral.ignores import ignore_suppressions
        from scanners.sarif import to_sarif
        from threatmodel import __version__

        withheld = {"withheld": {"findings": self.withheld}} if self.withheld else {}
        since = {"changedSince": self.since} if self.since else {}
        log = to_sarif(
            self.scans,
            tool_version=__version__,
            project="scan",
            release=self.release,
            source_commit=self.facts.commit or None,
            source_dirty=self.facts.dirty,
            source_uri=self.address,
            suppressions=ignore_suppressions(self.ignores, self.day),
            run_properties={"edition": self.edition, **withheld, **since},
        )
        if self.overlay is None:
            return log
        from collateral.overlay.files import sarif_runs

        held = sarif_runs(
            self.overlay, self.day, project="scan", release=self.release, tool_version=__version__
        )
        return {**log, "runs": [*log["runs"], *held]}

    def _json(self) -> ScansFile:
        from collateral.outputs import ScansFile

        made = ScansFile(source=self.facts, scans=self.scans, withheld=self.withheld)
        if self.overlay is None:
            return made
        from collateral.overlay import held_file
        from collateral.overlay.printed import PrivateScansFile, beside

        return beside(PrivateScansFile, made, held_file(self.overlay, self.day, _KINDS))

    def _ignored(self) -> str:
        """The findings that others leave aside, in words: they stay in the list."""
        shown = {finding.fingerprint: finding for scan in self.scans for finding in scan.findings}
        lines = [
            f"{fold(f'{shown[key].location.path}:{shown[key].location.line}  {shown[key].rule}  {item.told(self.day)}')}"
            for key, item in sorted(self.ignores.items())
            if key in shown
        ]
        return "".join(f"{line}\n" for line in sorted(lines))

    def _held(self) -> str:
        if self.overlay is None:
            return ""
        from collateral.overlay import text_lines

        return "".join(f"{line}\n" for line in text_lines(self.overlay, self.day, _KINDS))


def public_edition(
    scans: tuple[ScanResult, ...], args: argparse.Namespace, around: Surroundings
) -> tuple[tuple[ScanResult, ...], int]:
    """What a public edition shows, and how many findings it withholds: without a model that says what may be shown,
    all of them. Nothing is known here of earlier runs, so all count as seen today."""
    from collateral.publish import without_findings

    findings = [finding for scan in scans for finding in scan.findings]
    hidden = frozenset(finding.fingerprint for finding in findings)
    if args.model:
        from collateral.attribution import ComponentMap, attribute
        from collateral.policy import Priorities, read_policy
        from collateral.publish import Withholding, withheld_findings

        opened = Opened(args, around)
        policy = read_policy(opened.loaded.manifest)
        rules = Withholding(
            priorities=Priorities(opened.project, policy.criteria),
            publishing=policy.publishing,
            as_of=around.now.date(),
        )
        components = ComponentMap.of(opened.project)
        places = {item.fingerprint: item for item in attribute(opened.project, findings, (), components)}
        triage = opened.triage()
        hidden = frozenset(f.fingerprint for f in withheld_findings(findings, places, triage, rules))
    if not hidden:
        return scans, 0
    return tuple(without_findings(scan, hidden) for scan in scans), len(hidden)


def _markdown(scans: tuple[ScanResult, ...]) -> str:
    """A table of the findings, then what each scanner did."""
    from collateral.report.markdown import inline

    lines = ["| Place | Severity | Rule | Finding |", "| --- | --- | --- | --- |"]
    for scan in scans:
        for f in scan.findings:
            cells = (f"{f.location.path}:{f.location.line}", f.severity, f.rule, " ".join(f.message.split()))
            lines.append("| " + " | ".join(inline(cell) for cell in cells) + " |")
    told = [line for scan in scans for line in _state(scan)]
    lines += ["", *(f"{'  ' if line.startswith('  ') else ''}- {inline(line.strip())}" for line in told)]
    return "\n".join(lines) + "\n"


def _state(scan: ScanResult) -> Iterator[str]:
    """What one scanner did, and what it did not read."""
    reason = f" ({scan.reason})" if scan.reason else ""
    found = f"{len(scan.findings)} finding{'' if len(scan.findings) == 1 else 's'}"
    yield (
        f"{scan.scanner} {scan.version}: {scan.status}{reason}, {found}, "
        f"{len(scan.files_scanned)} of {len(scan.files_planned)} files"
    )
    yield from (f"  note: {note}" for note in scan.notifications)
    yield from (f"  not scanned: {path}: {why}" for path, why in scan.not_scanned)


def _text(scans: tuple[ScanResult, ...]) -> str:

    lines = []
    for scan in scans:
        lines += [
            f"{fold(f.location.path)}:{f.location.line}  {f.severity}  {f.rule}  {fold(' '.join(f.message.split()))}"
            for f in scan.findings
        ]
    lines += [fold(line) for scan in scans for line in _state(scan)]
    return "\n".join(lines) + "\n"
