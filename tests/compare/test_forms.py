"""The forms of a comparison: hostile names are shown and never act, black and white tells states apart."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pikepdf
import pypdf
import pytest
from markdown_it import MarkdownIt

from collateral.assessment import Assessment
from collateral.report.compare import About, compare_view, html, markdown, text
from collateral.report.compare.document import attack_surface_view
from collateral.report.compare.markdown import LONGEST
from collateral.report.pdf.compare import render_attack_surface
from collateral.report.view import build_view
from tests.collateral.support import DAY, assessment, load_tiny
from tests.report.pdf_view import HOSTILE, UNSHOWABLE
from threatmodel.analysis.comparison import Comparison
from threatmodel.analysis.configdiff import compare_configurations
from threatmodel.system import Configuration, Flow

WHEN = int(DAY.timestamp())
NASTY = f"{HOSTILE} | x\n# y {UNSHOWABLE}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    return assessment(load_tiny(tmp_path_factory.mktemp("model")))


@pytest.fixture(scope="module")
def nasty(made: Assessment) -> Assessment:
    return hostile(made)


def hostile(made: Assessment) -> Assessment:
    """Every name, description and title of the model is hostile."""
    project = made.project
    systems = tuple(
        replace(
            system,
            configuration=replace(system.configuration, description=NASTY),
            boundaries=tuple(replace(b, name=NASTY) for b in system.boundaries),
            elements=tuple(replace(e, name=NASTY) for e in system.elements),
            flows=tuple(replace(f, name=NASTY, protocol=NASTY, over=NASTY) for f in system.flows),
        )
        for system in project.systems
    )
    named = replace(
        project,
        name=NASTY,
        systems=systems,
        adversaries=tuple(replace(a, name=NASTY, description=NASTY) for a in project.adversaries),
        controls=tuple(replace(c, title=NASTY) for c in project.controls),
        data=tuple(replace(d, name=NASTY) for d in project.data),
    )
    return replace(made, project=named, threats=tuple(replace(t, title=NASTY) for t in made.threats))


def compared(a: Assessment, *names: str) -> Comparison:
    return compare_configurations(a.project, a.threats, names or ("guarded", "bare"), a.ledger.states)


def view_of(a: Assessment, *names: str) -> dict[str, Any]:
    return compare_view(a.project, compared(a, *names), About(notice=NASTY))


def document(a: Assessment) -> bytes:
    return render_attack_surface(attack_surface_view(build_view(a, ()), a), timestamp=WHEN)


def words(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(p.extract_text() for p in pages).replace("\u200b", "").split())


def test_html_shows_hostile_names_and_runs_nothing(nasty: Assessment) -> None:
    page = html(view_of(nasty)).decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert "script-src 'none'" in page.replace("&#39;", "'")
    assert not re.search(r"(src|href)=\"(?!#|data:,\")", page)


def test_markdown_is_one_table_whatever_the_names_are(nasty: Assessment) -> None:
    made = markdown(view_of(nasty))
    tokens = MarkdownIt("commonmark").enable("table").parse(made)
    assert sum(token.type == "table_open" for token in tokens) == 1
    assert "<script" not in made
    rows = [line for line in made.splitlines() if line.startswith("|")]
    cells = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    assert cells == {4}
    plain = [
        c
        for t in tokens
        if t.type == "inline"
        for c in t.children or ()
        if c.type not in {"text", "html_inline"}
    ]
    assert {c.type for c in plain} <= {"strong_open", "strong_close", "code_inline"}


def test_markdown_is_cut_with_the_number_of_what_is_left_out(made: Assessment) -> None:
    flows = tuple(Flow(id=f"Z{at}", source="client", target="service", name="x" * 300) for at in range(300))
    systems = tuple(replace(s, flows=(*s.flows, *flows)) for s in made.project.systems)
    long = markdown(view_of(replace(made, project=replace(made.project, systems=systems))))
    assert len(long) <= LONGEST
    assert re.search(r"\d+ surfaces are left out", long)
    assert "**Totals**" in long
    assert "are left out" not in markdown(view_of(made))


def test_text_cannot_steer_a_terminal(nasty: Assessment) -> None:
    made = text(view_of(nasty))
    assert "\u202e" not in made
    assert "\n# y" not in made


def test_every_cell_of_the_matrix_has_words(made: Assessment) -> None:
    view = view_of(made)
    cells = [cell for group in view["groups"] for row in group["rows"] for cell in row["cells"]]
    assert cells
    assert all(cell["words"] and cell["sign"] and cell["short"] for cell in cells)
    assert len({(c["state"], c["sign"]) for c in cells}) == len({c["sign"] for c in cells})
    page = html(view).decode()
    assert all(cell["words"] in page for cell in cells)


def test_pdf_is_tagged_in_both_standards_and_the_same_twice(made: Assessment) -> None:
    first = document(made)
    assert document(made) == first
    with pikepdf.open(io.BytesIO(first)) as pdf:
        assert "/StructTreeRoot" in pdf.Root
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfuaid:part"], metadata["pdfaid:part"]) == ("1", "3")


def test_pdf_names_every_configuration_and_what_was_not_checked(made: Assessment) -> None:
    shown = words(document(made))
    for name in ("guarded", "bare"):
        assert name in shown
    assert "present" in shown
    assert "No control was checked" in shown
    assert "present and mitigated" not in shown


def test_pdf_shows_hostile_names(nasty: Assessment) -> None:
    shown = "".join(words(document(nasty)).split())
    assert '#panic("x")' in shown
    assert "{{7*7}}" in shown


def test_pdf_with_many_configurations_has_six_columns_at_most(made: Assessment) -> None:
    first = made.project.systems[0]
    names = [f"many-{at}" for at in range(1, 15)]
    systems = tuple(
        replace(first, configuration=Configuration(name=n, options=first.configuration.options))
        for n in names
    )
    threats = tuple(
        replace(t, by_configuration=dict.fromkeys(names, t.by_configuration["guarded"])) for t in made.threats
    )
    project = replace(made.project, systems=(*made.project.systems, *systems))
    many = replace(
        made,
        project=project,
        threats=tuple(
            replace(new, by_configuration={**old.by_configuration, **new.by_configuration})
            for old, new in zip(made.threats, threats, strict=True)
        ),
    )
    view = attack_surface_view(build_view(many, ()), many)
    assert [len(page["columns"]) <= 6 for page in view["pages"]] == [True] * len(view["pages"])
    assert sum(len(page["columns"]) for page in view["pages"]) == 16
    assert "C1-C" in str(view["threats"]) or "all but C" in str(view["threats"])
    assert "many-14" in words(render_attack_surface(view, timestamp=WHEN))
