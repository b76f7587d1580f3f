"""Diagnostics, exit codes, ids, canonical JSON, globs and safe text."""

from __future__ import annotations

import dataclasses
import enum
import itertools
import json
import re
import unicodedata
from pathlib import PurePath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.core.canonical import digest, dump_bytes, sha256
from threatmodel.core.diagnostics import Diagnostic, Place, Severity, nearest
from threatmodel.core.errors import (
    Exit,
    InvalidInput,
    NotVerified,
    SourceUnavailable,
    ThreatModelError,
    UsageError,
    worst_exit,
)
from threatmodel.core.globs import compile_glob, select
from threatmodel.core.ids import file_name, threat_id, valid_id
from threatmodel.core.plain import to_plain
from threatmodel.core.text import fold


@pytest.mark.parametrize(
    ("diagnostic", "line"),
    [
        (Diagnostic(code="M1", message="bad"), "M1  bad"),
        (Diagnostic(code="M1", message="bad", hint="fix"), "M1  bad; fix"),
        (Diagnostic(code="M1", message="bad", place=Place("m.py")), "m.py  M1  bad"),
        (Diagnostic(code="M1", message="bad", place=Place("m.py", 4), hint="fix"), "m.py:4  M1  bad; fix"),
    ],
)
def test_a_diagnostic_is_one_line(diagnostic: Diagnostic, line: str) -> None:
    assert diagnostic.render() == line
    assert diagnostic.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("virtiofsd-sandbx", 'did you mean "virtiofsd-sandbox"?'),
        ("virtiofsd-sandbox", 'did you mean "virtiofsd-sandbox"?'),
        ("agnet", 'did you mean "agent"?'),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_nearest(name: str, hint: str) -> None:
    assert nearest(name, {"virtiofsd-sandbox", "agent", "shim"}) == hint


@given(st.text(max_size=8), st.lists(st.text(max_size=8), max_size=6))
def test_nearest_does_not_depend_on_order(name: str, known: list[str]) -> None:
    assert nearest(name, known) == nearest(name, reversed(known))


ORDER = [1, 2, 4, 13, 10, 11, 12, 3, 0]


@pytest.mark.parametrize(("first", "second"), list(itertools.product(ORDER, repeat=2)))
def test_the_worse_of_two_exits(first: int, second: int) -> None:
    expected = min(first, second, key=ORDER.index)
    assert worst_exit([Exit(first), Exit(second)]) == expected


def test_every_exit_has_a_rank_and_nothing_is_clean() -> None:
    assert set(ORDER) == set(Exit)
    assert worst_exit([]) is Exit.CLEAN
    assert worst_exit(Exit) is Exit.OUR_FAULT


@pytest.mark.parametrize(
    ("error", "code"),
    [(ThreatModelError, 1), (UsageError, 2), (SourceUnavailable, 3), (InvalidInput, 4), (NotVerified, 13)],
)
def test_errors_carry_their_exit_and_all_diagnostics(error: type[ThreatModelError], code: int) -> None:
    two = (Diagnostic(code="A", message="x"), Diagnostic(code="B", message="y"))
    assert (error.exit, error(*two).diagnostics, str(error(*two))) == (code, two, "A  x\nB  y")


@pytest.mark.parametrize("text", ["a", "F46.balloon", "vmm-qemu", "A1", "a_b.c-d", "x" * 64])
def test_ids(text: str) -> None:
    assert valid_id(text)
    assert threat_id("VIRT-007", text) == f"VIRT-007@{text}"


@pytest.mark.parametrize(
    "text", ["", "1a", "-a", "a-", "a..b", "a-_b", "a b", "a@b", "a/b", "é", "a\n", "a\u0661", "x" * 65]
)
def test_not_ids(text: str) -> None:
    assert not valid_id(text)


@pytest.mark.parametrize("text", ["a", "side-qemu+shared_fs=none,dax=on", "view-a.b", "x" * 100])
def test_a_plain_text_is_the_name_of_its_file(text: str) -> None:
    assert file_name(text, "picture") == text


@pytest.mark.parametrize(
    "text", ["", ".", "..", "../x", "a/b", "a\\b", "a b", ".x", "-x", "a..b", "a\n", "\ud800", "é", "x" * 101]
)
def test_another_text_is_a_digest(text: str) -> None:
    assert re.fullmatch(r"picture-[0-9a-f]{16}", file_name(text, "picture"))


@given(st.text(), st.text())
def test_names_of_files_stay_apart_and_in_their_folder(one: str, other: str) -> None:
    names = [file_name(text, "picture") for text in (one, other)]
    assert (names[0] == names[1]) == (one == other)
    assert all(PurePath(name).name == name and name not in {".", ".."} for name in names)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


def shuffled(value: Any) -> Any:
    """The same value with every mapping in the other order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


@given(JSON)
def test_canonical_json(value: Any) -> None:
    data = dump_bytes(value)
    assert json.loads(data) == value
    assert dump_bytes(shuffled(value)) == data
    assert dump_bytes(json.loads(data)) == data
    assert data.endswith(b"\n")
    assert digest(value) == sha256(data)


@given(st.dictionaries(st.text(max_size=5), st.integers(), min_size=2))
def test_canonical_keys_are_sorted(value: dict[str, int]) -> None:
    assert list(json.loads(dump_bytes(value))) == sorted(value)


def test_canonical_form() -> None:
    assert (
        dump_bytes({"b": ["é"], "a": "\ud800"})
        == '{\n  "a": "\\ud800",\n  "b": [\n    "é"\n  ]\n}\n'.encode()
    )


@pytest.mark.parametrize(
    ("value", "error"), [(float("nan"), ValueError), (float("inf"), ValueError), ({1}, TypeError)]
)
def test_canonical_refuses(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        dump_bytes([value])


class _Colour(enum.StrEnum):
    RED = "red"


@dataclasses.dataclass(frozen=True)
class _Point:
    x: int
    tags: frozenset[str]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (_Point(1, frozenset("cab")), {"x": 1, "tags": ["a", "b", "c"]}),
        ((_Colour.RED, {1: (2.5, None)}), ["red", {"1": [2.5, None]}]),
    ],
)
def test_plain_values(value: Any, plain: Any) -> None:
    assert to_plain(value) == plain


@pytest.mark.parametrize("value", [b"x", object(), _Point])
def test_values_without_a_plain_form(value: Any) -> None:
    with pytest.raises(TypeError):
        to_plain(value)


PATHS = (
    "README.md", "src/a.rs", "src/b.go", "src/x/a.rs", "src/x/y/a.rs", "src/x/y/b.go", "src/.hidden", "docs/a.md", "a"
)  # fmt: skip


@pytest.mark.parametrize(
    ("glob", "wanted"),
    [
        ("*", ["README.md", "a"]),
        ("**", list(PATHS)),
        ("**/*", list(PATHS)),
        ("*/*", ["src/a.rs", "src/b.go", "src/.hidden", "docs/a.md"]),
        ("src/*.rs", ["src/a.rs"]),
        ("src/**/a.rs", ["src/a.rs", "src/x/a.rs", "src/x/y/a.rs"]),
        ("**/a.rs", ["src/a.rs", "src/x/a.rs", "src/x/y/a.rs"]),
        ("src/**", [path for path in PATHS if path.startswith("src/")]),
        ("src/{a,b}.{rs,go}", ["src/a.rs", "src/b.go"]),
        ("{docs/a.md,src/{x,z}/*.rs}", ["src/x/a.rs", "docs/a.md"]),
        ("src/{x/**/,}a.rs", ["src/a.rs", "src/x/a.rs", "src/x/y/a.rs"]),
        ("src/?.??", ["src/a.rs", "src/b.go"]),
        ("READMEamd", []),
        ("src", []),
        ("", []),
        ("src/[ab].rs", []),
        ("SRC/a.rs", []),
    ],
)
def test_globs(glob: str, wanted: list[str]) -> None:
    assert list(select(PATHS, glob)) == wanted


@pytest.mark.parametrize("glob", ["{a", "{a,{b}", "x{"])
def test_open_braces(glob: str) -> None:
    with pytest.raises(ValueError, match="unbalanced brace"):
        compile_glob(glob)


def reference(glob: str, path: str) -> bool:
    """Whether a glob without braces matches, straight from the definition."""
    if not glob:
        return not path
    if glob.startswith("**/"):
        slash = path.find("/")
        return reference(glob[3:], path) or (slash > 0 and reference(glob, path[slash + 1 :]))
    if glob.startswith("**"):
        return any(reference(glob[2:], path[n:]) for n in range(len(path) + 1))
    if glob[0] == "*":
        return reference(glob[1:], path) or (path[:1] not in {"", "/"} and reference(glob, path[1:]))
    return (
        bool(path)
        and (path[0] == glob[0] or (glob[0] == "?" and path[0] != "/"))
        and reference(glob[1:], path[1:])
    )


PART = st.sampled_from(["a", "b", ".", "+", "*", "?", "/", "**", "**/", "\n"])


@given(st.lists(PART, max_size=6).map("".join), st.text("ab.+/\n", max_size=7))
def test_globs_agree_with_their_definition(glob: str, path: str) -> None:
    assert bool(compile_glob(glob).fullmatch(path)) is reference(glob, path)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*a" * 20 + "b", "a" * 4000),
        ("**/" * 20 + "x", "a/" * 2000),
        ("{a,a}" * 60 + "b", "a" * 60),
        ("{{*,*a}*,*}" * 5 + "b", "a" * 2000),
        ("**a" * 20 + "b", "a" * 4000),
        ("***" * 20 + "b", "a" * 4000),
    ],
)
def test_globs_that_would_try_for_hours(glob: str, path: str) -> None:
    assert not compile_glob(glob).fullmatch(path)


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [("*é?*x", "éübx", True), ("*?*x", "éx", True), ("*??*x", "éx", False), ("*?*x", "\udc80x", True)],
)
def test_globs_count_characters(glob: str, path: str, matches: bool) -> None:
    assert bool(compile_glob(glob).fullmatch(path)) is matches


@given(
    st.lists(PART, max_size=2).map("".join),
    st.lists(st.lists(PART, max_size=2).map("".join), min_size=1, max_size=3),
    st.text("ab/", max_size=4),
    st.text("ab.+/", max_size=6),
)
def test_braces_are_alternatives(head: str, middles: list[str], tail: str, path: str) -> None:
    found = bool(compile_glob(head + "{" + ",".join(middles) + "}" + tail).fullmatch(path))
    # a star before a brace and one behind it stay two stars
    apart = [f"{head}{{{middle}}}{tail}" for middle in middles]
    assert found is any(compile_glob(glob).fullmatch(path) for glob in apart)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\nb\tc", "a\nb\tc"),
        ("a\rb", "a<U+000D>b"),
        ("\x1b[31m", "<U+001B>[31m"),
        ("\x00\x7f\x85", "<U+0000><U+007F><U+0085>"),
        ("a\u202eb\u2066c\u200f", "a<U+202E>b<U+2066>c<U+200F>"),
        ("\u2028\u2029", "<U+2028><U+2029>"),
        ("\ud800", "<U+D800>"),
        ("\ue000\U000e0041\ufeff\U0010ffff", "<U+E000><U+E0041><U+FEFF><U+10FFFF>"),
        ("é 漢 𝄞 <script>", "é 漢 𝄞 <script>"),
    ],
)
def test_fold(text: str, shown: str) -> None:
    assert fold(text) == shown


def test_fold_without_a_glyph() -> None:
    assert fold("aé漢\n", frozenset(map(ord, "aé"))) == "aé<U+6F22>\n"


@given(st.text(st.characters()), st.none() | st.just(frozenset(range(32, 127))))
def test_folded_text_is_harmless_and_its_own_folding(text: str, glyphs: frozenset[int] | None) -> None:
    folded = fold(text, glyphs)
    assert fold(folded, glyphs) == folded
    assert folded.encode().decode() == folded
    assert not {unicodedata.category(char) for char in folded if char not in "\n\t"} & {
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
        "Zl",
        "Zp",
    }
    assert glyphs is None or folded.replace("\n", "").replace("\t", "").isascii()


@pytest.mark.parametrize("glob", ["a/b", "a/*", "{a/b}", "a/c", ""])
def test_a_glob_without_special_characters_selects_as_others_do(glob: str) -> None:
    paths = ("a", "a/b", "a/bc", "ba/b", "a/b")
    pattern = compile_glob(glob)
    assert select(paths, glob) == tuple(path for path in paths if pattern.fullmatch(path))
    assert select(iter(paths), glob) == select(paths, glob)
