"""What differs between two trees."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.extract.support import MemoryTree
from threatmodel.extract import Comparison, Spec, compare, extract

KEYS = Spec(kind="toml-keys", paths=("*.toml",))
RPC = Spec(kind="rpc", paths=("*.proto",))
CONSTANTS = Spec(kind="constants", paths=("*.go",), pattern="k.*")


def between(spec: Spec, old: dict[str, str], new: dict[str, str]) -> Comparison:
    trees = [MemoryTree({path: text.encode() for path, text in files.items()}) for files in (old, new)]
    return compare(*(extract(tree, spec) for tree in trees))


def told(found: Comparison) -> list[tuple[str, str, str, str, list[str]]]:
    return [(c.state, c.name, c.before, c.after, [s.path for s in c.places]) for c in found.changes]


def test_keys_belong_to_their_file() -> None:
    found = between(
        KEYS,
        {"a.toml": "x = 1\ny = 1\nz = 1", "b.toml": "x = 1\nz = 1"},
        {"a.toml": "x = 2\nz = 1\nn = 1", "b.toml": "x = 2\ny = 1\nz = 1\nn = 1"},
    )
    assert told(found) == [
        ("added", "n", "", "1", ["a.toml", "b.toml"]),
        ("added", "y", "", "1", ["b.toml"]),
        ("changed", "x", "1", "2", ["a.toml", "b.toml"]),
        ("removed", "y", "1", "", ["a.toml"]),
    ]
    assert not found.unchecked


def test_methods_may_move() -> None:
    text = "service S { rpc M(R) returns (Q); }"
    assert not between(RPC, {"a.proto": text}, {"b.proto": "\n\n" + text}).changes
    found = between(RPC, {"a.proto": text}, {"a.proto": text.replace("(R)", "(T)")})
    assert told(found) == [("changed", "S.M", "R returns Q", "T returns Q", ["a.proto"])]


def test_facts_without_detail_come_and_go() -> None:
    found = between(CONSTANTS, {"a.go": 'const A = "ka"'}, {"a.go": 'const B = "kb"'})
    assert [(c.state, c.name) for c in found.changes] == [("added", "kb"), ("removed", "ka")]
    assert not between(CONSTANTS, {"a.go": 'const A = "ka"'}, {"a.go": 'const B = "ka"'}).changes


@pytest.mark.parametrize(("bad_old", "bad_new"), [(True, False), (False, True)])
def test_a_file_that_one_side_cannot_read_is_compared_on_neither(bad_old: bool, bad_new: bool) -> None:
    old = {"a.toml": "x = " if bad_old else "x = 1", "b.toml": "y = 1"}
    new = {"a.toml": "x = " if bad_new else "x = 1", "b.toml": "y = 2"}
    found = between(KEYS, old, new)
    assert [c.name for c in found.changes] == ["y"]
    assert [(u.side, u.path) for u in found.unchecked] == [("baseline" if bad_old else "source", "a.toml")]


def test_globs_without_a_file() -> None:
    gone = between(KEYS, {"a.toml": "x = 1", "o": ""}, {"o": ""})
    assert [(u.side, u.path, u.reason) for u in gone.unchecked] == [("source", "*.toml", "no file matches")]
    assert [c.state for c in gone.changes] == ["removed"]
    new = between(KEYS, {"o": ""}, {"a.toml": "x = 1"})
    assert (new.unchecked, new.new_globs, [c.state for c in new.changes]) == ((), ("*.toml",), ["added"])
    never = between(KEYS, {"o": ""}, {"o": ""})
    assert [u.reason for u in never.unchecked] == ["no file matches here or in the baseline"]


_FILES = st.dictionaries(
    st.sampled_from(["a.toml", "b.toml"]),
    st.dictionaries(st.sampled_from("xyz"), st.integers(0, 2)),
    min_size=1,
)


@given(_FILES, _FILES, st.randoms())
def test_every_difference_is_told_once(
    old: dict[str, dict[str, int]], new: dict[str, dict[str, int]], mix: random.Random
) -> None:
    def written(files: dict[str, dict[str, int]]) -> dict[str, str]:
        lines = {path: [f"{key} = {value}" for key, value in keys.items()] for path, keys in files.items()}
        for each in lines.values():
            mix.shuffle(each)
        return {path: "# file\n" + "\n".join(each) for path, each in lines.items()}

    before, after = ({(p, k): v for p, keys in f.items() for k, v in keys.items()} for f in (old, new))
    found = between(KEYS, written(old), written(new))
    spots = [(s.path, c.name) for c in found.changes for s in c.places]
    assert sorted(spots) == sorted(at for at in {*before, *after} if before.get(at) != after.get(at))


@given(_FILES)
def test_the_digest_follows_facts_and_not_lines(files: dict[str, dict[str, int]]) -> None:
    lines = {p: [f"{k} = {v}" for k, v in keys.items()] for p, keys in files.items()}
    one = MemoryTree({p: ("# x\n" + "\n".join(each)).encode() for p, each in lines.items()})
    other = MemoryTree({p: ("# y\n\n" + "\n\n".join(each[::-1])).encode() for p, each in lines.items()})
    assert extract(one, KEYS).digest == extract(other, KEYS).digest
    more = MemoryTree({**one.files, "a.toml": b"new = 1"})
    assert extract(more, KEYS).digest != extract(one, KEYS).digest
