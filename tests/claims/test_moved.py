"""Hints at the likeliest new place of what a claim did not find."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.claims import ClaimCheck, check_claims
from threatmodel.claims.moved import Moved
from threatmodel.system import Absent, Claim, Control, FileExists, Present, Project

DAY = datetime.date(2026, 6, 1)


@dataclass(frozen=True)
class Files:
    files: Mapping[str, str]

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def read(self, path: str) -> bytes:
        return self.files[path].encode()


def hint(claim: Claim, files: Mapping[str, str], *, hints: bool = True) -> tuple[str, str]:
    """The state of a claim, and the place that its detail names."""
    control = Control(id="c", title="C", provides=(), claims=(claim,))
    project = Project(id="p", name="P", default_configuration="x", controls=(control,))
    found: ClaimCheck = check_claims(project, {"": Files(files)}, as_of=DAY, hints=hints).checks[0]
    place = re.search(r"; the likeliest new place is (.*)$", found.detail)
    return found.state, place[1] if place else ""


LIMIT = "fn a() {}\nconst LIMIT: u32 = 10;\n"


@pytest.mark.parametrize(
    ("claim", "files", "state", "place"),
    [
        (
            Present(paths=("src/vm/ch/inner.rs",), pattern="LIMIT"),
            {"src/vm/crates/ch/inner.rs": LIMIT, "other/inner.rs": "fn b() {}\n"},
            "not-found",
            "src/vm/crates/ch/inner.rs:2",
        ),
        (  # the content decides between files of one name
            Present(paths=("src/vm/ch/inner.rs",), pattern="LIMIT"),
            {"src/vm/qemu/inner.rs": "fn b() {}\n", "lib/inner.rs": LIMIT},
            "not-found",
            "lib/inner.rs:2",
        ),
        (  # another name near by
            Present(paths=("src/vm/ch/inner.rs",), pattern="LIMIT"),
            {"src/vm/ch/limits.rs": LIMIT, "docs/limits.md": "LIMIT"},
            "not-found",
            "src/vm/ch/limits.rs:2",
        ),
        (  # in a comment it does not stand
            Present(paths=("src/vm/ch/inner.rs",), pattern="LIMIT"),
            {"src/vm/ch/limits.rs": "// LIMIT\n"},
            "not-found",
            "",
        ),
        (
            Absent(paths=("src/a/conf.go",), pattern="x"),
            {"src/b/a/conf.go": "y"},
            "not-found",
            "src/b/a/conf.go",
        ),
        (  # two are as like
            Absent(paths=("src/a/conf.go",), pattern="x"),
            {"src/b/conf.go": "y", "src/c/conf.go": "y"},
            "not-found",
            "",
        ),
        (FileExists(paths=("src/x/y.sh",)), {"tools/x/y.sh": "a"}, "contradicted", "tools/x/y.sh"),
        (FileExists(paths=("src/share/**",)), {"lib/share/a.rs": "a"}, "contradicted", "lib/share"),
        (
            FileExists(paths=("conf/a-*.toml",)),
            {"new/conf/a-1.toml": "a"},
            "contradicted",
            "new/conf/a-1.toml",
        ),
        (
            Present(paths=("src/a.rs",), pattern="LIMIT"),
            {"src/a.rs": "fn b() {}\n", "src/b.rs": LIMIT},
            "contradicted",
            "src/b.rs:2",
        ),
        (  # what stands everywhere says nothing
            Present(paths=("src/a.rs",), pattern="LIMIT"),
            {"src/a.rs": "fn b() {}\n", **{f"src/b{n}.rs": LIMIT for n in range(4)}},
            "contradicted",
            "",
        ),
        (Present(paths=("src/b.rs",), pattern="LIMIT"), {"src/b.rs": LIMIT}, "verified", ""),
    ],
)
def test_hint(claim: Claim, files: Mapping[str, str], state: str, place: str) -> None:
    assert hint(claim, files) == (state, place)


def test_none_is_given_where_none_is_asked_for() -> None:
    assert hint(FileExists(paths=("src/x/y.sh",)), {"tools/x/y.sh": "a"}, hints=False) == ("contradicted", "")


def test_the_work_is_bounded() -> None:
    files = {f"src/a/f{n}.rs": LIMIT + "x" * 100 for n in range(50)}
    moved = Moved(tree=Files(files), _left=500)
    assert moved.of_files(["src/a/gone.rs"], "nowhere") == ""
    assert moved._left >= 0


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d.rs", "e.rs"]), min_size=1, max_size=4),
    st.lists(
        st.lists(st.sampled_from(["a", "b", "c", "d.rs", "e.rs"]), min_size=1, max_size=4),
        min_size=1,
        max_size=6,
    ),
)
def test_a_hint_names_a_file_of_that_name_that_is_there(wanted: list[str], there: list[list[str]]) -> None:
    files = {"/".join(parts): "x" for parts in there}
    path = "/".join(wanted)
    found = Moved(tree=Files(files)).of_files([path])
    if found:
        place = found.removeprefix("the likeliest new place is ")
        assert place in files
        assert place.rpartition("/")[2] == wanted[-1]
