"""Every page of the site under axe-core, in both themes and with what can be opened: no violation of any weight.

All rules for WCAG 2.2 A and AA count, the good practices and the experimental ones too. What axe cannot decide, text in
pictures say, `test_contrast.py` looks at.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable
from typing import Any

import pytest

from tests.report.browser import MISSING, SCHEMES, Opened, Session

pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
pytestmark = [
    pytest.mark.tools,
    pytest.mark.slow,
    pytest.mark.skipif(MISSING != "", reason=MISSING),
]
AXE = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
RUN = """async () => (await axe.run(document, {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "experimental"],
})).violations.map(v => [v.id, v.impact, v.nodes.map(node => node.html.slice(0, 200))])"""
Act = Callable[[Any], object]


def violations(session: Session) -> list[Any]:
    """What axe finds on the page as it is now."""
    if not session.page.evaluate("typeof axe === 'object'"):
        session.page.evaluate(AXE)
    return list(session.page.evaluate(RUN))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("name", "fewest"), [("whole.html", 20), ("bare.html", 12)])
def test_no_page_has_a_violation(at: Opened, name: str, fewest: int, scheme: str) -> None:
    session = at(name, color_scheme=scheme)
    pages = session.page.eval_on_selector_all("section.page", "all => all.map(one => one.id)")
    assert len(pages) >= fewest
    found = []
    for page in pages:
        session.go(page)
        assert session.visible(f"section#{page}") == 1
        found += [(page, *one) for one in violations(session)]
    assert found == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "anchor",
    [
        "threat=CORE-002@agent",
        "finding=aaaaaaaaaaaa",
        "control=filter",
        "element=agent",
        "flow=F02",
        "view=shim",
        "threats&q=nothing-of-this-name",
    ],
)
def test_nothing_that_an_address_opens_has_a_violation(at: Opened, anchor: str, scheme: str) -> None:
    assert violations(at("whole.html", anchor, color_scheme=scheme)) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("anchor", "act"),
    [
        ("summary", lambda page: page.keyboard.press("?")),
        ("diagrams", lambda page: page.click('[data-diagram="overview"] [data-act="wide"]')),
        ("rules", lambda page: page.eval_on_selector_all("details", "all => all.forEach(d => { d.open = true; })")),
        ("threats", lambda page: page.click('#threats-table th:has-text("Risk") button')),
        ("threats", lambda page: page.eval_on_selector_all("#threats-table .open", "all => all.map(b => b.click())")),
    ],
    ids=["keyboard help", "wide diagram", "details", "sorted", "all opened"],
)  # fmt: skip
def test_nothing_that_a_person_opens_has_a_violation(at: Opened, anchor: str, act: Act, scheme: str) -> None:
    session = at("whole.html", anchor, color_scheme=scheme)
    act(session.page)
    assert violations(session) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 768])
def test_a_narrow_window_has_no_violation(at: Opened, width: int, scheme: str) -> None:
    session = at("whole.html", color_scheme=scheme, viewport={"width": width, "height": 740})
    found = []
    for anchor in ("summary", "threat=CORE-002@agent", "element=agent", "claims", "changes"):
        session.go(anchor)
        found += [(anchor, *one) for one in violations(session)]
    assert found == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_comparison_has_no_violation(at: Opened, scheme: str) -> None:
    assert violations(at("compare.html", color_scheme=scheme)) == []


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        ("document.documentElement.removeAttribute('lang')", "html-has-lang"),
        ("document.querySelector('nav a').style.color = '#bbb'", "color-contrast"),
        ("document.querySelector('#theme').textContent = ''", "button-name"),
        ("document.querySelector('main').append(document.createElement('h1'))", "empty-heading"),
    ],
)
def test_a_spoiled_page_has_a_violation(at: Opened, spoil: str, rule: str) -> None:
    session = at("whole.html", "summary", color_scheme="light")
    session.page.evaluate(f"() => {{ {spoil}; }}")
    assert rule in {found[0] for found in violations(session)}
