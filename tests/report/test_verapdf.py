"""Every document that the program writes, held against PDF/UA-1 and PDF/A-3a by the official validator: no rule fails.

The documents are the ones with hostile texts, and all of a private bundle with embargoed items. A document that was
spoiled shows that the check can fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pikepdf
import pytest

from collateral.advisories import Advisory
from collateral.assessment import Assessment
from collateral.history import Kind, State
from collateral.report.brief import brief_view
from collateral.report.checklist import checklist_view
from collateral.report.coverage import coverage_view
from collateral.report.glance import glance_view
from collateral.report.pdf import (
    render_brief,
    render_checklist,
    render_release,
    render_slides,
    render_threat_model,
    render_threat_register,
)
from collateral.report.pdf.pentest import render_pentest
from collateral.report.pdf.why import render_why
from collateral.report.release import release_view
from collateral.report.slides import slides_view
from collateral.report.view import build_view
from collateral.report.why import why_view
from tests.collateral.support import assessment, load_tiny, scan_result
from tests.compare import test_forms as compare
from tests.overlay.support import overlay_text, write_overlay
from tests.pentest import test_document as pentest
from tests.publish.support import make_shop
from tests.report import test_brief as brief
from tests.report import test_checklist as checklist
from tests.report import test_release as releases
from tests.report import test_unasked as unasked
from tests.report.pdf_view import HOSTILE, UNSHOWABLE, make_svgs, make_view, threat
from tests.report.verapdf import MISSING, PROFILES, Verdict, validate
from tests.report.whole_view import whole
from tests.response import test_documents as responses

pytestmark = [
    pytest.mark.tools,
    pytest.mark.slow,
    pytest.mark.bundle,
    pytest.mark.xdist_group("verapdf"),
    pytest.mark.skipif(MISSING != "", reason=MISSING),
]
WHEN = 1_767_312_000
BAD = HOSTILE + UNSHOWABLE
DOCUMENTS = (
    "101",
    "attack-surface",
    "executive-brief",
    "operator-checklist",
    "pentest-plan",
    "release-findings",
    "security-response",
    "threat-model",
    "threat-register",
)


def threat_model(**changes: Any) -> bytes:
    return render_threat_model(
        make_view(**changes), make_svgs(), timestamp=WHEN, attachments={"data/model.json": b"{}"}
    )


def failed_pictures() -> bytes:
    view = make_view(scans=[], findings=[], controls=[], control_states=[], not_checked=[], headline=HOSTILE)
    view["diagrams"][1]["failed"] = BAD
    view["diagrams"][0] |= {"width": 9000.0, "height": 4000.0}
    return render_threat_model(view, make_svgs(), timestamp=WHEN)


def changed(a: Assessment) -> bytes:
    kinds: tuple[Kind, ...] = ("finding", "threat", "claim")
    states: tuple[State, ...] = ("new", "fixed", "changed", "unchanged")
    rows = [
        releases.change(kind, state, "source", n, title=BAD, reason=BAD)
        for kind in kinds
        for n, state in enumerate(states)
    ]
    history = releases.history(*rows, previous_release=HOSTILE[:60], notes=(BAD,))
    made = replace(a, history=history)
    return render_release(release_view(made, build_view(made, [])), timestamp=WHEN)


def planned(a: Assessment) -> bytes:
    advisories = tuple(replace(item, title=BAD, surface=BAD, cause=BAD) for item in pentest.ADVISORIES)
    records = tuple(replace(item, title=BAD, scope=BAD, methods=(BAD,)) for item in pentest.RECORDS)
    return render_pentest(pentest.view_of(a, advisories, records), timestamp=WHEN)


def for_adopters(a: Assessment) -> Iterator[tuple[str, bytes]]:
    view = make_view(glance=glance_view(a, (), (), None), headline=BAD, notice=BAD)
    yield "brief", render_brief(brief_view(view), timestamp=WHEN)
    yield (
        "slides",
        render_slides(
            slides_view({**view, "texts": {**view["texts"], "about": [BAD]}}), make_svgs(), timestamp=WHEN
        ),
    )
    said = [checklist.Said(answer) for answer in ("affected", "unknown")]
    listed = checklist_view(view, a, cast("list[Advisory]", said), None, checklist.KEYS)
    yield "checklist", render_checklist(listed, timestamp=WHEN)
    cell = brief.cell(brief.ADDRESS, brief.ADVISORY, against=(replace(brief.THREAT, says=BAD),))
    yield "why", render_why(why_view(view, brief.file(cell)), timestamp=WHEN)


def hostile_documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Documents with hostile texts, by a name that says what is special to them."""
    a = assessment(load_tiny(folder / "model"), scans=(scan_result(),), configuration="guarded")
    odd = threat("CORE-002@nowhere", target_id="nowhere", boundary="gone", controls=["no-such-control"])
    yield "threat-model", threat_model()
    yield "threat-model-whole", threat_model(**whole())
    yield "threat-model-odd", threat_model(threats=[threat(), odd], repeated=3)
    yield "threat-model-without", failed_pictures()
    yield "threat-model-unasked", threat_model(coverage=coverage_view(unasked.coverage_in(a)))
    yield "threat-register", render_threat_register(make_view(**whole()), make_svgs(), timestamp=WHEN)
    yield from for_adopters(a)
    yield "release", changed(a)
    yield "release-first", render_release(release_view(a, build_view(a, [])), timestamp=WHEN)
    yield "attack-surface", compare.document(compare.hostile(a))
    yield "pentest-plan", planned(a)
    yield "pentest-plan-empty", render_pentest(pentest.view_of(a, (), ()), timestamp=WHEN)
    yield "response", responses.rendered(responses.hostile())
    yield "response-kata", responses.rendered(responses.response())
    yield "response-none", responses.rendered(None, why=BAD)


def without_language(document: pikepdf.Pdf) -> None:
    del document.Root.Lang


def suspect(document: pikepdf.Pdf) -> None:
    document.Root.MarkInfo.Suspects = True


def without_words_for_pictures(document: pikepdf.Pdf) -> None:
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure":
            del item.Alt


def with_a_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def without_embedded_fonts(document: pikepdf.Pdf) -> None:
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
            for key in {"/FontFile2", "/FontFile3"} & set(item.keys()):
                del item[key]


BROKEN: Mapping[str, Callable[[pikepdf.Pdf], None]] = {
    "7.2-34": without_language,
    "7.1-4": suspect,
    "7.3-1": without_words_for_pictures,
    "6.5.1-1": with_a_script,
    "7.21.4.1-1": without_embedded_fonts,
}
"""By the rule that is broken by it."""
SPOILED = "spoiled.pdf"


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Verdict]:
    """One run of the validator over everything."""
    folder = tmp_path_factory.mktemp("documents")
    for name, pdf in hostile_documents(folder):
        (folder / f"{name}.pdf").write_bytes(pdf)
    shop = make_shop(folder / "shop")
    threats = shop.cli("threats", "model", "--format", "json").json["threats"]
    write_overlay(shop.cli.cwd / "held", overlay_text(threats[0]["id"]))
    assert shop.build("out", "--edition", "private", "--overlay", "held").code == 3
    for path in (shop.cli.cwd / "out").rglob("*.pdf"):
        path.rename(folder / f"bundle-{path.name}")
    with pikepdf.open(folder / "threat-model.pdf") as document:
        for spoil in BROKEN.values():
            spoil(document)
        document.save(folder / SPOILED)
    return validate(sorted(folder.glob("*.pdf")))


@pytest.fixture
def ours(verdicts: Mapping[str, Verdict]) -> Mapping[str, Verdict]:
    return {name: verdict for name, verdict in verdicts.items() if name != SPOILED}


def test_no_rule_fails(ours: Mapping[str, Verdict]) -> None:
    assert {name: verdict.failed for name, verdict in ours.items() if verdict.failed} == {}


def test_every_document_declares_both_standards(ours: Mapping[str, Verdict]) -> None:
    assert {name for name, verdict in ours.items() if verdict.profiles != PROFILES} == set()


def test_every_document_of_the_bundle_was_there(ours: Mapping[str, Verdict]) -> None:
    assert {name for name in ours if name.startswith("bundle-")} == {
        f"bundle-{name}.pdf" for name in DOCUMENTS
    }


@pytest.mark.parametrize("rule", BROKEN)
def test_a_spoiled_document_breaks_its_rules(verdicts: Mapping[str, Verdict], rule: str) -> None:
    assert rule in verdicts[SPOILED].clauses
