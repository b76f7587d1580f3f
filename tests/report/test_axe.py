"""Every page of the site under axe-core, in both themes and with what can be opened: no violation of any weight.

All rules for WCAG 2.2 A and AA count, the good practices and the experimental ones too. What axe cannot decide, text in
pictures say, `test_contrast.py` looks at.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collateral.history import Kind, State
from collateral.report.compare import html as compare_html
from collateral.report.release import release_view
from collateral.report.site import render_site
from collateral.report.view import build_view
from tests.collateral.support import assessment, load_tiny, scan_result
from tests.compare import test_forms as compare
from tests.report import test_release as releases
from tests.report.browser import MISSING, Session
from tests.report.site_view import HOSTILE, small_svgs, small_view, unscanned_view
from tests.report.whole_view import whole

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
SCHEMES = ("light", "dark")
Opened = Callable[..., Session]
Act = Callable[[Any], object]


def violations(session: Session) -> list[Any]:
    """What axe finds on the page as it is now."""
    if not session.page.evaluate("typeof axe === 'object'"):
        session.page.evaluate(AXE)
    return list(session.page.evaluate(RUN))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`whole.html` with every page that there is, `bare.html` without results, `compare.html`."""
    made = tmp_path_factory.mktemp("pages")
    a = assessment(load_tiny(made / "model"), scans=(scan_result(),), configuration="guarded")
    kinds: tuple[Kind, ...] = ("finding", "threat", "claim")
    states: tuple[State, ...] = ("new", "fixed", "changed", "unchanged")
    rows = [
        releases.change(kind, state, "source", n, title=HOSTILE, reason=HOSTILE)
        for kind in kinds
        for n, state in enumerate(states)
    ]
    changed = replace(a, history=releases.history(*rows, notes=(HOSTILE,)))
    changes = release_view(changed, build_view(changed, []))
    view = {**small_view(), **whole(), "changes": changes, "headline": HOSTILE}
    (made / "whole.html").write_bytes(render_site(view, small_svgs()))
    first = {"changes": release_view(a, build_view(a, []))}
    (made / "bare.html").write_bytes(render_site({**unscanned_view(), **first}, {}))
    (made / "compare.html").write_bytes(compare_html(compare.view_of(compare.hostile(a))))
    return made


@pytest.fixture
def at(opened: Opened, folder: Path) -> Opened:
    """Opens one of the pages at an anchor."""

    def start(name: str, anchor: str = "", **options: Any) -> Session:
        return opened(anchor, url=(folder / name).as_uri(), bypass_csp=True, **options)

    return start


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
