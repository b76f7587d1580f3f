"""Keys and defaults of TOML templates."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.extract.support import pairs, tell
from threatmodel.extract import Extract, Spec

SPEC = Spec(kind="toml-keys", paths=("**",), without=("hypervisor",))
TEMPLATE = """# Source file: "@SOURCE@"
top = 1
[hypervisor.qemu]
path = "@QEMUPATH@"
kind = @DEFKIND@
list = ["@A@", "b"]
many = [
  "x = 1", # not a key
]
flag = false  # a comment with key = 1
#off = true
# other = @X@
#      prose = yes (default)
#   DEEPER="no key"
# root_hash=...,salt=
# flag = true
[agent.@TYPE@.sub]
"quoted key" = 'v'
a.b = { c = 2 }
[[items]]
name = "one"
[[items]]
name = "two"
size = 3
"""


def said(text: str | bytes) -> Extract:
    return tell(SPEC, text, "x.toml.in")


def test_keys_and_what_they_are_shipped_with() -> None:
    assert dict(pairs(said(TEMPLATE))) == {
        "top": "1",
        "hypervisor.path": "set at build time by QEMUPATH",
        "hypervisor.kind": "set at build time by DEFKIND",
        "hypervisor.list": '["@A@", "b"], set at build time by A',
        "hypervisor.many": '["x = 1"]',
        "hypervisor.flag": "false",
        "hypervisor.off": "commented out: true",
        "hypervisor.other": "commented out: set at build time by X",
        "agent.@TYPE@.sub.quoted key": '"v"',
        "agent.@TYPE@.sub.a.b.c": "2",
        "items.[].name": '"one"',
        "items.[].size": "3",
    }


def test_blanks_and_signs_in_keys() -> None:
    text = "a" + " " * 19_000 + ".b = 1\n" + '"c=d" = 2\n"[e]" = 1.5\nf = [1.5, 2.5]\n'
    found = said(text)
    assert pairs(found) == [("[e]", "1.5"), ("a.b", "1"), ("c=d", "2"), ("f", "[1.5, 2.5]")]
    assert [fact.line for fact in found.facts] == [3, 1, 2, 4]


def test_lines() -> None:
    lines = {fact.name: fact.line for fact in said(TEMPLATE).facts}
    assert (lines["top"], lines["hypervisor.path"], lines["hypervisor.flag"], lines["hypervisor.off"]) == (
        2,
        4,
        10,
        11,
    )
    assert lines["agent.@TYPE@.sub.quoted key"] == 18


@pytest.mark.parametrize("text", ["# nothing = here yet\n", "[empty.but]\n# there\n", "\n# x\n"])
def test_quiet(text: str) -> None:
    assert [name for name, detail in pairs(said(text)) if "commented" not in detail] in ([], ["empty.but"])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = [1\n", 0),
        ("a = 1\na = 2\n", 2),
        ("[x\n", 1),
        ("a = @one@\n", 1),
        ('a = """open\n', 1),
        ("a = 1\nb = " + "9" * 30_000, 2),
        ("a = 0x" + "f" * 19_000, 0),
        ("a = " + "9" * 10_000, 0),
        ("a = " + "[" * 19_000, 0),
        ("a = [\n" + "[\n" * 100_000, 0),
        (".".join("a" * 9_000) + " = 1", 1),
        ("\n[" + ".".join("a" * 9_000) + "]", 2),
        ("a = {" + " . ".join("a" * 4_000) + " = 1}", 1),
    ],
)
def test_what_is_no_toml_is_told(text: str, line: int) -> None:
    found = said(text)
    assert [item.line for item in found.unread] in ([line], [0])
    assert (found.facts, found.files) == ((), ())


@pytest.mark.parametrize("data", [b"\0", b"\xffa = 1", b"", b"a = 1\rb = 2"])
def test_what_is_no_text_is_told(data: bytes) -> None:
    assert len(said(data).unread) == 1


_KEYS = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
_VALUES = st.sampled_from(["1", "true", '"a # b = [c"', "'{'", "[1, 2]", "1.5", '["x", "]"]'])


@given(st.dictionaries(_KEYS, st.dictionaries(_KEYS, _VALUES, max_size=4), max_size=4))
def test_every_key_is_read_with_its_line(sections: dict[str, dict[str, str]]) -> None:
    text = "# x\n" + "".join(
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())
        for name, keys in sections.items()
    )
    assert set(tomllib.loads(text)) == set(sections)
    found = said(text)
    wanted = {f"{name}.{key}": value for name, keys in sections.items() for key, value in keys.items()}
    read = {
        fact.name: text.split("\n")[fact.line - 1].partition(" = ")[2]
        for fact in found.facts
        if "." in fact.name
    }
    assert read == wanted


@given(st.text("ab=.[]{}\"'#@X\n 1,", max_size=200))
def test_any_text_is_read_or_told(text: str) -> None:
    found = said(text)
    assert bool(found.files) != bool(found.unread)
