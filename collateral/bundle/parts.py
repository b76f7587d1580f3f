"""What a bundle holds, part by part. A part gets the assessment and the files made before it, and makes files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from collateral.advisories import Advisory
from collateral.assessment import Assessment
from collateral.backtest import BacktestFile
from collateral.bundle import (
    attack_paths,
    attack_surface,
    backtest,
    coverage,
    inventories,
    pentest,
    sbom,
    security_group,
    statements,
    why,
)
from collateral.bundle.exports import data_files, schema_files
from collateral.coverage import CoverageFile, coverage_of
from collateral.deployed.keys import load_keys
from collateral.first_seen import NOTHING_KNOWN, FirstSeen
from collateral.history_compare import baseline
from collateral.ignores import ignore_suppressions
from collateral.overlay.files import sarif_runs
from collateral.paths.shown import AttackPaths, find_attack_paths
from collateral.pentest import Engagement, Plan, Planner
from collateral.predecessor import Predecessor
from collateral.report.attack_paths import attack_paths_view
from collateral.report.backtest import backtest_view
from collateral.report.brief import brief_view
from collateral.report.checklist import checklist_view
from collateral.report.coverage import coverage_view
from collateral.report.glance import glance_view
from collateral.report.inventories import predecessor_view, storage_view
from collateral.report.pdf import (
    render_brief,
    render_checklist,
    render_release,
    render_slides,
    render_threat_model,
    render_threat_register,
)
from collateral.report.pictures import Picture, picture_files, picture_rows
from collateral.report.release import release_view
from collateral.report.rule_rows import rules_view
from collateral.report.site import render_site
from collateral.report.slides import slides_view
from collateral.report.view import build_view
from collateral.response import Response
from collateral.security_txt import Intake
from collateral.storage.files import StorageFile
from collateral.triage import suppressions
from collateral.why import Why
from scanners.sarif import not_executed, to_sarif
from threatmodel.core.canonical import dump_bytes


@dataclass(frozen=True, kw_only=True)
class Making:
    """What the parts are made from. `a` holds only what the edition may show. `model` is the model's folder;
    `repository` the public address of the source, where there is one; `cache` keeps documents between runs.
    `seen` is what the previous bundle knew; `advisories` and `intake` are what the model says to adopters."""

    a: Assessment
    pictures: tuple[Picture, ...]
    model: Path
    repository: str
    cache: Path
    seen: FirstSeen = field(default=NOTHING_KNOWN)
    advisories: tuple[Advisory, ...] = ()
    engagements: tuple[Engagement, ...] = ()
    why: Why | None = None
    intake: Intake | None = None
    response: Response | None = None
    audited: security_group.Audited = security_group.NOT_AUDITED
    listed: sbom.Listed = sbom.NOT_LISTED
    predecessor: Predecessor | None = None
    storage: StorageFile | None = None
    backtest: BacktestFile | None = None

    @cached_property
    def view(self) -> Mapping[str, Any]:
        """The view model of the threat model's documents."""
        made = build_view(self.a, picture_rows(self.pictures))
        return {
            **made,
            "predecessor": predecessor_view(self.predecessor, self.a),
            "storage": storage_view(self.storage, self.a.configuration),
            "backtest": backtest_view(self.backtest, self.a),
            "coverage": coverage_view(self.coverage),
            "paths": attack_paths_view(self.paths, self.a),
            "rules": rules_view(self.a),
            "glance": glance_view(self.a, self.advisories, self.engagements, self.response),
        }

    @cached_property
    def coverage(self) -> CoverageFile:
        """The questions of STRIDE and their answers."""
        return coverage_of(self.a.project, self.a.system, self.a.rules, self.a.threats)

    @cached_property
    def paths(self) -> AttackPaths:
        """The attack paths, with the pictures of those that the documents tell."""
        return find_attack_paths(self.a)

    @cached_property
    def release(self) -> Mapping[str, Any]:
        """The view model of this release beside the one before."""
        return release_view(self.a, self.view)

    @cached_property
    def plan(self) -> Plan:
        """The test plan for the configuration of the documents."""
        return self.planner.plan()

    @cached_property
    def planner(self) -> Planner:
        """Makes the test plans of all configurations."""
        return Planner(self.a, self.advisories, self.engagements)

    @property
    def document_cache(self) -> Path | None:
        """Where documents are kept; nowhere where one holds what may not be public yet."""
        return None if self.a.overlay is not None else self.cache

    @property
    def svgs(self) -> dict[str, bytes]:
        """The pictures that could be drawn, by their ids."""
        diagrams = {p.id: p.rendered.svg for p in self.pictures if p.rendered is not None}
        return diagrams | {p.id: p.drawn.svg for p in self.paths.pictures if p.drawn is not None}

    @property
    def timestamp(self) -> int:
        """The date of the documents, in seconds since 1970."""
        return int(self.a.date.timestamp())


SLIDES = "pdf/101.pdf"
"""Where the model has no short name."""
Files = Mapping[str, bytes]
Part = Callable[[Making, Files], Files]


def _data(making: Making, _before: Files) -> Files:
    sarif = dump_bytes(_sarif(making.a, making.repository))
    schemas = schema_files(private=making.a.overlay is not None)
    return {**data_files(making.a), **schemas, "data/findings.sarif": sarif}


def _diagrams(making: Making, _before: Files) -> Files:
    return {**picture_files(making.pictures), **attack_paths.picture_files(making.paths)}


def _site(making: Making, before: Files) -> Files:
    view = {**_listing(making, before), "changes": making.release}
    return {"index.html": render_site(view, making.svgs)}


def _threat_model(making: Making, before: Files) -> Files:
    pdf = render_threat_model(
        _listing(making, before),
        making.svgs,
        timestamp=making.timestamp,
        attachments={name: data for name, data in before.items() if name.startswith("data/")},
        cache=making.document_cache,
    )
    return {"pdf/threat-model.pdf": pdf}


def _brief(making: Making, _before: Files) -> Files:
    pdf = render_brief(brief_view(making.view), timestamp=making.timestamp, cache=making.document_cache)
    return {"pdf/executive-brief.pdf": pdf}


def _checklist(making: Making, _before: Files) -> Files:
    keys = load_keys(making.model, making.a.project)
    view = checklist_view(making.view, making.a, making.advisories, making.response, keys)
    pdf = render_checklist(view, timestamp=making.timestamp, cache=making.document_cache)
    return {"pdf/operator-checklist.pdf": pdf}


def _slides(making: Making, before: Files) -> Files:
    view = slides_view(_listing(making, before))
    pdf = render_slides(view, making.svgs, timestamp=making.timestamp, cache=making.document_cache)
    return {_slides_path(making.a): pdf}


def _slides_path(a: Assessment) -> str:
    return f"pdf/{a.manifest.short}-101.pdf" if a.manifest.short else SLIDES


def _register(making: Making, before: Files) -> Files:
    pdf = render_threat_register(
        _listing(making, before), making.svgs, timestamp=making.timestamp, cache=making.document_cache
    )
    return {"pdf/threat-register.pdf": pdf}


def _release(making: Making, _before: Files) -> Files:
    pdf = render_release(making.release, timestamp=making.timestamp, cache=making.document_cache)
    return {"pdf/release-findings.pdf": pdf}


def _listing(making: Making, before: Files) -> Mapping[str, Any]:
    """The view with the files that this bundle has."""
    gone = statements.OPTIONAL - set(before)
    if not attack_surface.expected(making):
        gone |= {attack_surface.DOCUMENT}
    if making.why is None:
        gone |= {why.DOCUMENT}
    view = making.view
    names = {why.DOCUMENT: why.named(making.a), SLIDES: _slides_path(making.a)}
    files = [
        {**row, "path": names.get(row["path"], row["path"])}
        for row in view["files"]
        if row["path"] not in gone
    ]
    return {**view, "files": files}


PARTS: tuple[tuple[str, Part], ...] = (
    ("data", _data),
    ("csv", statements.tables),
    ("first-seen", statements.first_seen),
    ("overlay", statements.overlay),
    ("openvex", statements.openvex),
    ("security.txt", statements.intake),
    ("sbom", sbom.data),
    ("response", security_group.data),
    ("pentest", pentest.data),
    ("why", why.data),
    ("predecessor", inventories.predecessor),
    ("storage", inventories.storage),
    ("backtest", backtest.data),
    ("coverage", coverage.data),
    ("paths", attack_paths.data),
    ("diagrams", _diagrams),
    ("site", _site),
)
"""In this order: a part may need what was made before it."""
DOCUMENTS: tuple[Part, ...] = (
    _register,
    _threat_model,
    attack_surface.document,
    security_group.document,
    pentest.document,
    _release,
    why.document,
    _checklist,
    _slides,
    _brief,
)
"""The PDFs, which need no other one, the dearest first. The threat model carries every file below `data/`."""


def documents(making: Making, before: Files) -> Files:
    """The PDFs, two at a time: the engine works beside Python."""
    made: dict[str, bytes] = {}
    # what they share is made once, before any of them
    _ = making.view, making.release, making.plan, making.paths, making.svgs
    with ThreadPoolExecutor(max_workers=2) as executor:
        for files in executor.map(lambda part: part(making, before), DOCUMENTS):
            made |= files
    return made


def _sarif(a: Assessment, repository: str) -> dict[str, Any]:
    about: dict[str, Any] = {
        "tool_version": a.tool_version,
        "project": a.project.id,
        "release": a.release,
        "source_commit": a.source.commit or None,
        "source_dirty": a.source.dirty,
        "source_uri": repository,
        "baseline": baseline(a.history),
        "run_properties": statements.withheld_properties(a),
    }
    held = _held_runs(a)
    if not a.scans:
        about.pop("baseline")
        log = not_executed(a.source.reason or "no scanner was asked for", **about)
        return {**log, "runs": [*log["runs"], *held]}
    in_doubt: dict[str, list[str]] = {}
    for control, doubts in a.doubts.items():
        for fingerprint in dict.fromkeys(doubt.finding for doubt in doubts):
            in_doubt.setdefault(fingerprint, []).append(control)
    properties = {
        fingerprint: {
            "component": item.component,
            "role": item.role,
            **({"code": item.kind} if item.kind else {}),
            "reason": item.reason,
            "elements": list(item.elements),
            "threats": [{"id": link.threat, "reason": link.reason} for link in item.threats],
            **({"decision": a.triage[fingerprint].state(a.date.date())} if fingerprint in a.triage else {}),
            **({"doubts": found} if (found := in_doubt.get(fingerprint)) else {}),
            **({"ignored": a.ignores[fingerprint].told(a.date.date())} if fingerprint in a.ignores else {}),
        }
        for fingerprint, item in a.attributions.items()
    }
    day = a.date.date()
    put_aside = ignore_suppressions(a.ignores, day) | suppressions(a.triage, day)
    log = to_sarif(a.scans, properties=properties, suppressions=put_aside, **about)
    return {**log, "runs": [*log["runs"], *held]}


def _held_runs(a: Assessment) -> list[dict[str, Any]]:
    if a.overlay is None:
        return []
    return sarif_runs(
        a.overlay, a.date.date(), project=a.project.id, release=a.release, tool_version=a.tool_version
    )
