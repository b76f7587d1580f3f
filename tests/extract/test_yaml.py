"""Pinned versions, and what workflows may do."""

from __future__ import annotations

import pytest

from tests.extract.support import pairs, tell
from threatmodel.extract import Extract, Spec

PINS = Spec(kind="pins", paths=("**",))
WORKFLOWS = Spec(kind="workflows", paths=("**",))


def pins(text: str | bytes, spec: Spec = PINS) -> Extract:
    return tell(spec, text, "versions.yaml")


def flow(text: str) -> Extract:
    return tell(WORKFLOWS, text, ".github/workflows/a.yaml")


def test_pins() -> None:
    text = "a:\n  url: https://example.org\n  version: v1.2\n  meta: {tag: '1.10', commit: 1.10}\nb: [{sha256: ab}]\n"
    found = pins(text)
    assert pairs(found) == [
        ("a.meta.commit", "1.1 (float, not a text)"),
        ("a.meta.tag", "1.10"),
        ("a.version", "v1.2"),
        ("b.0.sha256", "ab"),
    ]
    assert [fact.line for fact in found.facts] == [4, 4, 3, 5]


def test_pins_by_other_keys() -> None:
    spec = Spec(kind="pins", paths=("**",), keys=("url",))
    assert pairs(pins("a: {url: u, version: '1'}\n", spec)) == [("a.url", "u")]
    assert pairs(pins("version: {of: nothing}\n")) == []


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: 1\na: 2\n",
        "a: !!python/object:os.system x\n",
        "[" * 100_000,
        "version: 0x" + "f" * 9_000,
        "\xff\0",
    ],
)
def test_what_is_no_yaml_is_told(text: str) -> None:
    found = pins(text)
    assert len(found.unread) == 1
    assert not found.files


def test_workflow() -> None:
    text = """
on:
  pull_request_target: {branches: [main]}
  push:
permissions: {}
jobs:
  a: {runs-on: ubuntu-24.04, permissions: {packages: write, contents: read}}
  b: {runs-on: [self-hosted, x]}
  c: {runs-on: "${{ matrix.runner }}"}
  d: {runs-on: s390x-large, permissions: write-all}
  e: {uses: ./.github/workflows/b.yaml}
  f: {runs-on: {group: big}}
"""
    assert pairs(flow(text)) == [
        ("job a: permissions", "contents: read, packages: write"),
        ("job b: runs-on", "self-hosted, x (self-hosted)"),
        ("job c: runs-on", "${{ matrix.runner }} (chosen when it runs)"),
        ("job d: permissions", "write-all"),
        ("job d: runs-on", "s390x-large (no label of GitHub's own machines)"),
        ("job f: runs-on", '{"group": "big"}'),
        ("on: pull_request_target", '{"branches": ["main"]}'),
        ("on: push", "any"),
        ("permissions", "none"),
    ]


def test_workflow_that_says_little() -> None:
    quiet = [("on: push", "any"), ("permissions", "not said: the repository's default")]
    assert pairs(flow("on: push\n")) == quiet
    assert pairs(flow("on: [push]\njobs: {a: {runs-on: ubuntu-latest}}\n")) == quiet


@pytest.mark.parametrize("text", ["name: x\n", "[on]\n", "on: {push: [\n", "jobs: {}\n"])
def test_what_is_no_workflow_is_told(text: str) -> None:
    assert len(flow(text).unread) == 1


def test_a_long_trigger_is_cut_with_a_digest_of_all_of_it() -> None:
    one, other = (pairs(flow(f"on:\n  push:\n    branches: [{'a, ' * 200}{end}]\n"))[0][1] for end in "xy")
    assert len(one) < 400
    assert one != other
    assert one[:300] == other[:300]
