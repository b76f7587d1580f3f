"""Calls with the rules that decide on them, and the other rules of a policy."""

from __future__ import annotations

import pytest

from tests.extract.support import MemoryTree, pairs
from threatmodel.extract import Extract, Spec, compare, extract

PROTO = b"""package p;
service S { rpc Get(stream .q.GetRequest) returns (R); rpc Put(PutRequest) returns (R); rpc Odd(O) returns (R); }"""
ALLOW = b"package a\ndefault GetRequest := true\ndefault Old := true\n"
STRICT = b"""package b
default GetRequest := false
default PutRequest := false
PutRequest if { helper }
helper if { input.x }
"""
FILES = {"p.proto": PROTO, "a/allow.rego": ALLOW, "b/strict.rego": STRICT}
CALLS = Spec(kind="rpc", paths=("*.proto",), lookup=("**/*.rego",))
RULES = Spec(kind="policy", paths=("**/*.rego",), lookup=("*.proto",))


def told(spec: Spec, **changed: bytes) -> Extract:
    names = {"proto": "p.proto", "allow": "a/allow.rego", "strict": "b/strict.rego"}
    return extract(MemoryTree({**FILES, **{names[name]: data for name, data in changed.items()}}), spec)


def test_a_call_is_told_with_its_rule() -> None:
    found = dict(pairs(told(CALLS)))
    assert found["p.S.Get"] == (
        "stream .q.GetRequest returns R; rule GetRequest: allow.rego default true; strict.rego default false"
    )
    assert found["p.S.Put"].startswith(
        "PutRequest returns R; rule PutRequest: strict.rego default false, 1 body sha256 "
    )
    assert found["p.S.Odd"] == "O returns R; rule O: none"
    alone = pairs(extract(MemoryTree(FILES), Spec(kind="rpc", paths=("*.proto",))))
    assert dict(alone)["p.S.Put"] == "PutRequest returns R"


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        (b"GetRequest := false", b"GetRequest := true", ["p.S.Get"]),
        (b"default PutRequest := false\n", b"", ["p.S.Put"]),
        (b"{ helper }", b"{ true }", ["p.S.Put"]),
        (b"input.x", b"input.y", []),
        (b"default GetRequest := false", b"# why\ndefault GetRequest  :=  false", []),
    ],
)
def test_a_rule_that_changes_is_a_change_of_its_calls(old: bytes, new: bytes, changed: list[str]) -> None:
    assert old in STRICT
    found = compare(told(CALLS), told(CALLS, strict=STRICT.replace(old, new)))
    assert [(c.state, c.name) for c in found.changes] == [("changed", name) for name in changed]


def test_files_of_one_name_are_told_apart() -> None:
    files = {"p.proto": PROTO, "a/x.rego": ALLOW, "b/x.rego": STRICT}
    assert "a/x.rego default true; b/x.rego default false" in pairs(extract(MemoryTree(files), CALLS))[0][1]


def test_rules_that_no_call_takes() -> None:
    facts = [(fact.path, fact.name, fact.detail) for fact in told(RULES).facts]
    assert facts[0] == ("a/allow.rego", "Old", "default true; no call takes it")
    assert facts[1][:2] == ("b/strict.rego", "other rules")
    assert facts[1][2].startswith("1 rules, sha256 ")
    changed = compare(told(RULES), told(RULES, strict=STRICT.replace(b"input.x", b"input.y"))).changes
    assert [(c.state, c.name) for c in changed] == [("changed", "other rules")]
    moved = STRICT.replace(b"helper if { input.x }\n", b"# no\n\nhelper if {\n  input.x\n}\n")
    assert not compare(told(RULES), told(RULES, strict=moved)).changes


@pytest.mark.parametrize(
    ("spec", "changed", "reason"),
    [
        (CALLS, {"strict": b"default"}, "b/strict.rego:1 cannot be read: a default without a name"),
        (CALLS, {"strict": b"\0"}, "b/strict.rego cannot be read, in which its names are looked up"),
        (RULES, {"strict": b"A if {"}, "a bracket is not closed"),
        (RULES, {"proto": b"service {"}, "a name is missing"),
    ],
)
def test_what_cannot_be_read_is_told(spec: Spec, changed: dict[str, bytes], reason: str) -> None:
    found = told(spec, **changed)
    assert any(reason in item.reason for item in found.unread), found.unread
    other = compare(found, told(spec))
    assert other.unchecked
    assert not [c for c in other.changes if c.name.startswith("p.S")]


def test_rules_are_read_of_rego_only() -> None:
    spec = Spec(kind="policy", paths=("*.proto",), lookup=("*.proto",))
    assert extract(MemoryTree(FILES), spec).unread[0].reason == "rules are read of .rego files only"
    assert extract(MemoryTree(FILES), Spec(kind="rpc", paths=("*.proto",), lookup=("*.proto",))).unread


def test_a_glob_to_look_up_that_matches_nothing_is_told() -> None:
    found = extract(MemoryTree(FILES), Spec(kind="rpc", paths=("*.proto",), lookup=("none/*.rego",)))
    assert found.empty == ("none/*.rego",)
