"""What we claim and how it was checked: order, what was not checked, other trees, editions, hostile texts."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest

from collateral.assessment import Assessment
from collateral.named_sources import NamedSource, NamedSources
from collateral.publish import publish
from collateral.report.ledger import CLAIM_STATES, UNPROVEN
from collateral.report.pdf import render_threat_register
from collateral.report.pdf.ledger import ledger_part
from collateral.report.site import render_site
from collateral.report.view import build_view
from tests.collateral.support import INIT, SOURCE, TOML, assessment, load_tiny, write_files
from tests.publish.support import POLICY
from tests.report.ledger_view import BARE, claim, ledger
from tests.report.pdf_view import make_svgs, make_view
from tests.report.site_view import HOSTILE, small_svgs, small_view
from threatmodel.claims import ledger_of as make_ledger
from threatmodel.load import Loaded

WHEN = 1_767_312_000
SEEN = "MARK <script>alert(1)</script> #panic(1) \u202e] $x$"
CONTROLS = """
def _control(name, *claims):
    return Control(name, f"Title of {name}", provides=["rate-limit"], claims=list(claims))


E = "https://example.org/kernel"
CONTROLS = [
    _control("held", present("app/odd.py", "^MARK"), present("app/odd.py", "^MARK", source="virtiofsd")),
    _control("vouched", attested("A. Person", "2023-01-01", "2030-01-01", E)),
    _control("said", proposed("The kernel does it", evidence=E)),
    _control("unread", value("bad.toml", "a", 1)),
    _control("moved", present("gone.py", "x")),
    _control("gone", file_exists("none.py"), file_exists("app/odd.py")),
    _control("bare"),
    _control("other", file_exists("no.py", when={"auth": "none"}), file_exists("app/odd.py")),
]
"""


TREES = """
[sources.virtiofsd]
about = "The server of shared files"
address = "https://example.org/virtiofsd"
ref-from = { file = "versions.yaml", key = "virtiofsd" }
"""
GIVEN = NamedSource(name="other", wanted="v2", ref="v2", commit="c" * 40)
MISSING = NamedSource(name="virtiofsd", wanted="v1.14", reason="virtiofsd v1.14 was not given")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    init = INIT.replace("View, present,", "View, attested, file_exists, present, proposed, value,")
    init = init.replace("STRANGER =", f"{CONTROLS}\nSTRANGER =")
    init = init.replace("controls=[TOKENS] if", "controls=[TOKENS, *CONTROLS] if")
    init = init.replace('name="Store", data', 'name="Store", controls=[CONTROLS[-1]], data')
    return load_tiny(tmp_path_factory.mktemp("claims") / "model", init=init, toml=TOML + POLICY + TREES)


@pytest.fixture(scope="module")
def a(loaded: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    files = {**SOURCE, "app/odd.py": f"{SEEN}\n", "bad.toml": "= 1"}
    named = NamedSources(records=(GIVEN, MISSING))
    return assessment(loaded, write_files(tmp_path_factory.mktemp("source"), files), named=named)


@pytest.fixture(scope="module")
def unread(loaded: Loaded) -> Assessment:
    return assessment(loaded)


def ledger_of(a: Assessment) -> Any:
    return build_view(a, [])["ledger"]


def page(view: dict[str, Any]) -> str:
    """The section of the site."""
    text = render_site({**small_view(), **view}, small_svgs()).decode()
    return text.split('<section id="claims"', 1)[1].split("</section>", 1)[0]


def pdf_words(view: dict[str, Any]) -> str:
    """The chapter of the document, without any white space."""
    pdf = render_threat_register({**make_view(), **view}, make_svgs(), timestamp=WHEN)
    pages = [p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    text = "".join("".join(pages).replace("\u200b", "").split())
    return text[text.rindex("Whatwasread") : text.rindex("Whatwasnotchecked")]


def test_claims_that_are_not_proven_come_first_and_other_configurations_last(a: Assessment) -> None:
    rows = ledger_of(a)["claims"]
    assert [(row["control"], row["state"], row["here"]) for row in rows] == [
        ("gone", "contradicted", True),
        ("other", "contradicted", False),
        ("moved", "not-found", True),
        ("held", "not-checked", True),
        ("unread", "not-checked", True),
        ("said", "proposed", True),
        ("vouched", "attested", True),
        ("caller-tokens", "verified", True),
        ("held", "verified", True),
        ("gone", "verified", True),
        ("other", "verified", True),
    ]
    assert {row["control"]: row["configurations"] for row in rows} == {
        **dict.fromkeys(("caller-tokens", "held", "vouched", "said", "unread", "moved", "gone"), 1),
        "other": 2,
    }
    assert len({row["id"] for row in rows}) == len(rows)


def test_counts_are_of_the_configuration_and_of_the_model(a: Assessment) -> None:
    found = ledger_of(a)
    assert (found["total"], found["all"], found["unproven"]) == (10, 11, 5)
    assert {row["state"]: (row["claims"], row["all"], row["controls"]) for row in found["counts"]} == {
        "contradicted": (1, 2, 1),
        "not-found": (1, 1, 1),
        "not-checked": (2, 2, 2),
        "unclaimed": (None, None, 1),
        "proposed": (1, 1, 1),
        "attested": (1, 1, 1),
        "verified": (4, 4, 2),
    }
    assert {row["evidence"]: row["controls"] for row in found["evidence"]} == {
        "machine": 6, "attested": 1, "proposed": 1, "none": 1,
    }  # fmt: skip
    assert [row["id"] for row in found["bare"]] == ["bare"]


def test_a_tree_that_was_not_there_is_named_with_what_it_leaves_unchecked(
    a: Assessment, unread: Assessment
) -> None:
    found = ledger_of(a)
    left = {"source": "virtiofsd", "claims": 1, "controls": 1, "all": 1}
    assert found["absent"] == [{**left, "reason": MISSING.reason}]
    assert [(x["name"], x["wanted"], x["reason"]) for x in found["sources"]] == [
        ("other", "v2", ""),
        ("virtiofsd", "v1.14", MISSING.reason),
    ]
    shown = page({"ledger": found})
    assert f'<dt>Source of other</dt><dd>v2, commit <code class="wrap">{"c" * 40}</code></dd>' in shown
    said = f'<span class="pill m-not-checked">not checked</span> {MISSING.reason}</dd>'
    assert f"<dt>Source of virtiofsd</dt><dd>{said}" in shown
    own, other = ledger_of(unread)["absent"]
    assert own == {"source": "", "reason": "no source tree was given", "claims": 7, "controls": 6, "all": 8}
    assert other == {**left, "reason": 'no source "virtiofsd" was given'}


def test_without_a_source_the_first_words_are_a_warning(unread: Assessment) -> None:
    found = ledger_of(unread)
    assert found["checked"] is False
    states = {row["state"] for row in found["claims"]}
    assert states == {"not-checked", "proposed", "attested"}
    source = {**small_view()["source"], "available": False, "reason": "it is not reachable", "commit": ""}
    shown = page({"ledger": found, "source": source})
    said = "No source tree was read (it is not reachable), so no program looked at any claim."
    start = shown.split("</h2>", 1)[1].lstrip()
    assert start.startswith('<div class="callout warn"><p><b>Not checked.</b> ' + said)
    assert "m-verified" not in shown.split('id="claims-table"', 1)[1]
    nav = render_site({**small_view(), "ledger": found, "source": source}, small_svgs()).decode()
    assert re.search(r'href="#claims">Claims <span class="count alert">not checked<', nav)
    document = pdf_words({"ledger": found, "source": source})
    assert "Notchecked:theproject'sownsourcetreewasnotthere(7)" in document
    assert "Verified(" not in document


def rows_of(shown: str) -> list[tuple[str, str, bool]]:
    """Control, state and whether it is open, of each row of the table."""
    bodies = re.findall(r'<tbody id="claim=([^"]+)"( class=opened)?>(.*?)</tr>', shown, re.S)
    return [(id_, re.findall(r'class="pill m-([a-z-]+)"', row)[-1], bool(mark)) for id_, mark, row in bodies]


def test_the_page_shows_unproven_claims_open_then_bare_controls_then_the_rest(a: Assessment) -> None:
    rows = [
        (name.partition("~")[0], state, mark) for name, state, mark in rows_of(page({"ledger": ledger_of(a)}))
    ]
    assert rows == [
        ("gone", "contradicted", True),
        ("other", "contradicted", False),
        ("moved", "not-found", True),
        ("held", "not-checked", False),  # for want of its tree, which the page says above
        ("unread", "not-checked", True),
        ("said", "proposed", True),
        ("bare", "unclaimed", False),
        ("vouched", "attested", False),
        ("caller-tokens", "verified", False),
        ("held", "verified", False),
        ("gone", "verified", False),
        ("other", "verified", False),
    ]


@pytest.mark.parametrize("state", [*UNPROVEN, "unclaimed"])
def test_what_is_not_proven_never_has_the_colour_of_what_is(state: str) -> None:
    """In the style of the site, and in that of the documents."""
    root = Path(__file__).parents[2] / "collateral/report"
    css = (root / "site/static/tables.css").read_text("utf-8")
    for found in re.finditer(r"([^{}]+)\{([^}]*)\}", css):
        if re.search(rf"\.m-{state}(?![a-z-])", found[1]):
            assert "mitigated" not in found[2]
            assert "✓" not in found[2]
    typ = (root / "pdf/templates/parts.typ").read_text("utf-8")
    style = re.search(rf'\n  "?{state}"?: ([^\n]+)', typ)
    good = re.search(r"\n  verified: ([^\n]+)", typ)
    assert style is not None
    assert good is not None
    assert style[1] != good[1]


def test_the_document_has_the_sections_in_the_same_order(a: Assessment) -> None:
    text = pdf_words({"ledger": ledger_of(a)})
    heads = (
        "Claimsandcontrolsbystate", "Sourcetreesthatwerenotthere", "Contradicted(1)",
        "Contradictedinotherconfigurations(1)", "Notfound(1)", "Notchecked(1)",
        "Notchecked:virtiofsdsourcetreewasnotthere(1)", "Proposed(1)", "Controlswithoutanyclaim(1)",
        "Attested(1)", "Verified(4)",
    )  # fmt: skip
    places = [text.index(head) for head in heads]
    assert places == sorted(places)


def test_the_text_that_was_seen_stands_as_it_is(a: Assessment) -> None:
    seen = next(r for r in ledger_of(a)["claims"] if r["control"] == "held" and r["state"] == "verified")[
        "seen"
    ]
    assert seen == SEEN.replace("\u202e", "<U+202E>")
    shown = page({"ledger": ledger_of(a)})
    assert html.escape(seen, quote=False) in html.unescape(shown).replace(
        seen, html.escape(seen, quote=False)
    )
    assert "<script" not in shown
    hostile = {
        "ledger": ledger(claim("contradicted", text=HOSTILE, seen=HOSTILE, detail=HOSTILE, when=HOSTILE))
    }
    assert "<script" not in page(hostile)
    assert "".join(HOSTILE.split())[:60] in pdf_words(hostile)


def test_a_public_edition_tells_nothing_of_withheld_claims(a: Assessment) -> None:
    shown = publish(a, edition="public")
    assert shown.withheld is not None
    assert shown.withheld.claims == 2
    found = ledger_of(shown)
    silent = [row for row in found["claims"] if row["state"] == "undisclosed"]
    assert {row["control"] for row in silent} == {"gone", "held", "unread", "moved", "other", "caller-tokens"}
    for row in silent:
        assert (row["path"], row["line"], row["seen"], row["absent"]) == ("", 0, "", False)
    counts = {row["state"]: row["all"] for row in found["counts"]}
    assert counts == {
        **dict.fromkeys(counts, 0),
        "undisclosed": 8,
        "not-checked": 1,
        "unclaimed": None,
        "proposed": 1,
        "attested": 1,
    }
    assert found["absent"] == [
        {"source": "virtiofsd", "reason": MISSING.reason, "claims": 1, "controls": 1, "all": 1}
    ]
    for text in (page({"ledger": found}), pdf_words({"ledger": found})):
        assert SEEN[:4] not in re.sub("has ?/.MARK/", "", text)
        assert "app/odd.py:1" not in text


def test_which_claim_is_withheld_makes_no_difference(a: Assessment) -> None:
    checks = [replace(c, state="contradicted" if c.state == "verified" else c.state) for c in a.ledger.checks]
    all_ = replace(a, ledger=make_ledger(a.project, checks))
    one, other = (ledger_of(publish(x, edition="public")) for x in (a, all_))
    assert one == other


def test_the_chapter_marks_the_first_claim_of_each_control_once(a: Assessment) -> None:
    part = ledger_part(build_view(a, []))
    shown = [c for section in (*part["unproven"], *part["proven"]) for c in section["claims"]]
    firsts = [c["control"] for c in shown if c["first"]]
    assert sorted(firsts) == part["controls"] == sorted({c["control"] for c in shown})
    assert "claims" not in part


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({}, "line 9"),
        ({"text": "src/** has /x/"}, "src/verified.rs:9"),
        ({"line": 0, "detail": "read src/verified.rs"}, "the whole file"),
        ({"line": 0, "detail": "not in src/verified.rs"}, "not in the file"),
        ({"line": 0, "detail": "read 12 files"}, "read 12 files"),
        ({"line": 0, "text": "src/** does not have /x/", "detail": "read 12 files"}, "src/verified.rs"),
        ({"line": 0, "path": "", "seen": "https://example.org"}, "https://example.org"),
    ],
)
def test_a_compact_row_says_where_it_was_seen(changes: dict[str, Any], at: str) -> None:
    (section,) = ledger_part({"ledger": ledger(claim("verified", **changes))})["proven"]
    assert [row["at"] for row in section["claims"]] == [at]


def test_what_was_not_seen_has_no_place() -> None:
    absent = claim("contradicted", here=False, line=0, text="src/** has /x/", detail="not in 12 files")
    (section,) = ledger_part({"ledger": ledger(absent)})["unproven"]
    assert (section["title"], section["claims"][0]["at"]) == (
        "Contradicted in other configurations",
        "not in 12 files",
    )


def test_every_state_has_its_place() -> None:
    from typing import get_args

    from threatmodel.claims import ClaimState

    assert sorted(CLAIM_STATES) == sorted(get_args(ClaimState))
    shown = page({"ledger": ledger(*(claim(s, path="", seen="") for s in CLAIM_STATES), bare=[BARE])})
    assert [state for _, state, _ in rows_of(shown)] == [*UNPROVEN, "unclaimed", "attested", "verified"]
