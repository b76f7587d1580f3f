from __future__ import annotations

import base64
import copy
import hashlib
import html
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.report.site import render_site
from collateral.report.site.derive import scanning
from collateral.report.site.picture import UnusablePicture, inline_svg
from collateral.report.site.render import catalogue, relative, script_json, web
from tests.report.site_view import ADVISED, EARLIER, HOSTILE, scan, small_svgs, small_view, unscanned_view

VOID = {"meta", "link", "br", "input", "img"}


class Page(HTMLParser):
    """Elements with their attributes; fails where an element is not closed or closed twice."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"script", "style"}:
            self.scripts.append(data)
        else:
            self.texts.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def text() -> str:
    return render_site(small_view(), small_svgs()).decode()


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def section(text: str, name: str) -> str:
    return text.split(f'<section id="{name}"', 1)[1].split("</section>", 1)[0]


def test_markup_is_balanced(page: Page) -> None:
    assert page.open == []


def test_ids_are_unique_and_every_inner_link_has_a_target(page: Page) -> None:
    ids = [a["id"] for _, a in page.elements if a.get("id")]
    assert len(ids) == len(set(ids))
    links = {a["href"] for a in page.named("a") if (a.get("href") or "").startswith("#")}
    plain = {link[1:] for link in links if link and "&" not in link}
    assert plain <= set(ids)
    for attributes in (a for _, a in page.elements):
        for name in ("aria-labelledby", "aria-describedby"):
            assert set((attributes.get(name) or "").split()) <= set(ids)


def test_nothing_is_loaded_and_nothing_runs_inline(page: Page) -> None:
    for tag, attributes in page.elements:
        assert tag not in {"iframe", "object", "embed", "base", "img", "foreignobject", "use", "image"}
        assert "src" not in attributes
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "link":
            assert attributes["href"] == "data:,"
        if tag == "a":
            assert re.match(r"#|https?://|\./", attributes["href"] or "")


def test_policy_names_exactly_the_inline_texts(text: str, page: Page) -> None:
    meta = next(a for a in page.named("meta") if a.get("http-equiv") == "Content-Security-Policy")
    policy = dict(part.strip().split(" ", 1) for part in (meta["content"] or "").split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["img-src"] == "data:"
    assert "unsafe" not in (meta["content"] or "")

    def hashes(pattern: str) -> set[str]:
        found = re.findall(pattern, text, re.DOTALL)
        digests = (hashlib.sha256(item.encode()).digest() for item in found)
        return {f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests}

    assert set(policy["script-src"].split()) == hashes(r"<script>(.*?)</script>")
    assert set(policy["style-src"].split()) == hashes(r"<style>(.*?)</style>")


def test_script_writes_no_markup(text: str) -> None:
    script = "".join(re.findall(r"<script>(.*?)</script>", text, re.DOTALL))
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Function(",
        "fetch(",
    ):
        assert word not in script


def test_hostile_texts_are_shown_and_are_not_markup(page: Page) -> None:
    shown = "".join(page.texts)
    assert shown.count(HOSTILE) >= 5
    assert len(page.named("script")) == 3


def test_operations_are_a_table_where_something_is_known_of_one_and_a_list_of_names_else() -> None:
    view = small_view()
    text = render_site(view, {}).decode()
    assert text.count("The receiver parses") == 2
    for flow in view["flows"]:
        flow["operation_facts"] = False
    text = render_site(view, {}).decode()
    assert "The receiver parses" not in text
    assert text.count("<p>Read</p>") == 2


def test_an_earlier_threat_model_has_a_page_where_there_is_one() -> None:
    without = render_site(small_view(), small_svgs()).decode()
    assert 'id="predecessor"' not in without
    text = render_site({**small_view(), "predecessor": EARLIER}, small_svgs()).decode()
    shown = Page(text)
    assert "".join(shown.texts).count(HOSTILE) - "".join(Page(without).texts).count(HOSTILE) == 5
    assert len(shown.named("script")) == 3
    assert 'href="javascript:' not in text
    assert 'href="#element=agent"' in text
    assert 'href="#threat=CORE-999@agent"' not in text
    assert "Not modelled" in text


def test_published_advisories_have_a_page_where_there_are_some() -> None:
    without = render_site(small_view(), small_svgs()).decode()
    assert 'id="advisories"' not in without
    text = render_site({**small_view(), "backtest": ADVISED}, small_svgs()).decode()
    shown = Page(text)
    assert "".join(shown.texts).count(HOSTILE) - "".join(Page(without).texts).count(HOSTILE) == 16
    assert len(shown.named("script")) == 3
    assert 'href="javascript:' not in text
    assert 'href="#element=agent"' in text
    assert 'href="#control=filter"' in text
    assert 'href="#threat=CORE-999@agent"' not in text
    assert "no claim was checked there" in text
    assert text.count("<b>not named</b>") == 1
    checked = render_site({**small_view(), "backtest": {**ADVISED, "checked": True}}, small_svgs()).decode()
    assert "no claim was checked there" not in checked


def test_data_of_the_script_is_json_without_markup(text: str) -> None:
    raw = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert raw is not None
    assert not set(raw[1]) & set("<>&\u2028\u2029")
    data = json.loads(raw[1])
    table = data["tables"]["threats"]
    statuses = table["values"][table["facets"].index("status")]
    assert [statuses[row[0][0]] for row in table["rows"]] == [t["status"] for t in small_view()["threats"]]
    assert data["flows"] == [[1, "F01", "agent", "shim"], [2, "F02", "shim", "disk"]]


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_script_json_round_trips_without_markup(value: Any) -> None:
    text = script_json(value)
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == value


def test_same_input_same_bytes_in_other_surroundings() -> None:
    code = (
        "import hashlib; from collateral.report.site import render_site; "
        "from tests.report.site_view import small_view, small_svgs; "
        "print(hashlib.sha256(render_site(small_view(), small_svgs())).hexdigest())"
    )
    seen = set()
    for seed, zone, language in (("1", "UTC", "C"), ("77", "Asia/Tokyo", "C.UTF-8")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language}
        result = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        seen.add(result.stdout)
    assert len(seen) == 1


def test_a_view_is_not_changed() -> None:
    view = small_view()
    before = copy.deepcopy(view)
    render_site(view, small_svgs())
    assert view == before


def test_notice_and_headline_stand_in_the_head(text: str) -> None:
    assert "Draft made with this toolkit." in text.split("<main", 1)[0]
    assert 'class="banner headline"' not in text
    view = small_view() | {"headline": "Not checked against a source tree, no scanner was run"}
    changed = render_site(view, {}).decode()
    assert view["headline"] in changed.split("<main", 1)[0]
    assert view["headline"] in section(changed, "not-checked")


def test_every_threat_has_its_details_without_a_script(text: str) -> None:
    part = section(text, "threats")
    for threat in small_view()["threats"]:
        assert f'id="threat={threat["id"]}"' in part
        assert html.escape(threat["reason"]) in part
    assert 'href="#control=filter"' in part
    assert "https://cwe.mitre.org/data/definitions/78.html" in part
    assert "https://attack.mitre.org/techniques/T1611/001/" in part
    assert 'href="javascript:' not in part


@pytest.mark.parametrize(
    ("scans", "state", "says"),
    [
        ([], "none", "No scanner was run"),
        ([scan("semgrep", "skipped", "not installed")], "none", "No scanner finished"),
        ([scan("semgrep", "failed", "time limit"), scan("bandit", "failed")], "none", "No scanner finished"),
        (
            [scan("semgrep", "complete"), scan("bandit", "skipped")],
            "incomplete",
            "Not everything was scanned.",
        ),
        ([scan("semgrep", "partial")], "incomplete", "Not everything was scanned."),
        ([scan("semgrep", "complete")], "complete", "completed and reported nothing"),
    ],
)
def test_not_checked_is_not_shown_as_clean(scans: list[dict[str, Any]], state: str, says: str) -> None:
    assert scanning(scans)["state"] == state
    text = render_site(unscanned_view(*scans), small_svgs()).decode()
    findings, missing = section(text, "findings"), section(text, "not-checked")
    assert says in findings
    for item in scans:
        if item["status"] != "complete":
            assert item["scanner"] in findings
            assert item["scanner"] in missing
            assert item["reason"] in findings
    nothing_missing = "Everything that was asked for was done."
    assert (nothing_missing in missing) == (state == "complete")
    tile = text.split("<dt>Findings</dt>", 1)[1].split("</dd>", 1)[0]
    assert ("not checked" in tile) == (state == "none")
    assert ("scans not complete" in tile) == (state == "incomplete")


def test_no_source_is_said_at_the_controls() -> None:
    view = small_view()
    view["source"] = {**view["source"], "available": False, "reason": "not reachable", "commit": ""}
    text = render_site(view, small_svgs()).decode()
    assert "No source tree was read (not reachable)" in section(text, "controls")
    assert "not reachable" in section(text, "files")


@pytest.mark.parametrize(
    ("svgs", "failed", "says"),
    [
        ({}, "", "the picture is missing"),
        ({"overview": b"<html></html>"}, "", "the picture is not an SVG"),
        ({"overview": b"\xff"}, "", "the picture is not well-formed SVG"),
        (small_svgs(), "time limit", "time limit"),
    ],
)
def test_a_diagram_that_is_not_there_is_named(svgs: dict[str, bytes], failed: str, says: str) -> None:
    view = small_view()
    view["diagrams"][0]["failed"] = failed
    part = section(render_site(view, svgs).decode(), "diagrams")
    assert f"<b>This diagram could not be drawn.</b> {says}" in part
    assert "Overview in words" in part


def test_an_empty_model_renders() -> None:
    view = small_view()
    for name in (
        "threats",
        "elements",
        "flows",
        "boundaries",
        "controls",
        "findings",
        "views",
        "diagrams",
        "scans",
    ):
        view[name] = []
    view.update(top_threats=[], configurations=[], finding_counts=[], adversaries=[], assets=[])
    view["status_counts"] = [{**row, "count": 0} for row in view["status_counts"]]
    Page(render_site(view, {}).decode())


def svg(inner: str, attributes: str = "") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" {attributes}>{inner}</svg>'.encode()


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        "<style>* { display: none }</style>",
        "<foreignObject><b xmlns='http://www.w3.org/1999/xhtml'>x</b></foreignObject>",
        "<a href='javascript:alert(1)'><text>x</text></a>",
        "<image href='https://example.org/x.png'/>",
        "<use href='#x'/>",
        "<animate attributeName='href' values='javascript:alert(1)'/>",
        "<g xmlns='http://www.w3.org/1999/xhtml'>x</g>",
        "<g><svg onload='alert(1)'/></g>",
    ],
)
def test_a_picture_loses_what_is_not_drawing(inner: str) -> None:
    out = inline_svg(svg(f"{inner}<text x='1' y='2'>kept</text>"), "p-")
    assert re.sub(r"</?g>", "", out).endswith('<text x="1" y="2">kept</text></svg>')
    assert "alert" not in out
    assert "example" not in out


@pytest.mark.parametrize(
    "attribute",
    [
        "onclick='alert(1)'", "style='fill:red'", "href='#x'", "fill='url(https://example.org/x)'",
        "fill='URL(#a)'", "stroke='javascript:alert(1)'", "clip-path='url(#a)'", "data-e='x'", "tabindex='0'",
    ],
)  # fmt: skip
def test_a_picture_loses_attributes_that_are_not_drawing(attribute: str) -> None:
    assert inline_svg(svg(f"<path d='M0,0' {attribute}/>"), "p-").count('<path d="M0,0"></path>') == 1


def test_a_picture_has_coordinates_to_a_tenth_and_no_class_that_a_hook_has() -> None:
    edge = (
        '<g class="edge flow f-7"><path d="M1.25,-741.5 C-0.04,2 12,3.999" stroke-width="1.25"/></g>'
        '<g class="node element" id="n-a"><polygon points="10.449,2.00 3,4"/></g>'
    )
    shown = inline_svg(f'<svg xmlns="http://www.w3.org/2000/svg">{edge}</svg>'.encode(), "p-")
    assert 'd="M1.2,-741.5 C0,2 12,4" stroke-width="1.25"' in shown
    assert 'points="10.4,2 3,4"' in shown
    assert 'class="edge flow" data-f="7"' in shown


BOX = (
    "M30,-40C30,-40 12,-40 12,-40 6,-40 0,-34 0,-28 0,-28 0,-12 0,-12 0,-6 6,0 12,0 12,0 30,0 30,0 36,0 42,-6 42,-12 "
    "42,-12 42,-28 42,-28 42,-34 36,-40 30,-40"
)


@pytest.mark.parametrize(
    ("path", "rect"),
    [
        (BOX, 'fill="#fff" height="40" rx="12" width="42" x="0" y="-40"'),
        (BOX.replace("6,-40", "9,-40", 1), ""),
        (BOX + " 1,2", ""),
        ("M1,1C1,1 2,2 3,3", ""),
        (BOX.replace("M30", "M42"), ""),
    ],
)
def test_a_box_with_round_corners_is_a_rectangle_and_nothing_else_is(path: str, rect: str) -> None:
    group = f'<g class="node"><path d="{path}" fill="#fff"/></g>'
    shown = inline_svg(f'<svg xmlns="http://www.w3.org/2000/svg">{group}</svg>'.encode(), "p-")
    assert ("<rect" in shown) == bool(rect)
    assert ("<path" in shown) == (not rect)
    if rect:
        assert sorted(rect.split()) == sorted(shown.split("<rect ")[1].split(">")[0].split())


def test_texts_of_a_picture_stay_texts() -> None:
    out = inline_svg(svg("<title>a &lt;script&gt;</title><text>&lt;b&gt; &amp;amp;</text>"), "p-")
    assert '<title id="p-title">a &lt;script&gt;</title>' in out
    assert "<text>&lt;b&gt; &amp;amp;</text>" in out
    assert 'aria-labelledby="p-title"' in out


@pytest.mark.parametrize(
    ("inner", "kept"),
    [
        ("<tspan font-weight='bold'>1</tspan> a", '<tspan font-weight="bold">1</tspan> a'),
        ("<tspan onclick='x()'>&lt;b&gt;</tspan>", "<tspan>&lt;b&gt;</tspan>"),
        ("<tspan>1<a href='#x'>2</a></tspan>", "<tspan>12</tspan>"),
        ("<tspan>1</tspan><a href='#x'>2</a>", "12"),
    ],
)
def test_parts_of_a_text_keep_their_weight(inner: str, kept: str) -> None:
    assert f"<text>{kept}</text>" in inline_svg(svg(f"<text>{inner}</text>"), "p-")


def test_groups_get_their_hooks() -> None:
    out = inline_svg(small_svgs()["overview"], "d0-")
    assert out.count('data-e="shim"') == 1
    assert out.count('data-f="2"') == 2
    both = inline_svg(svg('<g id="f-3" class="node flow f-3 f-9"/><g id="n-x.y" class="node"/>'), "p-")
    assert 'data-f="3 9"' in both
    assert 'data-e="x.y"' in both


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg", b"<!DOCTYPE svg><svg/>", b'<!DOCTYPE a [<!ENTITY b "c">]><svg>&b;</svg>', b"\xfe\xff"],
)
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises(UnusablePicture):
        inline_svg(data, "p-")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://example.org/a?b=c", True), ("http://example.org", True), ("javascript:alert(1)", False),
        ("file:///etc/passwd", False), ("https://a b", False), (" https://example.org", False), ("//x", False),
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_become_links(value: str, kept: bool) -> None:
    assert web(value) == (value if kept else "")


def test_links_to_catalogues_and_files() -> None:
    assert catalogue("CAPEC-29") == "https://capec.mitre.org/data/definitions/29.html"
    assert catalogue("T1611") == "https://attack.mitre.org/techniques/T1611/"
    assert catalogue("CWE-x") == ""
    assert relative("data/a b.json") == "./data/a%20b.json"
    assert relative("//example.org/x") == "./example.org/x"
    assert relative("javascript:alert(1)") == "./javascript%3Aalert%281%29"
