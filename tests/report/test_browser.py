"""The page in a real browser. Skipped where no Chromium is installed; `threatmodel doctor` names what is optional."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from collateral.report.site import render_site
from tests.report.browser import MISSING, Session
from tests.report.ledger_view import BARE, claim, ledger
from tests.report.site_view import HOSTILE, small_svgs, small_view, unscanned_view

pytestmark = [pytest.mark.tools, pytest.mark.skipif(MISSING != "", reason=MISSING)]
PAGES = ("summary", "diagrams", "views", "threats", "controls", "claims", "findings", "not-checked", "system",
         "scope", "method", "files")  # fmt: skip


def test_every_page_opens_without_error_or_request(opened: Callable[..., Session]) -> None:
    session = opened()
    for name in PAGES:
        session.go(name)
        assert session.visible(f"#{name} h2") == 1
        assert session.visible(".page") == 1


def test_hostile_texts_are_seen_as_they_are(opened: Callable[..., Session]) -> None:
    page = opened("threat=CORE-002@agent").page
    body = page.locator('tbody[id="threat=CORE-002@agent"]')
    assert HOSTILE in body.locator(".lead").text_content()
    assert body.locator(".lead").is_visible()
    page.evaluate("location.hash = 'finding=aaaaaaaaaaaa'")
    finding = page.locator('tbody[id="finding=aaaaaaaaaaaa"]')
    finding.locator("pre").wait_for()
    assert HOSTILE in finding.locator("pre").text_content()
    assert page.locator("main script, main img").count() == 0


def test_threat_filters_and_search(opened: Callable[..., Session]) -> None:
    session = opened("threats")
    page = session.page
    rows = "#threats-table tr.row"
    assert session.visible(rows) == 4
    page.select_option('select[data-for="threats"][data-facet="stride"]', "tampering")
    assert session.visible(rows) == 2
    assert page.locator("#threats-found").text_content() == "2 of 4 threats"
    page.select_option('select[data-for="threats"][data-facet="adversary"]', HOSTILE)
    assert session.visible(rows) == 1
    page.reload()
    assert session.visible(rows) == 1
    page.click('[data-reset="threats"]')
    assert session.visible(rows) == 4
    page.fill('input[data-for="threats"]', "STORY core-003")
    page.wait_for_function("() => document.querySelector('#threats-found').textContent.startsWith('1 of')")
    page.wait_for_function("() => location.hash === '#threats&q=STORY%20core-003'")
    page.fill('input[data-for="threats"]', "no such words")
    page.locator("#threats-empty").wait_for()
    assert session.visible(rows) == 0


def test_filter_link_and_finding_filters(opened: Callable[..., Session]) -> None:
    session = opened("threats&status=open&risk=high")
    assert session.visible("#threats-table tr.row") == 1
    session.go("findings&element=shim")
    assert session.visible("#findings-table tr.row") == 1
    session.go("findings&severity=none-such")
    assert session.visible("#findings-table tr.row") == 0


def test_claims_open_what_is_not_proven_and_are_found(opened: Callable[..., Session], tmp_path: Path) -> None:
    names = ("contradicted", "not-checked", "verified")
    found = ledger(*(claim(state, control="filter" if state == "verified" else state) for state in names))
    path = tmp_path / "index.html"
    path.write_bytes(render_site({**small_view(), "ledger": {**found, "bare": [BARE]}}, small_svgs()))
    session = opened("claims", url=path.as_uri())
    rows, details = "#claims-table tr.row", "#claims-table .detail"
    assert (session.visible(rows), session.visible(details)) == (4, 2)
    assert session.page.locator("#claims-found").text_content() == "4 entries"
    opens = session.page.locator("#claims-table button.open").evaluate_all(
        "buttons => buttons.map(b => b.getAttribute('aria-expanded'))"
    )
    assert opens == ["true", "true", "false", "false"]
    session.go("claims&state=unclaimed")
    assert (session.visible(rows), session.visible(details)) == (1, 0)
    session.go("control=filter")
    session.page.locator("#controls .detail").get_by_role("link", name="Show").click()
    session.page.wait_for_function("() => location.hash === '#claims&control=filter&counts=here'")
    assert session.visible(rows) == 1
    assert session.page.locator("#claims-found").text_content() == "1 of 4 entries"
    session.go("claim=filter~verified")
    assert session.page.locator('tbody[id="claim=filter~verified"] .detail').is_visible()
    session.page.keyboard.press("/")
    assert session.page.evaluate("document.activeElement.dataset.for") == "claims"


def test_sorting(opened: Callable[..., Session]) -> None:
    page = opened("threats").page
    ids = page.locator("#threats-table tr.row .id")
    before = ids.all_text_contents()
    page.click('#threats-table th:has-text("Risk") button')
    assert page.locator("#threats-table th[aria-sort=ascending]").count() == 1
    page.click('#threats-table th:has-text("Risk") button')
    assert ids.first.text_content() == "CORE-003@agent"
    page.click('#threats-table th:has-text("Risk") button')
    assert ids.all_text_contents() == before


def test_clicking_an_element_opens_its_facts_and_dims_the_rest(opened: Callable[..., Session]) -> None:
    session = opened("diagrams")
    page = session.page
    page.click('[data-diagram="overview"] [data-e="agent"]')
    panel = page.locator("#panel")
    assert panel.is_visible()
    assert "Story" not in panel.text_content()
    assert "CORE-002@agent" in panel.text_content()
    page.wait_for_function("() => location.hash === '#element=agent'")
    on = page.locator('[data-diagram="overview"] [data-e].on').evaluate_all(
        "nodes => nodes.map(n => n.dataset.e)"
    )
    assert sorted(on) == ["agent", "shim"]
    page.keyboard.press("Escape")
    assert panel.is_hidden()
    assert page.locator(".picked").count() == 0
    page.click('[data-diagram="overview"] g.node[data-f="2"]')
    assert "IPC-004@F02" in panel.text_content()
    panel.locator('a[href="#threat=IPC-004@F02"]').click()
    page.locator('tbody[id="threat=IPC-004@F02"] .detail').wait_for()
    assert panel.is_hidden()


def test_the_flows_of_a_diagram_are_listed_below_it(opened: Callable[..., Session]) -> None:
    session = opened("diagrams")
    summary = session.page.locator("#showcase .legend > summary")
    assert summary.is_visible()
    assert not session.page.locator("#showcase .legend tbody tr").first.is_visible()
    summary.click()
    assert session.page.locator("#showcase .legend tbody tr").first.is_visible()


def test_diagram_by_keyboard(opened: Callable[..., Session]) -> None:
    page = opened("diagrams").page
    picture = page.locator('[data-diagram="overview"] svg')
    whole = picture.get_attribute("viewBox")
    page.locator('[data-diagram="overview"] .stage').focus()
    page.keyboard.press("+")
    zoomed = picture.get_attribute("viewBox")
    page.keyboard.press("ArrowRight")
    assert len({whole, zoomed, picture.get_attribute("viewBox")}) == 3
    page.keyboard.press("0")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.locator("#panel h2").text_content() == "Shim"


def test_pan_and_zoom_by_mouse(opened: Callable[..., Session]) -> None:
    page = opened("diagrams").page
    picture = page.locator('[data-diagram="overview"] svg')
    whole = picture.get_attribute("viewBox")
    box = picture.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 10
    page.mouse.move(x, y)
    page.mouse.wheel(0, 1)
    assert picture.get_attribute("viewBox") == whole
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_function(
        "b => document.querySelector('[data-diagram=overview] svg').getAttribute('viewBox') !== b", arg=whole
    )
    zoomed = picture.get_attribute("viewBox")
    page.mouse.down()
    page.mouse.move(x + 60, y + 20, steps=3)
    page.mouse.up()
    assert picture.get_attribute("viewBox") != zoomed
    assert page.locator("#panel").is_hidden()


@pytest.mark.parametrize(
    ("anchor", "selector"),
    [
        ("threat=VIRT-001%40F01", 'tbody[id="threat=VIRT-001@F01"].opened .detail'),
        ("threat=VIRT-001@F01&status=open", 'tbody[id="threat=VIRT-001@F01"].opened .detail'),
        ("control=filter", 'tbody[id="control=filter"].opened .detail'),
        ("element=disk", '#panel:has-text("Disk")'),
        ("flow=F02", '#panel:has-text("Request 2")'),
        ("diagram=boundary-host", '#showcase [data-diagram="boundary-host"]'),
        ("view=shim", '#views [data-diagram="view-shim"] svg'),
        ("elements", "#elements-table"),
        ("nothing-of-this-name", "#summary"),
    ],
)
def test_deep_links(opened: Callable[..., Session], anchor: str, selector: str) -> None:
    opened(anchor).page.locator(selector).wait_for(state="visible")


def test_a_view_keeps_its_diagram_after_the_picker_showed_it(opened: Callable[..., Session]) -> None:
    session = opened("diagrams")
    session.page.select_option("#diagram-pick", "view-shim")
    assert session.visible('#showcase [data-diagram="view-shim"]') == 1
    session.go("views")
    assert session.visible('#views [data-diagram="view-shim"] svg') == 1


def test_keys_of_the_threats_table(opened: Callable[..., Session]) -> None:
    page = opened("summary").page
    page.keyboard.press("/")
    focused = "document.activeElement.closest('tbody')?.id ?? document.activeElement.dataset.for"
    assert page.evaluate(focused) == "threats"
    page.keyboard.type("jk/")
    assert page.input_value('input[data-for="threats"]') == "jk/"
    page.click('[data-reset="threats"]')
    page.keyboard.press("j")
    assert page.evaluate(focused) == "threat=VIRT-001@F01"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate(focused) == "threat=CORE-002@agent"
    page.keyboard.press("Enter")
    detail = page.locator('tbody[id="threat=CORE-002@agent"] .detail')
    assert detail.is_visible()
    page.wait_for_function("() => location.hash === '#threat=CORE-002@agent'")
    page.keyboard.press("Enter")
    assert detail.is_hidden()


def test_an_entry_that_is_opened_while_a_search_is_typed_keeps_its_address(
    opened: Callable[..., Session],
) -> None:
    page = opened("threats").page
    page.clock.install()
    page.fill('input[data-for="threats"]', "o")
    body = page.locator("#threats table.list > tbody:not([hidden])").first
    body.locator("button").first.click()
    name = body.get_attribute("id")
    page.clock.run_for(1000)
    assert page.evaluate("location.hash") == f"#{name}&q=o"
    page.fill('input[data-for="threats"]', "nothing of this name")
    page.click('[data-reset="threats"]')
    page.clock.run_for(1000)
    assert page.evaluate("location.hash") == "#threats"
    assert page.input_value('input[data-for="threats"]') == ""


def test_skip_link_and_help(opened: Callable[..., Session]) -> None:
    page = opened().page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'main'")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#help").is_hidden()


def test_theme_is_kept(opened: Callable[..., Session]) -> None:
    page = opened(color_scheme="light").page
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    page.click("#theme")
    assert page.locator("#theme").text_content() == "Theme: dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.reload()
    assert page.locator("#theme").text_content() == "Theme: dark"


def test_without_a_script_everything_is_there(opened: Callable[..., Session]) -> None:
    session = opened(java_script_enabled=False)
    assert session.visible(".page") == len(PAGES)
    assert session.visible("#threats .detail") == 4
    assert session.visible("#findings .detail") == 2
    assert session.visible(".stage svg") == 4
    assert session.visible(".js-only") == 0


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_no_page_is_wider_than_the_window(opened: Callable[..., Session], width: int) -> None:
    session = opened(viewport={"width": width, "height": 740})
    for anchor in (
        *PAGES,
        "threat=CORE-002@agent",
        "finding=aaaaaaaaaaaa",
        "element=agent",
        "control=filter",
    ):
        session.go(anchor)
        assert session.page.evaluate("document.documentElement.scrollWidth") <= width, anchor


def test_print_shows_every_page(opened: Callable[..., Session]) -> None:
    session = opened("threats")
    session.page.emulate_media(media="print")
    assert session.visible(".page") == len(PAGES)
    assert session.visible("nav") == 0


def test_without_a_scan_the_browser_says_not_checked(opened: Callable[..., Session], tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    path.write_bytes(render_site(unscanned_view(), small_svgs()))
    page = opened("findings", url=path.as_uri()).page
    assert page.locator("#findings .callout").is_visible()
    assert re.search(r"Findings\s+not checked", page.locator("nav").inner_text())
