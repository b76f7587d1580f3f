"""The one value that every reader of a result gets: model, threats, claims, findings and what was not done."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from markdown_it import MarkdownIt

from collateral.attribution import Attribution, ComponentMap, Coverage, attribute
from collateral.doubts import Doubts, doubts_of, open_findings
from collateral.history import History
from collateral.ignores import Ignore
from collateral.inline import ignores_of
from collateral.named_sources import NamedSource, NamedSources
from collateral.policy import Policy, read_policy
from collateral.triage import Triage
from collateral.vectors import ThreatVector
from scanners.baseline import FileMark, file_mark
from scanners.finding import Finding, ScanResult
from threatmodel import __version__
from threatmodel.analysis import Disposition, Threat, analyse
from threatmodel.claims import Ledger, Results, check_claims
from threatmodel.core.canonical import digest
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput
from threatmodel.core.plain import to_plain
from threatmodel.load import Loaded, Manifest
from threatmodel.rules import Rule
from threatmodel.source import SourceTree
from threatmodel.source.tree import FileTooLarge
from threatmodel.system import Project, SystemModel

if TYPE_CHECKING:
    from collateral.overlay import Overlay
    from collateral.rule_claims import SemgrepRules

NOT_CHECKED = "Not checked against a source tree, no scanner was run"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """The source tree of the assessment. `reason` says why there is none, where there is none."""

    available: bool
    name: str
    commit: str = ""
    ref: str = ""
    digest: str = ""
    dirty: bool = False
    reason: str = ""
    links: int = 0
    """Symbolic links: never followed, so nothing was read through them."""
    submodules: tuple[str, ...] = ()
    """Submodules and nested repositories: their files are not part of the tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """Something that was asked for and was not done, and why."""

    what: str
    why: str


Edition = Literal["public", "private"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """What the public edition shows only as numbers. ISO 8601: the oldest was first seen on `oldest`; an edition of
    the day `until` or later shows it."""

    findings: int
    claims: int
    oldest: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Everything that is known about one release. `date` is UTC; `configuration` is the one of the documents."""

    project: Project
    manifest: Manifest
    rules: tuple[Rule, ...]
    release: str
    date: datetime.datetime
    configuration: str
    source: SourceFacts
    model_digest: str
    threats: tuple[Threat, ...]
    ledger: Ledger
    scans: tuple[ScanResult, ...]
    attributions: Mapping[str, Attribution]
    coverage: Coverage | None
    not_done: tuple[NotDone, ...]
    texts: Mapping[str, tuple[str, ...]]
    policy: Policy
    files: Mapping[str, FileMark] = field(default_factory=dict)
    """Every file of the source tree that could be read, by path."""
    history: History | None = None
    """None: no previous bundle was given."""
    dispositions: tuple[Disposition, ...] = ()
    vectors: tuple[ThreatVector, ...] = ()
    """CVSS 4.0 of threats, where somebody gives it."""
    triage: Triage = field(default_factory=dict)
    """Decisions on findings by fingerprint, those without effect and those of findings that are not here included."""
    ignores: Mapping[str, Ignore] = field(default_factory=dict)
    """What others have decided about vulnerabilities, by the fingerprint of the finding; those that are over included."""
    doubts: Doubts = field(default_factory=dict)
    """Open findings in the code that claims were verified in, by control."""
    withheld: Withheld | None = None
    """None: nothing is withheld in this edition."""
    tool_version: str = __version__
    edition: Edition = "public"
    sources: tuple[NamedSource, ...] = ()
    """Sources of other projects that claims are about, in the order of the manifest."""
    overlay: Overlay | None = None
    """What a private edition shows beside all this, marked. Nothing above counts it."""

    @property
    def system(self) -> SystemModel:
        """The system in the configuration of the documents."""
        return self.project.system(self.configuration)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of all scanners, worst severity first, then by place."""
        order = {"error": 0, "warning": 1, "note": 2}
        found = [finding for scan in self.scans for finding in scan.findings]
        return tuple(
            sorted(found, key=lambda f: (order[f.severity], f.location, f.scanner, f.rule, f.fingerprint))
        )

    @property
    def headline(self) -> str:
        """What the first page must say where nothing was looked at; else empty."""
        looked = self.source.available or any(scan.status in {"complete", "partial"} for scan in self.scans)
        return "" if looked else NOT_CHECKED


def assess(
    loaded: Loaded,
    rules: Sequence[Rule],
    *,
    release: str,
    date: datetime.datetime,
    configuration: str,
    tree: SourceTree | None,
    source: SourceFacts,
    scans: Sequence[ScanResult],
    dispositions: Sequence[Disposition] = (),
    vectors: Sequence[ThreatVector] = (),
    triage: Triage | None = None,
    texts: Mapping[str, tuple[str, ...]] | None = None,
    not_done: Sequence[NotDone] = (),
    named: NamedSources | None = None,
    results: Results | None = None,
    rules_of_claims: SemgrepRules | None = None,
    vex: Sequence[Ignore] = (),
) -> Assessment:
    """Join model, claims, threats and findings. `named`: the source trees of other projects; `results`: of test runs;
    `rules_of_claims`: how the rules of scanners that claims name are run; `vex`: what VEX documents leave aside.

    Raises:
        InvalidInput: a disposition names a threat that no configuration has.
    """
    project = loaded.project
    day = date.date()
    named = named or NamedSources()
    trees = named.beside(tree)
    ledger = check_claims(
        project,
        trees,
        as_of=day,
        missing=named.missing,
        hints=True,
        results=results,
        rules=rules_of_claims.on(trees) if rules_of_claims else None,
    )
    threats = analyse(
        project, rules, ledger.states, dispositions=dispositions, as_of=day, risk=loaded.manifest.risk
    )
    components = ComponentMap.of(project)
    findings = [finding for scan in scans for finding in scan.findings]
    attributions = attribute(project, findings, threats, components)
    ignores, unread = ignores_of(findings, tree, vex, day)
    by_finding = {item.fingerprint: item for item in attributions}
    undecided = open_findings(findings, by_finding, triage or {}, day)
    return Assessment(
        project=project,
        manifest=loaded.manifest,
        rules=tuple(rules),
        release=release,
        date=date,
        configuration=configuration,
        source=source,
        model_digest=digest(to_plain(project)),
        threats=threats,
        ledger=ledger,
        scans=tuple(scans),
        attributions=by_finding,
        coverage=components.coverage(tree.paths()) if tree is not None else None,
        not_done=(
            *not_done,
            *_rules_not_done(rules),
            *_scans_not_done(scans),
            *(NotDone(what="What the source ignores", why=why) for why in unread),
            *(claims_not_done(ledger) if tree is not None else ()),
        ),
        texts=texts or {},
        policy=read_policy(loaded.manifest),
        files=_files(tree) if tree is not None else {},
        dispositions=tuple(dispositions),
        vectors=tuple(vectors),
        triage=triage or {},
        ignores=ignores,
        doubts=doubts_of(ledger, undecided, tree) if tree is not None else {},
        sources=named.records,
    )


def _rules_not_done(rules: Sequence[Rule]) -> list[NotDone]:
    return [
        NotDone(what=f"Rule {rule.id}", why=f"not evaluated: {rule.library.not_evaluated}")
        for rule in rules
        if rule.library and rule.library.not_evaluated
    ]


def _scans_not_done(scans: Sequence[ScanResult]) -> list[NotDone]:
    out = []
    for scan in scans:
        if scan.status in {"failed", "skipped"}:
            out.append(NotDone(what=f"Scanner {scan.scanner}", why=f"{scan.status}: {scan.reason}"))
        elif scan.status == "partial":
            count = len(scan.not_scanned)
            files = f"{count} of {len(scan.files_planned)} files not wholly scanned" if count else scan.reason
            out.append(NotDone(what=f"Scanner {scan.scanner}", why=f"partial: {files}"))
    return out


def claims_not_done(ledger: Ledger) -> tuple[NotDone, ...]:
    """The claims that could not be checked or whose place was not found, by control and reason."""
    undone: dict[str, Counter[str]] = {}
    for check in ledger.checks:
        if check.state in {"not-checked", "not-found"}:
            undone.setdefault(check.control, Counter())[f"{check.state}: {check.detail}"] += 1
    return tuple(
        NotDone(what=f"Control {control}", why=f"{count} {'claim' if count == 1 else 'claims'} {reason}")
        for control, reasons in undone.items()
        for reason, count in reasons.items()
    )


def _files(tree: SourceTree) -> dict[str, FileMark]:
    marks = {}
    for path in tree.paths():
        try:
            marks[path] = file_mark(tree.read(path))
        except FileTooLarge:
            continue
    return marks


def read_texts(files: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    """Authored texts (CommonMark) by name, as plain paragraphs: one per paragraph or list item, no headings.

    Raises:
        InvalidInput: D010, a text is not UTF-8.
    """
    out = {}
    for name, data in sorted(files.items()):
        try:
            out[name] = _paragraphs(data.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise InvalidInput(
                Diagnostic(
                    code="D010", message=f"not UTF-8 (byte {error.start})", place=Place(f"texts/{name}.md")
                )
            ) from error
    return out


def _paragraphs(text: str) -> tuple[str, ...]:
    tokens = MarkdownIt("commonmark").parse(text)
    heads = {index + 1 for index, token in enumerate(tokens) if token.type == "heading_open"}
    return tuple(
        "".join(" " if part.type in _BREAKS else part.content for part in token.children or ())
        for index, token in enumerate(tokens)
        if token.type == "inline" and index not in heads
    )


_BREAKS = {"softbreak", "hardbreak"}
