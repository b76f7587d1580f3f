"""Every colour that site, documents and pictures put on another one can be told from it, also without a kind of cone.

Text needs 4.5 to 1, lines and signs that tell something 3 to 1. Hairlines between rows and round boxes tell nothing:
`--line` of the site and `line-colour` of the documents are left out by name. The tables say what may stand on what; the
pages and pictures themselves are looked at in a browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import resources
from itertools import product

import pytest

from tests.diagrams.golden import changed
from tests.diagrams.large import large
from tests.diagrams.systems import small
from tests.report.browser import MISSING, SCHEMES, Opened
from tests.report.contrast import (
    EYES,
    SHOWN,
    Colour,
    Kind,
    Pair,
    colour,
    over,
    pairs_of,
    ratio,
    too_faint,
)
from threatmodel.diagrams import dfd, style
from threatmodel.diagrams.layout import render
from threatmodel.diagrams.plan import overview

REPORT = resources.files("collateral.report")
CSS = "\n".join(
    item.read_text("utf-8")
    for item in sorted((REPORT / "site/static").iterdir(), key=lambda item: item.name)
    if item.name.endswith(".css")
)
TEMPLATES = {
    item.name: item.read_text("utf-8")
    for item in (REPORT / "pdf/templates").iterdir()
    if item.name.endswith(".typ")
}
needs_browser = [
    pytest.mark.tools,
    pytest.mark.slow,
    pytest.mark.skipif(MISSING != "", reason=MISSING),
]

DECORATION = {"line"}
SURFACES = ("paper", "ground", "raised", "hover", "chosen", "code")
STATES = (
    "contradicted", "open", "unverified", "accepted", "transferred", "mitigated", "not-applicable",
)  # fmt: skip
SHAPES = ("process", "store", "external", "actor", "grey")
ZONES = 5
"""Grounds of a picture: the page, and up to four boundaries inside each other, each a thin fill over the one outside."""
TEXTS: Mapping[str, tuple[str, ...]] = {
    "ink": (*SURFACES, "r1", "r2"),
    "soft": SURFACES,
    "link": (*SURFACES, "warn-ground", "contradicted-g"),
    "accent": SURFACES,
    "warn-ink": ("warn-ground", "code"),
    "paper": ("r3", "r4"),
    "contradicted": SURFACES,
    **{f"{state} ": (f"{state}-g",) for state in STATES},
    "dfd-ink": ("zones", *SHAPES),
    "dfd-soft": ("zones", "grey"),
    "border": ("zones",),
    "crossing": ("dfd",),
    "inside": ("dfd", "zones"),
}
LINES: Mapping[str, tuple[str, ...]] = {
    "line-strong": SURFACES,
    "accent": (*SURFACES, "zones"),
    "warn-line": ("paper", "ground", "warn-ground"),
    **dict.fromkeys(STATES, ("paper", "ground")),
    **{f"{shape}-line": ("zones", shape) for shape in SHAPES},
    "border": ("zones",),
    "crossing": ("zones", *SHAPES),
    "inside": ("zones", *SHAPES),
}


def variables(scheme: str) -> dict[str, str]:
    """The colours of the site by name, as `#rrggbb` or `#rrggbbaa`."""
    found = re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\);", CSS)
    return {name: dark if scheme == "dark" else light for name, light, dark in found}


def grounds(name: str, shown: Mapping[str, str]) -> Iterator[Colour]:
    """The colours that a ground of the tables stands for."""
    if name != "zones":
        yield colour(shown[name])
        return
    zone = colour(shown["zone"][:7])
    alpha = int(shown["zone"][7:], 16) / 255
    seen = colour(shown["dfd"])
    for _ in range(ZONES):
        yield seen
        seen = over(zone, alpha, seen)


def site_pairs(scheme: str) -> Iterator[Pair]:
    shown = variables(scheme)
    kinds: tuple[tuple[Kind, Mapping[str, tuple[str, ...]]], ...] = (("text", TEXTS), ("line", LINES))
    for kind, table in kinds:
        for fore, backs in table.items():
            for back in backs:
                for seen in grounds(back, shown):
                    yield Pair(kind, colour(shown[fore.strip()]), seen, f"--{fore.strip()} on --{back}")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_colours_of_the_site_can_be_told_apart(scheme: str) -> None:
    assert too_faint(site_pairs(scheme)) == []


def test_every_colour_of_the_site_is_in_the_tables() -> None:
    used = {name.strip() for table in (TEXTS, LINES) for name in table}
    used |= {name for table in (TEXTS, LINES) for backs in table.values() for name in backs} - {"zones"}
    assert used | DECORATION | {"zone"} == set(variables("light"))


def test_what_has_ink_and_ground_in_one_rule_is_in_the_tables() -> None:
    rules = re.findall(r"\{([^{}]*)\}", CSS)
    found = set()
    for rule in rules:
        ink = re.search(r"(?<![-\w])color: var\(--([\w-]+)\)", rule)
        ground = re.search(r"(?<![-\w])background: var\(--([\w-]+)\)", rule)
        if ink and ground:
            found.add((ink[1], ground[1]))
    allowed = {(name.strip(), back) for name, backs in TEXTS.items() for back in backs}
    assert len(found) > 12
    assert found - allowed == set()


def theme() -> dict[str, Colour]:
    """The named colours of the documents."""
    found = re.findall(r'^#let ([a-z-]+) = rgb\("(#[0-9a-f]{6})"\)$', TEMPLATES["theme.typ"], re.MULTILINE)
    return {name: colour(value) for name, value in found}


WHITE = colour("#ffffff")
_RGB = r'rgb\("(#[0-9a-f]{6})"\)'
_SOLID = re.compile(rf"solid\({_RGB}(?:, ink: {_RGB})?(?:, line: {_RGB})?\)")
_DRAWN = re.compile(rf"(?:outlined\(|paint: |\}} else \{{ ){_RGB}")


def document_pairs() -> Iterator[tuple[str, Pair]]:
    """The pairs of the documents, with the text of the colour that is the reason."""
    named = theme()
    for name, back in product(("ink", "muted", "accent", "alarm"), (WHITE, named["wash"])):
        yield "", Pair("text", named[name], back, name)
    for name in ("muted", "accent", "alarm"):
        yield "", Pair("line", named[name], WHITE, name)
    yield "", Pair("text", WHITE, named["alarm"], "banner")
    for name, text in TEMPLATES.items():
        for fill, ink, line in _SOLID.findall(text):
            yield fill, Pair("text", colour(ink) if ink else WHITE, colour(fill), name)
            yield ink, Pair("line", colour(line or fill), WHITE, name)
            yield line, Pair("line", colour(line or fill), WHITE, name)
        for value in _DRAWN.findall(text):
            yield value, Pair("text", colour(value), WHITE, name)


def test_the_colours_of_the_documents_can_be_told_apart() -> None:
    assert too_faint(pair for _, pair in document_pairs()) == []


def test_every_colour_of_the_documents_is_looked_at() -> None:
    assert set(theme()) == {"ink", "muted", "line-colour", "wash", "accent", "alarm"}
    written = {
        value for name, text in TEMPLATES.items() if name != "theme.typ" for value in re.findall(_RGB, text)
    }
    assert len(written) > 8
    assert written - {reason for reason, _ in document_pairs()} == set()


def picture_pairs() -> Iterator[Pair]:
    """What the pictures of documents and of the folder `diagrams` put on what."""
    tints = [colour(value) for value in style.TINTS]
    fills = {kind: (colour(fill), colour(line)) for kind, (fill, line) in style.COLOURS.items()}
    for kind, (fill, line) in fills.items():
        for back in (fill, *tints):
            yield Pair("line", line, back, kind)
    fill, line = map(colour, style.CONTEXT)
    for back in (fill, *tints):
        yield Pair("line", line, back, "context")
    for mark, (ground, drawn, _, _) in style.MARKED.items():
        yield Pair("text", colour(drawn), colour(ground), f"name of what is {mark}")
        for back in tints:
            yield Pair("text", colour(drawn), back, f"name of a boundary that is {mark}")
            yield Pair("line", colour(drawn), back, f"line of what is {mark}")
    for back in tints:
        yield Pair("text", colour(style.CROSSING), back, "name of a boundary")
        yield Pair("line", colour(style.INSIDE), back, "flow inside")
    yield Pair("text", colour(style.GREY), WHITE, "number of a flow of the context")


def test_the_colours_of_the_pictures_can_be_told_apart() -> None:
    assert too_faint(picture_pairs()) == []


@pytest.mark.parametrize(
    ("fore", "back", "eye", "expected"),
    [
        ("#000000", "#ffffff", "all cones", 21.0),
        ("#777777", "#ffffff", "all cones", 4.48),
        ("#ff0000", "#ffffff", "all cones", 4.0),
        ("#777777", "#ffffff", "protanopia", 4.48),
        ("#777777", "#ffffff", "deuteranopia", 4.48),
    ],
)
def test_contrast_of_known_colours(fore: str, back: str, eye: str, expected: float) -> None:
    assert ratio(colour(fore), colour(back), eye) == pytest.approx(expected, abs=0.01)


def test_red_is_darker_without_the_cones_for_it() -> None:
    red, black = colour("#ff0000"), colour("#000000")
    assert ratio(red, black, "protanopia") < ratio(red, black, "deuteranopia")
    assert all(sum(row) == pytest.approx(1, abs=1e-4) for matrix in EYES.values() for row in matrix)


def test_what_is_too_faint_is_named_with_the_eye() -> None:
    found = too_faint([Pair("text", colour("#b3400a"), colour("#fdebe1"), "a pill")])
    assert [line.split(" on ")[1] for line in found] == ["#fdebe1, deuteranopia: a pill"]
    assert too_faint([Pair("line", colour("#b3400a"), colour("#fdebe1"))]) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["whole.html", "bare.html", "compare.html"])
class TestPages:
    """What the pages show, in a browser."""

    pytestmark = needs_browser

    def test_nothing_on_a_page_is_too_faint(self, at: Opened, name: str, scheme: str) -> None:
        session = at(name, color_scheme=scheme)
        anchors = session.page.eval_on_selector_all("section.page", "all => all.map(one => one.id)") or [""]
        shown = set()
        for anchor in anchors:
            if anchor:
                session.go(anchor)
            shown |= pairs_of(session.page.evaluate(SHOWN))
        assert {pair.kind for pair in shown} == {"text", "line"}
        assert too_faint(shown) == []


class TestOpened:
    """What is opened, and pictures as documents have them."""

    pytestmark = needs_browser

    @pytest.mark.parametrize(
        "diagram",
        [changed(), dfd.zoom(small(), "vmm"), overview(large(1))],
        ids=["change", "zoom", "overview"],
    )
    def test_nothing_in_a_picture_is_too_faint(self, at: Opened, diagram: dfd.Diagram) -> None:
        page = at("bare.html").page
        page.set_content(render(diagram, starts=1, standalone=True).svg.decode().partition("?>")[2])
        shown = pairs_of(page.evaluate(SHOWN))
        assert {pair.kind for pair in shown} == {"text", "line"}
        assert too_faint(shown) == []

    @pytest.mark.parametrize("scheme", SCHEMES)
    @pytest.mark.parametrize("anchor", ["threat=CORE-002@agent", "element=agent", "control=filter"])
    def test_nothing_that_is_opened_is_too_faint(self, at: Opened, anchor: str, scheme: str) -> None:
        assert too_faint(pairs_of(at("whole.html", anchor, color_scheme=scheme).page.evaluate(SHOWN))) == []

    @pytest.mark.parametrize(
        ("spoil", "told"),
        [
            ("document.querySelector('nav a').style.color = '#bbb'", "text #bbbbbb"),
            ("document.querySelector('#theme').style.borderColor = '#ddd'", "line #dddddd"),
            ("document.querySelector('#diagrams .stage text').style.fill = '#e0e0e0'", "text #e0e0e0"),
            ("document.querySelector('#diagrams .stage polygon').style.stroke = '#eee'", "line #eeeeee"),
        ],
    )
    def test_a_faint_colour_is_found(self, at: Opened, spoil: str, told: str) -> None:
        session = at("whole.html", "diagrams", color_scheme="light")
        session.page.evaluate(f"() => {{ {spoil}; }}")
        found = too_faint(pairs_of(session.page.evaluate(SHOWN)))
        assert [line for line in found if told in line]
