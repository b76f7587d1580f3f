from __future__ import annotations

import html
import importlib.metadata
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from fontTools.ttLib import TTFont

from tests.diagrams.golden import goldens
from tests.diagrams.systems import small
from threatmodel.diagrams import dfd, dot
from threatmodel.diagrams.engine import find_engine
from threatmodel.diagrams.labels import GLYPHS, one_line, wrap

GOLDEN = Path(__file__).parents[1] / "data" / "golden"

HOSTILE = [
    "<b>bold</b>",
    'a "quoted" name',
    "back\\slash \\N \\G",
    "cats & dogs &amp; <TABLE>",
    "first\nsecond",
    "right \u202eto left",
    "<<TABLE><TR><TD>x</TD></TR></TABLE>>",
    "Größe → naïve – “x”",
    "中文 and 🙂",
    "nul \x00 bell \x07",
]


@pytest.mark.parametrize("path", sorted(goldens()))
def test_dot_is_as_reviewed(path: str) -> None:
    assert goldens()[path].decode() == (GOLDEN / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("anchor", ["shim", "state", "registry", "user", "host", "F01"])
def test_a_hostile_name_is_shown_and_changes_nothing_else(name: str, anchor: str) -> None:
    system = small(**{anchor: name})
    plain = find_engine().run(dot.write(dfd.whole(small()), legend_columns=1), "svg")
    svg = find_engine().run(dot.write(dfd.whole(system), legend_columns=1), "svg")
    ids = [element.get("id") for element in ET.fromstring(svg).iter() if element.get("id")]
    assert ids == [element.get("id") for element in ET.fromstring(plain).iter() if element.get("id")]
    shown = " ".join(
        "".join(element.itertext()) for element in ET.fromstring(svg).iter() if "text" in element.tag
    )
    squeezed = "".join(shown.split()).replace("\xa0", "")
    assert "".join(one_line(name).split()).replace("\xa0", "") in squeezed
    assert "\u202e" not in shown


def test_labels_are_escaped_markup() -> None:
    text = dot.write(dfd.whole(small(shim='<i>&"')))
    assert html.escape('<i>&"') in text
    assert "<i>" not in text


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("kubelet", ("kubelet",)),
        ("configuration.toml", ("configuration.toml",)),
        ("Container workload", ("Container", "workload")),
        ("confidential-data-hub", ("confidential-", "data-hub")),
        ("Key broker / attestation service", ("Key broker /", "attestation service")),
    ],
)
def test_names_are_wrapped(name: str, lines: tuple[str, ...]) -> None:
    assert wrap(name) == lines


def test_the_document_font_has_every_glyph_that_is_not_folded() -> None:
    files = importlib.metadata.files("fontpkg-ibm-plex-sans") or []
    path = next(file.locate() for file in files if file.name == "IBMPlexSans[wdth,wght].ttf")
    with TTFont(str(path)) as font:
        missing = GLYPHS - font.getBestCmap().keys() - {0xAD}
    assert {chr(point) for point in missing if chr(point).isprintable()} == set()


def test_the_legend_has_a_row_for_every_flow() -> None:
    diagram = dfd.whole(small())
    text = dot.write(diagram, legend_columns=2)
    assert all(f"{row.source} to {row.target}" in text for row in diagram.legend)
    assert "trust boundary" in text
    assert "trust boundary" not in dot.write(diagram)
