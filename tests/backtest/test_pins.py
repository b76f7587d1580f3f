"""Advisories of components against the versions that a source takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from collateral.advisories import Pin, Range, ThirdParty
from collateral.backtest.model import PinState
from collateral.backtest.pins import pin_states
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import SourceUnavailable

ENTRY = ThirdParty(
    id="CVE-2026-0007",
    component="libshop",
    title="A caller overflows a buffer",
    source="https://example.org/library",
    verified="read",
    surface="Rows",
    cause="No length is checked",
    stride="tampering",
    adversary="stranger",
    elements=("daemon",),
    ranges=(Range(introduced="1.0", fixed="2.0"),),
    pins=(Pin(path="versions.yaml", key="libshop.version", commits={"0123abcd": "1.5"}),),
)


@dataclass
class Memory:
    """A tree of files in memory; what is lost cannot be read."""

    files: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def read(self, path: str) -> bytes:
        if self.lost:
            raise SourceUnavailable(Diagnostic(code="S", message="object 1 is missing"))
        return self.files[path].encode()


def state(text: str, entry: ThirdParty = ENTRY) -> PinState:
    (found,) = pin_states(entry, {"1.0": Memory({"versions.yaml": text})})
    return found


@pytest.mark.parametrize(
    ("value", "expected", "reason"),
    [
        ('"1.0"', "affected", ""),
        ("v1.9.9", "affected", ""),
        ('"2.0"', "fixed", ""),
        ('"0.9"', "not-affected", ""),
        ("0123abcd", "affected", "it stands for 1.5"),
        (
            "89abcdef01",
            "unknown",
            "it is no version, and the record does not say which version it stands for",
        ),
        ("main", "unknown", "it is no version, and the record does not say which version it stands for"),
        ("1.10", "unknown", "it is no text: YAML reads 1.10 as 1.1"),
    ],
)
def test_what_a_value_says(value: str, expected: str, reason: str) -> None:
    found = state(f"other: 1\nlibshop:\n  version: {value}\n")
    assert (found.state, found.reason, found.unread) == (expected, reason, False)
    assert (found.path, found.key, found.line) == ("versions.yaml", "libshop.version", 3)
    assert found.seen == ("1.1" if value == "1.10" else value.strip('"'))


@pytest.mark.parametrize(
    ("tree", "reason", "unread"),
    [
        ("1.0: no such tag", "1.0: no such tag", True),
        (Memory({}), "the source has no such file", False),
        (Memory({"versions.yaml": "other: 1\n"}), "the file has no such key", False),
        (Memory({"versions.yaml": "a: [\n"}), "versions.yaml:", True),
        (Memory({"versions.yaml": ""}, lost=True), "S  object 1 is missing", True),
    ],
)
def test_what_cannot_be_read_is_unknown(tree: Memory | str, reason: str, unread: bool) -> None:
    (found,) = pin_states(ENTRY, {"1.0": tree})
    assert (found.state, found.seen, found.unread) == ("unknown", "", unread)
    assert found.reason.startswith(reason)


def test_why_a_version_is_not_judged() -> None:
    text = 'libshop: { version: "1.5" }\n'
    late = replace(ENTRY, ranges=(Range(fixed="2.0"), Range(fixed="3.1")))
    assert state(text, late).reason == "fixed in 2.0 and 3.1, and since when the flaw is there is not known"
    assert state(text, replace(ENTRY, ranges=())).reason == "no range is known"


def test_every_version_of_a_package_and_every_tag_has_a_state() -> None:
    lock = '[[package]]\nname = "libshop"\nversion = "{}"\n'
    entry = replace(ENTRY, pins=(*ENTRY.pins, Pin(path="Cargo.lock", package="libshop")))
    trees = {
        "2.0": Memory({"Cargo.lock": lock.format("1.1") + lock.format("2.2")}),
        "1.0": Memory({"Cargo.lock": lock.format("1.0")}),
    }
    found = [(item.tag, item.path, item.seen, item.state) for item in pin_states(entry, trees)]
    assert found == [
        ("2.0", "versions.yaml", "", "unknown"),
        ("2.0", "Cargo.lock", "1.1", "affected"),
        ("2.0", "Cargo.lock", "2.2", "fixed"),
        ("1.0", "versions.yaml", "", "unknown"),
        ("1.0", "Cargo.lock", "1.0", "affected"),
    ]


def test_what_is_not_pinned_says_why() -> None:
    entry = replace(ENTRY, pins=(), unpinned="The node brings it")
    (found,) = pin_states(entry, {"1.0": Memory({})})
    assert (found.state, found.reason, found.unread) == ("unknown", "The node brings it", False)
    assert pin_states(entry, {}) == ()


def test_text_of_the_source_is_folded() -> None:
    found = state('libshop: { version: "1.0\\u202e" }\n')
    assert (found.state, found.seen) == ("unknown", "1.0<U+202E>")
