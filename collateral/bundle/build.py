"""One bundle from start to end: source, scanners, assessment, pictures, documents, manifest."""

from __future__ import annotations

import datetime
import platform
import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from collateral.assessment import Assessment, Edition, NotDone, SourceFacts, assess, read_texts
from collateral.backtest import BacktestFile
from collateral.bundle.backtest import History, judged_backtest, not_checked, prepare_backtest
from collateral.bundle.beside import Wanted, make_beside
from collateral.bundle.exports import schema_of
from collateral.bundle.inventories import Storage, judged_storage, read_storage_needs
from collateral.bundle.manifest import MANIFEST, SUMS, Manifest, make_manifest, make_sums
from collateral.bundle.parts import PARTS, Making, documents
from collateral.bundle.place import ENVIRONMENT, locked, place, recover
from collateral.bundle.previous import read_previous
from collateral.bundle.sbom import Listed, list_source
from collateral.bundle.scans import chosen, run_scanners, scan_cache
from collateral.bundle.security_group import Audited, audit_source
from collateral.bundle.source import address_of, left_out, other_release, read_facts, unread_facts
from collateral.bundle.statements import not_made
from collateral.first_seen import NOTHING_KNOWN, FirstSeen, read_first_seen
from collateral.history_compare import compare
from collateral.ignores import Ignore
from collateral.named_sources import NamedSources, Opening
from collateral.overlay import NEEDS_PRIVATE, Overlay, ended_warnings
from collateral.pentest import read_records
from collateral.predecessor import load_predecessor
from collateral.publish import publish
from collateral.report.pictures import draw
from collateral.response import Response, load_response
from collateral.rule_claims import SemgrepRules
from collateral.triage import Triage, orphan_warnings
from collateral.vectors import ThreatVector
from collateral.why import load_why, other_ids
from scanners.finding import ScanResult
from scanners.run.scheduler import DEFAULT_LIMITS
from threatmodel.analysis import Disposition
from threatmodel.analysis.coverage import wrong_answers
from threatmodel.claims import Results
from threatmodel.confine import Limits, detect
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import InvalidInput, SourceUnavailable, UsageError
from threatmodel.core.plain import to_plain
from threatmodel.core.text import fold
from threatmodel.diagrams.plan import plan
from threatmodel.load import Loaded
from threatmodel.rules import Rule
from threatmodel.source import SourceTree, last_commit_time, open_source

_RELEASE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a bundle is built from. `source` None: what the model declares. `base` resolves a relative `source`."""

    model: Path
    loaded: Loaded
    rules: tuple[Rule, ...]
    dispositions: tuple[Disposition, ...]
    configuration: str
    source: str | None
    base: Path
    release: str
    output: Path
    cache: Path
    tools: tuple[Path, ...]
    environ: Mapping[str, str]
    epoch: datetime.datetime | None
    stderr: TextIO
    vectors: tuple[ThreatVector, ...] = ()
    scan: bool = True
    previous: Path | None = None
    """The folder of the bundle of the release before."""
    edition: Edition = "public"
    overlay: Overlay | None = None
    """What may not be public yet; for a private edition only."""
    seen: FirstSeen = NOTHING_KNOWN
    """What the previous bundle knew of first dates."""
    triage: Triage = field(default_factory=dict)
    limits: Limits = DEFAULT_LIMITS
    """Of each scanner."""
    beside: Wanted = field(default_factory=Wanted)
    named: Mapping[str, str] = field(default_factory=dict)
    """Source trees of other projects, by the names that the model declares."""
    results: Results | None = None
    """Results of test runs of the source."""
    sarif: Sequence[tuple[str, bytes]] = ()
    """Results of other tools over the source: names and contents of SARIF files."""
    vex: Sequence[Ignore] = ()
    """What VEX documents leave aside."""
    data: Mapping[str, Path] = field(default_factory=dict)
    """Folders that scanners read beside the source, by what they hold."""
    backtest: str = ""
    """The repository with the tags that the records of published advisories name."""


@dataclass(slots=True)
class Report:
    """What became of a build: where the bundle is, and what was asked for and not done."""

    folder: Path
    not_done: Sequence[NotDone]
    seconds: dict[str, float] = field(default_factory=dict)


def build(request: Request) -> Report:
    """Build the bundle and move it into place.

    Raises:
        UsageError: the release cannot be part of a folder's name, there is no date to build for, or the model enables a
            scanner that cannot be used.
        InvalidInput: a disposition or text is invalid, or a file of the previous bundle; M038, an answer of the authors
            stands where there is a threat.
        NotVerified: the previous bundle is not what its sums and manifest say.
    """
    if not _RELEASE.fullmatch(request.release):
        raise UsageError(
            Diagnostic(
                code="U007", message=f"release {request.release!r}", hint="letters, digits and . + _ -"
            )
        )
    if request.overlay is not None and request.edition != "private":
        raise UsageError(NEEDS_PRIVATE)
    # What is wrong with the records is told before minutes of work.
    scanners = chosen(request.loaded.manifest)
    response = load_response(request.model)
    advisories, _ = read_records(request.model, request.loaded.project)
    project = request.loaded.project
    load_why(request.model, project, others=other_ids(project, request.rules, advisories))
    load_predecessor(request.model, request.loaded.project)
    storage = read_storage_needs(request.model, project)
    prepared = prepare_backtest(request.loaded, request.model, request.rules)
    request.output.mkdir(parents=True, exist_ok=True)  # where that is impossible, minutes of work are saved
    private = "-private" if request.edition == "private" else ""
    folder = request.output / f"{request.loaded.project.id}-{request.release}{private}"
    with locked(folder):
        recover(folder)
    previous = None
    if request.previous is not None:
        previous = read_previous(request.previous, request.edition)
        request = replace(request, seen=read_first_seen(request.previous))
    seconds: dict[str, float] = {}
    with ExitStack() as stack:
        source = _open(request, stack)
        tree = source.tree
        date = _date(request, tree)
        clock = _Clock(seconds)
        scans: tuple[ScanResult, ...] = ()
        if tree is not None:
            scans = run_scanners(
                tree,
                tools=request.tools,
                data=request.data,
                search_path=request.environ.get("PATH", ""),
                cache=scan_cache(request.cache, request.environ),
                stderr=request.stderr,
                limits=request.limits,
                scanners=scanners if request.scan else (),
                sarif=request.sarif,
                results=request.results,
            )
        clock("scanners")
        assessment = assess(
            request.loaded,
            request.rules,
            release=request.release,
            date=date,
            configuration=request.configuration,
            tree=tree,
            source=source.facts,
            scans=scans,
            dispositions=request.dispositions,
            vectors=request.vectors,
            triage=request.triage,
            texts=_texts(request.model),
            not_done=_asked_for(request, source.facts),
            named=_named(request, tree, stack),
            results=request.results,
            rules_of_claims=_rules(request) if request.scan else None,
            vex=request.vex,
        )
        if wrong := wrong_answers(project, assessment.threats):
            raise InvalidInput(*wrong)
        for warning in orphan_warnings(assessment.triage, assessment.attributions):
            print(fold(warning.render()), file=request.stderr)
        if previous is not None:
            assessment = replace(assessment, history=compare(previous, assessment))
        assessment = publish(assessment, edition=request.edition, seen=request.seen)
        assessment = _with_overlay(assessment, request)
        clock("assessment")
        audited = audit_source(request.loaded.project, tree, response)
        clock("ownership")
        listed = list_source(tree)
        clock("lock files")
        history = History(
            spec=request.backtest,
            cache=request.cache / "sources",
            base=request.base,
            environ=request.environ,
        )
        tested = judged_backtest(prepared, assessment, tree, history) if prepared else None
        for problem in history.told:
            print(fold(problem.render()), file=request.stderr)
        assessment = replace(assessment, not_done=(*assessment.not_done, *not_checked(tested)))
        clock("advisories")
    files, manifest = _files(
        assessment, request, clock, source.repository, response, audited, listed, storage, tested
    )
    beside = make_beside(folder.name, files, manifest, request.beside, timestamp=int(date.timestamp()))
    clock("signing")
    environment = {
        "confinement": to_plain(detect()),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
        "tools": {
            "folders": [str(path) for path in request.tools],
            "digests": {scan.scanner: scan.tool_digest for scan in scans},
        },
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
    }
    place(folder, files, beside={**beside, ENVIRONMENT: dump_bytes(environment)})
    clock("writing")
    return Report(folder=folder, not_done=manifest.not_done, seconds=seconds)


def _with_overlay(a: Assessment, request: Request) -> Assessment:
    """The overlay joins last: it changes no result, and no history knows of it."""
    if request.overlay is None:
        return a
    for warning in ended_warnings(request.overlay, a.date.date()):
        print(fold(warning.render()), file=request.stderr)
    return replace(a, overlay=request.overlay)


class _Clock:
    """Durations of the steps, for the environment file only."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds
        self._last = time.monotonic()

    def __call__(self, step: str) -> None:
        now = time.monotonic()
        self._seconds[step] = now - self._last
        self._last = now


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """`repository` is the address of the declared repository, where the tree is what is there and nothing else."""

    tree: SourceTree | None
    facts: SourceFacts
    repository: str = ""


def _open(request: Request, stack: ExitStack) -> _Source:
    """The source tree, or the reason why there is none."""
    declared = request.loaded.manifest.project.get("source", "")
    spec, base = (request.source, request.base) if request.source is not None else (declared, request.model)
    if not spec:
        facts = SourceFacts(available=False, name="none", reason="the model declares no source")
        return _Source(tree=None, facts=facts)
    address = address_of(spec, base)
    try:
        tree = open_source(spec, cache=request.cache / "sources", base=base, environ=request.environ)
    except SourceUnavailable as error:
        # What went wrong is a fact of this machine's network or disk: it is told, and kept out of the bundle.
        for found in error.diagnostics:
            print(fold(found.render()), file=request.stderr)
        return _Source(tree=None, facts=unread_facts(spec, address))
    stack.enter_context(tree)
    as_declared = spec == declared and not tree.dirty
    return _Source(tree=tree, facts=read_facts(tree, address), repository=address if as_declared else "")


def _rules(request: Request) -> SemgrepRules:
    return SemgrepRules(
        model=request.model,
        tools=request.tools,
        search_path=request.environ.get("PATH", ""),
        cache=scan_cache(request.cache, request.environ),
        limits=request.limits,
    )


def _named(request: Request, own: SourceTree | None, stack: ExitStack) -> NamedSources:
    """The sources of other projects. What is wrong with them is told, and kept out of the bundle."""
    opening = Opening(
        specs=request.named,
        cache=request.cache / "sources",
        base=request.base,
        environ=request.environ,
        stack=stack,
    )
    found = opening(request.loaded.manifest.sources, own)
    for problem in opening.told:
        print(fold(problem.render()), file=request.stderr)
    return found


def _asked_for(request: Request, facts: SourceFacts) -> list[NotDone]:
    if facts.available:
        scanners = [] if request.scan else [NotDone(what="Scanners", why="switched off for this build")]
        return [*other_release(facts, request.release), *left_out(facts), *scanners]
    return [
        NotDone(what="Source tree", why=facts.reason),
        NotDone(what="Controls", why="none was checked, because there was no source tree"),
        NotDone(what="Scanners", why="none was run, because there was no source tree"),
        *(
            NotDone(what=f"Results in {Path(name).name}", why="there was no source tree to hold them against")
            for name, _ in request.sarif
        ),
    ]


def _date(request: Request, tree: SourceTree | None) -> datetime.datetime:
    """SOURCE_DATE_EPOCH, else the source's commit, else the last commit that touched the model's folder."""
    if request.epoch is not None:
        return request.epoch
    seconds = tree.commit_time if tree is not None else None
    if seconds is None:
        seconds = last_commit_time(request.model)
    if seconds is None:
        raise UsageError(
            Diagnostic(
                code="U008",
                message="there is no date to build for: git knows no commit of the source or of the model's folder",
                hint="set SOURCE_DATE_EPOCH to seconds since 1970-01-01 UTC",
            )
        )
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _texts(model: Path) -> dict[str, tuple[str, ...]]:
    folder = model / "texts"
    if not folder.is_dir():
        return {}
    return read_texts({path.stem: path.read_bytes() for path in sorted(folder.glob("*.md"))})


def _files(
    a: Assessment,
    request: Request,
    clock: Callable[[str], None],
    repository: str,
    response: Response | None,
    audited: Audited,
    listed: Listed,
    storage: Storage | None,
    tested: BacktestFile | None,
) -> tuple[dict[str, bytes], Manifest]:
    with ThreadPoolExecutor(max_workers=2) as executor:
        pictures = draw(
            plan(a.system, a.project.views, a.project.name, numbers=a.project.flow_numbers()),
            cache=request.cache / "layouts",
            executor=executor,
        )
    clock("pictures")
    failed = [NotDone(what=f"Picture {p.id}", why=p.failed) for p in pictures if p.rendered is None]
    a = replace(a, not_done=(*a.not_done, *failed))
    advisories, engagements = read_records(request.model, request.loaded.project)
    making = Making(
        a=a,
        pictures=pictures,
        model=request.model,
        repository=repository,
        cache=request.cache / "documents",
        seen=request.seen,
        advisories=advisories,
        engagements=engagements,
        why=load_why(request.model, request.loaded.project),
        intake=response,
        response=response,
        audited=audited,
        listed=listed,
        predecessor=load_predecessor(request.model, a.project, "", {threat.id for threat in a.threats}),
        storage=judged_storage(storage, a) if storage else None,
        backtest=tested,
    )
    files: dict[str, bytes] = {}
    for name, part in PARTS:
        files |= part(making, files)
        clock(name)
    files |= documents(making, files)
    clock("documents")
    schemas = {path: found for path in files if (found := schema_of(path))}
    manifest = make_manifest(a, files, schemas, not_made(making, files))
    files[MANIFEST] = dump_bytes(to_plain(manifest))
    files[SUMS] = make_sums(files)
    return files, manifest
