"""Parts of a bundle that other programs read: CSV tables, OpenVEX, `security.txt`, first-seen dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from collateral import security_txt, vex
from collateral.assessment import Assessment, NotDone
from collateral.bundle import backtest, inventories, sbom, security_group, why
from collateral.first_seen import PATH as FIRST_SEEN
from collateral.overlay.files import PATH as OVERLAY
from collateral.overlay.files import held_file
from collateral.publish import first_seen_file
from collateral.report.tables import csv_files
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.plain import to_plain

if TYPE_CHECKING:
    from collateral.bundle.parts import Making

OPENVEX = "data/openvex.json"
OPTIONAL = frozenset(
    {
        OPENVEX,
        security_txt.PATH,
        FIRST_SEEN,
        OVERLAY,
        sbom.PATH,
        why.PATH,
        backtest.PATH,
        *inventories.OPTIONAL,
        *security_group.OPTIONAL,
    }
)
"""Files that not every bundle has; `not_made` of the manifest says why those that adopters look for are not there."""
Files = Mapping[str, bytes]


def tables(making: Making, _before: Files) -> Files:
    """`data/*.csv`."""
    return csv_files(making.a)


def first_seen(making: Making, _before: Files) -> Files:
    """`data/first-seen.json`, in a private edition only."""
    if making.a.edition != "private":
        return {}
    return {FIRST_SEEN: dump_bytes(to_plain(first_seen_file(making.a, making.seen)))}


def overlay(making: Making, _before: Files) -> Files:
    """`data/overlay.json`, in a private edition that was given an overlay."""
    a = making.a
    if a.overlay is None:
        return {}
    return {OVERLAY: dump_bytes(to_plain(held_file(a.overlay, a.date.date())))}


def openvex(making: Making, _before: Files) -> Files:
    """`data/openvex.json`, where the model knows a published advisory."""
    document = vex.openvex(making.a, making.advisories)
    return {OPENVEX: dump_bytes(document)} if document else {}


def intake(making: Making, _before: Files) -> Files:
    """`.well-known/security.txt`, where the model knows whom to report to."""
    if making.intake is None or security_txt.why_not(making.a, making.intake):
        return {}
    return {security_txt.PATH: security_txt.security_txt(making.a, making.intake)}


def not_made(making: Making, files: Iterable[str]) -> tuple[NotDone, ...]:
    """Why a file that adopters look for is not in the bundle."""
    here = frozenset(files)
    reasons = {
        security_txt.PATH: security_txt.why_not(making.a, making.intake),
        sbom.PATH: making.listed.why_not,
        OPENVEX: "the model records no published advisory, and the format wants one statement at least",
    }
    return (
        *(NotDone(what=path, why=reason) for path, reason in reasons.items() if path not in here),
        *security_group.not_done(making.audited, making.response),
    )


def withheld_properties(a: Assessment) -> dict[str, object]:
    """What the runs of the SARIF file say about the whole bundle."""
    edition: dict[str, object] = {"edition": a.edition}
    return edition | ({"withheld": to_plain(a.withheld)} if a.withheld else {})
