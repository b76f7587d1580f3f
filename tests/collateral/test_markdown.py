"""Hostile text in Markdown: renderers show it and act on none of it."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from collateral.report.markdown import inline
from threatmodel.core.text import fold

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- comment --> <![CDATA[x]]> <?php ?>",
    "{{ 7 * 7 }} {% raw %} ${x} #{y}",
    '#panic("x")',
    "# heading",
    "$(touch x) `id` $x^2$ $$y$$",
    "a | b || c \\| d",
    "`code` ``two`` ```",
    "[text](https://example.org) ![i](x.png) [r][s] [s]: x",
    "<https://example.org> <a@example.org>",
    "see http://example.org/?a=b&c=d, https://example.org and www.example.org",
    "mailto:a@example.org a@example.org ftp://example.org",
    "@someone owner/name#12 GH-12 #12 0123456789abcdef0123456789abcdef01234567",
    "x[^1] [^1]: note",
    "**bold** *it* __b__ _i_ ~~s~~ ~x~ ==m== ++i++ ^sup^ H~2~O",
    "&lt;b&gt; &amp; &#60;script&#62; &copy",
    "- item\n* item\n+ item\n1. item\n2) item\n> quote",
    "---\n===\n***",
    "    code by indent",
    "line one\n\nline two\r\n<b>three</b>",
    "a  \nb\\\nc",
    "| a |\n|---|\n| b |",
    "- [x] done",
    ":smile: :::note",
    "\u202eevil\u2066 \x1b[31mred\x00 \udcff \ue000",
    "\\",
    "\\\\ \\< \\&lt;",
    "trailing backslash \\",
    "",
    "'\"",
    "!\\[x](y)",
    "javascript:alert(1)",
]
_INLINE_TAGS = re.compile(r"<(?!/?p>)")


def renderers() -> list[MarkdownIt]:
    everything = MarkdownIt("commonmark", {"html": True, "typographer": False}).enable(
        ["table", "strikethrough"]
    )
    return [MarkdownIt("commonmark"), MarkdownIt("js-default", {"html": True, "linkify": False}), everything]


def shown(rendered: str) -> str:
    """What a reader of the page sees."""
    return html.unescape(rendered.removeprefix("<p>").removesuffix("\n").removesuffix("</p>"))


def check(text: str) -> None:
    expected = fold(" ".join(text.split()))
    for renderer in renderers():
        page = renderer.render(inline(text))
        assert not _INLINE_TAGS.search(page), page
        assert shown(page) == expected


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_interpreted_by_nobody(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_in_its_cell(text: str) -> None:
    page = MarkdownIt("js-default", {"html": True, "linkify": False}).render(
        f"| A | B |\n|---|---|\n| {inline(text)} | end |\n"
    )
    cells = re.findall(r"<td>(.*?)</td>", page)
    assert [html.unescape(cell) for cell in cells] == [fold(" ".join(text.split())), "end"]
    assert re.sub(r"</?(table|thead|tbody|tr|th|td)>", "", page).count("<") == 0


@given(st.text(st.one_of(st.sampled_from("\\`*_{}[]()#+-.!|<>~&$@:^=\"'/;, \n\tawhtps1"), st.characters())))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    check(text)


@given(st.text(st.one_of(st.sampled_from("http:/w.@ax&;<"), st.characters()), max_size=30))
def test_no_address_stands_in_the_source_as_it_is(text: str) -> None:
    """Extensions of renderers look for `://`, `www.` and `@` there; a backslash stands in the way of each."""
    written = inline(f"x {text} http://example.org www.example.org a@example.org")
    assert not re.search(r"://|www\.|\w@", written)
    assert "\n" not in written
