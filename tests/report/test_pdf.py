"""The threat model and its register as PDF: structure, hostile text, honesty about what was not checked, same bytes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.report.pdf import PdfFailed, render_threat_model, render_threat_register, text
from collateral.report.pdf import svg as pictures
from collateral.report.pdf.engine import typeset
from collateral.report.pdf.fonts import glyphs
from collateral.report.pdf.prepare import prepare
from collateral.report.pdf.release import finding_sections
from tests.report.pdf_view import HOSTILE, make_svgs, make_view, picture, threat
from tests.report.site_view import ADVISED, EARLIER

WHEN = 1_767_312_000
ROOT = Path(__file__).parents[2]


def rendered(**changes: Any) -> bytes:
    return render_threat_model(make_view(**changes), make_svgs(), timestamp=WHEN)


def register(**changes: Any) -> bytes:
    return render_threat_register(make_view(**changes), make_svgs(), timestamp=WHEN)


def words(pdf: bytes, page: int | None = None) -> str:
    """The text with breaks taken out, as a reader would search it."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    shown = pages if page is None else [pages[page]]
    return " ".join(" ".join(p.extract_text() for p in shown).replace("\u200b", "").split())


def squeezed(value: str) -> str:
    """Without any white space: a line may break inside a text."""
    return "".join(value.replace("\u200b", "").split())


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return rendered()


@pytest.fixture(scope="module")
def listed() -> bytes:
    """The register."""
    return register()


@pytest.fixture(scope="module", params=["threat model", "threat register"])
def document(request: pytest.FixtureRequest, pdf: bytes, listed: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf if request.param == "threat model" else listed))


def test_is_tagged_titled_and_declares_both_standards(document: pikepdf.Pdf) -> None:
    root = document.Root
    assert str(root.Lang) == "en"
    assert bool(root.MarkInfo.Marked)
    # PDF/UA-1, 7.1, wants the boolean; older poppler takes every false one for a wrong type.
    assert [root.MarkInfo.Suspects] == [False]
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert "/StructTreeRoot" in root
    with document.open_metadata() as xmp:
        assert xmp["pdfuaid:part"] == "1"
        assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "A")
        assert str(xmp["dc:title"]).startswith("Example 1.0.0: threat ")


def bookmarks(pdf: bytes) -> list[str]:
    titles: list[str] = []

    def walk(items: Any) -> None:
        for item in items:
            titles.append(str(item.title))
            walk(item.children)

    with pikepdf.open(io.BytesIO(pdf)).open_outline() as outline:
        walk(outline.root)
    return titles


def test_every_chapter_is_a_bookmark(pdf: bytes) -> None:
    titles = bookmarks(pdf)
    for chapter in ("Executive summary", "Threats", "Findings", "What was not checked", "Glossary"):
        assert any(title.endswith(chapter) for title in titles)


def test_every_threat_is_a_bookmark_of_the_register(listed: bytes) -> None:
    titles = bookmarks(listed)
    assert any(title.endswith("Threats by boundary") for title in titles)
    assert any(title.startswith("CORE-001@F01") for title in titles)


def test_every_font_is_embedded_and_none_is_of_the_machine(document: pikepdf.Pdf) -> None:
    names = set()
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
            assert "/FontFile2" in item or "/FontFile3" in item
            names.add(str(item.FontName).partition("+")[2].partition("-")[0])
    assert names == {"IBMPlexSans", "IBMPlexMono"}


def test_every_figure_has_its_alternative_text(document: pikepdf.Pdf) -> None:
    figures = [
        str(item.get("/Alt", ""))
        for item in document.objects
        if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
    ]
    assert len(figures) in (2, 3)
    assert set(figures) == {"Diagram of one boundary"}


def test_links_lead_inside_or_to_allowed_schemes(document: pikepdf.Pdf) -> None:
    outside, inside = set(), 0
    for page in document.pages:
        for note in page.get("/Annots", pikepdf.Array()):
            action: Any = note.get("/A", {})
            if "/URI" in action:
                outside.add(str(action["/URI"]))
            else:
                inside += 1
    weakness = "https://cwe.mitre.org/data/definitions/290.html"
    assert outside in ({weakness}, {weakness, "https://example.org/peer"})
    assert inside > 10
    assert "/JavaScript" not in document.Root.get("/Names", {})


def test_hostile_text_stands_as_it_is(pdf: bytes, listed: bytes) -> None:
    shown = squeezed(words(listed))
    assert shown.count(squeezed(HOSTILE)) >= 4
    assert "javascript:alert(1)" in shown
    assert squeezed(words(pdf)).count(squeezed(HOSTILE)) >= 3


def test_operations_stand_with_their_rule_and_what_is_parsed(listed: bytes) -> None:
    shown = squeezed(words(listed))
    table = shown[shown.index(squeezed("Operations of F01: Requests")) :]
    for cell in ("Read", "ReadRule", HOSTILE, "Measured", "Write"):
        assert squeezed(cell) in table


def test_an_earlier_threat_model_has_a_chapter_where_there_is_one(pdf: bytes, listed: bytes) -> None:
    title = "What became of the earlier threat model"
    assert title not in words(listed)
    assert "The earlier threat model" not in words(pdf)
    assert "1 of 2 statements are answered" in words(rendered(predecessor=EARLIER))
    made = register(predecessor=EARLIER)
    shown = words(made)
    assert title in shown
    assert "1 of 2 statements are answered" in " ".join(shown.split())
    assert "not answered: Not modelled" in " ".join(shown.split())
    targets = {
        str(note["/A"]["/URI"])
        for page in pikepdf.open(io.BytesIO(made)).pages
        for note in page.get("/Annots", pikepdf.Array())
        if "/URI" in note.get("/A", pikepdf.Dictionary())
    }
    assert not any(target.startswith("javascript:") for target in targets)
    assert targets


def test_published_advisories_have_a_chapter_where_there_are_some(pdf: bytes, listed: bytes) -> None:
    title = "Would the model have named it?"
    assert title not in words(listed)
    assert "Published advisories" not in words(pdf)
    short = words(rendered(backtest=ADVISED))
    assert "1 of 1 published advisories are named" in short
    assert "not named" in short
    shown = " ".join(words(register(backtest=ADVISED)).split())
    assert title in shown
    assert "1 of 1 published advisories are named" in shown
    assert "no claim was checked there" in shown
    assert "not named" in shown
    assert "1.0: not affected" in shown
    assert "CVSS vector" in shown
    assert squeezed(HOSTILE) in squeezed(shown)


def test_what_no_font_has_is_shown_by_number(listed: bytes) -> None:
    shown = squeezed(words(listed))
    for number in ("<U+4E2D>", "<U+1F600>", "<U+202E>"):
        assert number in shown


def test_headline_and_notice_are_on_the_first_page() -> None:
    headline = "Not checked against a source tree, no scanner was run"
    first = words(rendered(headline=headline, scans=[]), page=0)
    assert headline in first
    assert "Not an independent audit" in first
    assert "findings: not checked" in first


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scans": [], "findings": []}, "No scanner was run"),
        (
            {
                "findings": [],
                "scans": [
                    {**make_view()["scans"][0], "status": "failed", "findings": 0, "reason": "it hung"}
                ],
            },
            "No scanner finished",
        ),
        ({"findings": []}, "0 findings in the files that were scanned"),
        ({"controls": [], "control_states": []}, "The model claims no control."),
        ({"not_checked": []}, "Everything that was asked for was checked."),
        ({"source": {**make_view()["source"], "available": False, "reason": "gone"}}, "source tree: gone"),
    ],
    ids=["no scanner", "scanner failed", "no findings", "no controls", "all checked", "no source"],
)
def test_absence_is_named(changes: dict[str, Any], said: str) -> None:
    assert said in words(rendered(**changes))


def test_what_several_tools_tell_and_what_is_in_doubt_stands_in_words() -> None:
    told = words(rendered(repeated=3))
    assert "1 finding is listed; 3 more tell the same of the same line as one of another tool" in told
    assert "Controls in doubt" in told
    assert "Controls in doubt" not in words(rendered(controls=[]))
    assert words(register()).count("In doubt") == 2


def test_a_bar_shows_no_share_of_nothing() -> None:
    none, one = (painted(control_states=states(count), headline="") for count in (0, 1))
    assert none == one - 1


def states(contradicted: int) -> list[dict[str, Any]]:
    counts = {"contradicted": contradicted, "verified": 3}
    return [{"state": s, "count": n, "share": "x", "meaning": "words"} for s, n in counts.items()]


def painted(**changes: Any) -> int:
    """How often the colour of what is contradicted is used for lines."""
    wanted = [round(part / 255, 3) for part in (0x6B, 0x0F, 0x36)]
    found = 0
    for page in pikepdf.open(io.BytesIO(rendered(**changes))).pages:
        for step in pikepdf.parse_content_stream(page):
            if str(step.operator) in {"SCN", "RG"} and len(step.operands) == 3:
                found += [round(float(value), 3) for value in step.operands] == wanted
    return found


def test_zero_findings_are_not_claimed_where_nothing_ran() -> None:
    assert "0 findings" not in words(rendered(scans=[], findings=[]))


def test_a_picture_that_failed_says_why() -> None:
    view = make_view()
    view["diagrams"][1]["failed"] = "the layout took more than 60 s"
    svgs = {"overview": picture()}
    shown = words(render_threat_register(view, svgs, timestamp=WHEN))
    assert "This picture could not be laid out" in shown
    assert "the layout took more than 60 s" in shown
    assert "there is no picture of it" in shown


@pytest.mark.parametrize(
    ("size", "sheet"),
    [((400, 300), (595, 842)), ((900, 300), (842, 595)), ((1500, 1000), (1191, 842))],
    ids=["A4", "A4 landscape", "A3 landscape"],
)
def test_a_picture_gets_the_sheet_on_which_it_can_be_read(
    size: tuple[int, int], sheet: tuple[int, int]
) -> None:
    view = make_view()
    view["diagrams"][0] |= {"width": float(size[0]), "height": float(size[1])}
    pages = pypdf.PdfReader(io.BytesIO(render_threat_model(view, make_svgs(), timestamp=WHEN))).pages
    of_figure = [p for p in pages if "Figure 1: Figure of overview" in words_of(p)]
    boxes = [(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in of_figure]
    assert boxes == [sheet]
    assert "Overview" in words_of(of_figure[0])


def words_of(page: Any) -> str:
    return " ".join(page.extract_text().split())


def test_a_picture_too_large_for_any_sheet_is_refused_with_its_type_size() -> None:
    view = make_view()
    view["diagrams"][0] |= {"width": 9000.0, "height": 4000.0}
    shown = words(render_threat_model(view, make_svgs(), timestamp=WHEN))
    assert "too small to read" in shown


def test_a_threat_stands_once_in_full_and_unknown_ids_are_no_links() -> None:
    odd = threat("CORE-002@nowhere", target_id="nowhere", boundary="gone", controls=["no-such-control"])
    shown = words(register(threats=[threat(), odd]))
    assert shown.count("Connect as somebody else.") == 2
    short = words(rendered(threats=[threat(), odd]))
    assert "nowhere" in short
    assert short.count("1 threat") >= 2
    assert "Outside every boundary" in shown
    assert "no-such-control" in shown


def test_attachments_keep_name_type_and_content() -> None:
    attached = {"data/model.json": b'{"a": 1}', "data/findings.sarif": b"{}"}
    made = render_threat_model(make_view(), make_svgs(), timestamp=WHEN, attachments=attached)
    with pikepdf.open(io.BytesIO(made)) as document:
        found = {name: spec.get_file() for name, spec in document.attachments.items()}
        assert {name: file.read_bytes() for name, file in found.items()} == attached
        assert found["data/findings.sarif"].mime_type == "application/sarif+json"
        assert len(document.Root.AF) == 2


@pytest.mark.slow
def test_same_bytes_in_another_place_zone_and_hash_order(pdf: bytes, tmp_path: Path) -> None:
    code = "import sys; from tests.report.test_pdf import rendered; sys.stdout.buffer.write(rendered())"
    for zone, language, seed in (("Asia/Tokyo", "C", "1"), ("America/Lima", "de_DE.UTF-8", "77")):
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "TZ": zone,
            "LANG": language,
            "PYTHONHASHSEED": seed,
        }
        made = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=True
        )
        assert made.stdout == pdf


def test_a_template_that_fails_is_a_diagnostic() -> None:
    with pytest.raises(PdfFailed) as caught:
        typeset("threat-model.typ", {}, {}, timestamp=WHEN)
    assert caught.value.diagnostics[0].code == "pdf-failed"


def test_every_glyph_that_is_let_through_can_be_typeset() -> None:
    shown = glyphs()
    everything = " ".join(chr(point) for point in sorted(shown) if point > 32)
    view = make_view(texts={"about": [everything], "objective": [], "scope": [], "assumptions": []})
    view["findings"][0]["snippet"] = everything
    assert rendered(**view)


@given(st.text())
def test_a_broken_text_is_the_text_with_breaks(value: str) -> None:
    page = text.for_page({"a": value}, glyphs())["a"]
    assert page.replace("\u200b", "") == text.for_page({"whole": value}, glyphs())["whole"].replace(
        "\u200b", ""
    )
    assert all(len(piece) <= text.LONGEST_TOKEN for token in page.split() for piece in token.split("\u200b"))


@pytest.mark.parametrize("value", ["CORE-001@F01", "a b c", "x" * 28])
def test_a_short_token_is_left_alone(value: str) -> None:
    assert text.breakable(value) == value


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org", True),
        ("http://example.org", True),
        ("mailto:a@example.org", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("data:text/html,x", False),
        (" https://example.org", False),
        ("https://example.org/\u202e", False),
    ],
)
def test_only_allowed_schemes_are_linked(url: str, linked: bool) -> None:
    assert bool(text.link(url)["url"]) is linked


def test_a_picture_keeps_text_and_shapes_only() -> None:
    made = pictures.for_page(picture("中 Agent"), glyphs())
    assert b"script" not in made
    assert b"javascript" not in made
    assert "&lt;U+4E2D&gt; Agent" in made.decode()


@pytest.mark.parametrize(
    "bad",
    [b"no xml", b"<html/>", b'<!DOCTYPE a [<!ENTITY x "y">]><svg>&x;</svg>'],
    ids=["text", "html", "entity"],
)
def test_a_bad_picture_is_refused(bad: bytes) -> None:
    with pytest.raises(ValueError, match="picture"):
        pictures.for_page(bad, glyphs())


def test_findings_of_one_rule_and_message_stand_together() -> None:
    first = make_view()["findings"][0]
    second = {**first, "id": "ffffffff", "path": "src/a.rs", "line": 1}
    other = {**first, "id": "00000001", "severity": "note", "rule": "z", "component": ""}
    sections = finding_sections(prepare(make_view(findings=[first, second, other]), glyphs(), ())["findings"])
    assert [(s["component"], s["count"]) for s in sections] == [("", 1), ("agent", 2)]
    assert [place["id"] for place in sections[1]["groups"][0]["places"]] == ["ffffffff", "0a1b2c3d"]


@pytest.mark.slow
def test_a_kept_document_is_the_same_and_a_broken_one_is_made_anew(tmp_path: Path) -> None:
    view = make_view()
    first = render_threat_model(view, make_svgs(), timestamp=0, cache=tmp_path)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert render_threat_model(view, make_svgs(), timestamp=0, cache=tmp_path) == first
    kept[0].write_bytes(kept[0].read_bytes()[:-1])
    assert render_threat_model(view, make_svgs(), timestamp=0, cache=tmp_path) == first
    render_threat_model(view, make_svgs(), timestamp=1, cache=tmp_path)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2
