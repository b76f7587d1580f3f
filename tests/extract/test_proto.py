"""RPC methods of protobuf files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.extract.support import pairs, tell
from threatmodel.extract import Extract, Spec

SPEC = Spec(kind="rpc", paths=("**",))
HEAD = 'syntax = "proto3";\npackage a.b;\n'
METHOD = [("a.b.S.M", "R returns Q")]


def said(text: str | bytes) -> Extract:
    return tell(SPEC, text, "x.proto")


@pytest.mark.parametrize(
    "text",
    [
        "service S { rpc M(R) returns (Q); }",
        "service S { rpc M (R)\n  returns\n (Q) {} }",
        "service S { rpc M(R) returns (Q) { option (google.api.http) = { get: '/v1;}' body: \"*\" }; }; }",
        "service S { option deprecated = true; ; rpc M(R) returns (Q); } ;",
        "// rpc N(R) returns (Q);\nservice S { /* rpc N(R) returns (Q); */ rpc M(R) returns (Q); // rpc\n}",
        'service S { rpc M(R) returns (Q); } message X { string a = 1 [default = "} service T {"]; }',
        "message A { message B { oneof o { int32 rpc = 1; } } reserved 2, 4 to max; } "
        "service S { rpc M(R) returns (Q); }",
        "enum E { option allow_alias = true; A = 0; B = -1; } extend X { optional int32 y = 0x7F; } "
        "service S { rpc M(R) returns (Q); }",
        "option (x).y = { a: [1.5e+3, -inf] b < c: 1 > };\nservice S { rpc M(R) returns (Q); }",
        "message " + "A { message " * 100 + "A {" + "}" * 101 + "service S { rpc M(R) returns (Q); }",
        "message A " + "{ group G = 1 " * 100_000 + "}" * 100_000 + "service S { rpc M(R) returns (Q); }",
    ],
)
def test_a_method_is_found_whatever_stands_around_it(text: str) -> None:
    assert pairs(said(HEAD + text)) == METHOD


def test_names_types_and_lines() -> None:
    text = (
        "service S {\n rpc A(stream .x.R) returns (stream Q);\n rpc B(stream) returns (Q);\n}\nservice T {}\n"
    )
    found = said(text)
    assert pairs(found) == [("S.A", "stream .x.R returns stream Q"), ("S.B", "stream returns Q")]
    assert [fact.line for fact in found.facts] == [2, 3]


@pytest.mark.parametrize(
    "text", [HEAD, HEAD + "message rpc { M service = 1; }", HEAD + 'import "rpc.proto";']
)
def test_quiet(text: str) -> None:
    assert pairs(said(text)) == []


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("service S { rpc M(R) returns (Q); ", 1, "a service is not closed"),
        ("\nmessage A {{ }", 2, '"{" is not closed'),
        ("message A { ] }", 1, '"]" closes nothing'),
        ("service S { rpc M(R) gives (Q); }", 1, '"gives" stands where "returns" is expected'),
        ("service S { rpc M R; }", 1, '"(" is missing'),
        ("service S { stream M(A, B); }", 1, '"stream" is no statement of a service'),
        ("rpc M(R) returns (Q);", 1, '"rpc" is no statement of a protobuf file'),
        ("service S { rpc M(R) returns (Q)", 1, "a method is not closed"),
        ("\n\n/* open", 3, "a comment does not end"),
        ('import "open\n;', 1, "no word, number, text or sign of a protobuf file"),
        ("message A " + "{" * 100_000, 1, '"{" is not closed'),
        ("service S { rpc M(R) returns (Q) " + "{" * 100_000, 1, '"{" is not closed'),
    ],
)
def test_what_is_no_protobuf_is_told(text: str, line: int, reason: str) -> None:
    found = said(text)
    assert [(item.line, item.reason) for item in found.unread] == [(line, reason)]
    assert (found.facts, found.files) == ((), ())


@pytest.mark.parametrize("data", [b"\0binary", b"\xff\xfe", b"", b"a" * (3 * 1024 * 1024), b"x\ry"])
def test_what_is_no_text_is_told(data: bytes) -> None:
    found = said(data)
    assert len(found.unread) == 1
    assert not found.files


_NAMES = st.from_regex(r"[A-Z][a-z]{0,8}", fullmatch=True)
_NOISE = st.sampled_from([" ", "\n", "\t", "// rpc X(Y) returns (Z);\n", "/* { */", "\n\n"])


@given(st.lists(st.tuples(_NAMES, _NAMES, _NAMES, st.booleans()), unique_by=lambda m: m[0]), st.data())
def test_every_method_that_was_written_is_read(
    methods: list[tuple[str, str, str, bool]], data: st.DataObject
) -> None:
    words = [HEAD, "service", "S", "{"]
    for name, takes, gives, block in methods:
        words += ["rpc", name, "(", takes, ")", "returns", "(", gives, ")", "{ }" if block else ";"]
    text = "".join(word + " " + data.draw(_NOISE) for word in [*words, "}"])
    assert pairs(said(text)) == sorted(
        (f"a.b.S.{name}", f"{takes} returns {gives}") for name, takes, gives, _ in methods
    )


@given(st.text("servicpmag rt{}()[]<>;=,.\"'/*\n\\1é", max_size=200))
def test_any_text_is_read_or_told(text: str) -> None:
    found = said(text)
    assert bool(found.files) != bool(found.unread)
