"""Which changes of a source file mean something. A touched file whose code is the same must be quiet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from collateral.gate.meaning import meaning
from collateral.gate.model import Touched
from collateral.gate.touched import Meanings, followed, touched
from collateral.policy import BoundaryPath
from collateral.sides import Side
from tests.collateral.support import write_files
from threatmodel.analysis.change import Difference, ModelChange, RecordChange
from threatmodel.source import DirectoryTree
from threatmodel.system import Adversary

SAME = {
    "a.rs": [
        'fn a(x: u8) { foo("a  b", 1) } // c',
        'fn a(\n    x: u8,\n) {\n  /* d /* e */ */ foo(\n "a  b", 1)\n}\n',
        "/// doc\nfn a(x: u8) { foo(\"a  b\", 1) }\n#[cfg(test)]\nmod tests { fn x() { y('}') } }",
    ],
    "a.go": ['x := "a"\ny()\n', 'x  :=  "a" // c\n\n\ty()', '/* c */ x := "a"\r\ny()'],
    "a.py": ["if x:\n  y\nz\n", "if x:  # c\n    y\n\nz"],
    "a.proto": ["message A { string b = 1; }", "// doc\nmessage A {\n  string b = 1;\n}\n"],
    "a.toml.in": ["a = 1\nb = @B@\n", "# c\na = 1\n\nb = @B@ # d"],
    "a.yaml": ["a:\n  b: 1\n", "# c\na:\n    b: 1   # d\n"],
    "b.yaml": [
        "a:\n- b: |\n    x # 1\n  c: 1\n- d\n",
        "# c\na:\n- b: |  # d\n        x # 1\n  c: 1 # e\n\n- d\n",
    ],
    "a.c": ["#if A\nint x; // c\n#endif\n", "#if A\n\n    int x;\n#endif"],
    "a.rego": ["default a := false\n", "# c\n\ndefault a := false # d\n"],
    "a.sh": ["a # c\nb\n", "a\n\nb"],
    "a.json": ['{"a": 1}\n', '\n{"a": 1}  \n'],
    "a.md": ["Text.\n\nMore.\n", "Text.  \nMore."],
}
DIFFERENT = [
    ("a.rs", 'foo("a  b")', 'foo("a b")'),
    ("a.rs", "fn a() {}", "fn a() {}\nmod tests { fn x() {} }"),
    ("a.rs", "#[cfg(test)]\nmod t { '{' }\nfn a() {}", "#[cfg(test)]\nmod t { '{' }\nfn b() {}"),
    ("a.rs", "#[cfg(test)]\nmod t {\nfn a() {}", "#[cfg(test)]\nmod t {\nfn b() {}"),
    ("a.rs", "x - 1", "x + 1"),
    ("a.rs", "let ab = 1", "let a b = 1"),
    ("a.go", "x := a\n-b", "x := a -b"),
    ("a.go", 'return "a"\nx', 'return "a" x'),
    ("a.go", "//go:build linux\n\npackage a", "package a"),
    ("a.go", '// int f();\nimport "C"\n', '// int g();\nimport "C"\n'),
    ("a.py", "if x:\n  y\nz", "if x:\n  y\n  z"),
    ("a.py", 'a = "x # y"', 'a = "x # z"'),
    ("a.proto", "rpc A(B) returns (C);", "rpc A(B) returns (C);\nrpc D(B) returns (C);"),
    ("a.toml.in", "seccomp = true", "#seccomp = true"),
    ("a.rego", "default a := false", "default a := true"),
    ("a.rego", "a := `# b`", "a := `# c`"),
    ("a.sh", "a\nb", "a b"),
    ("a.rs", "a & &b", "a && b"),
    ("a.go", "x++\ny", "x + +y"),
    ("a.py", "x = '''\n  a\n'''", "x = '''\n    a\n'''"),
    ("a.py", "# -*- coding: utf-7 -*-\nx", "x"),
    ("a.yaml", "a: |\n  x # 1\n", "a: |\n  x # 2\n"),
    ("a.yaml", "a: |-\n  x\n\n  y\n", "a: |-\n  x\n  y\n"),
    ("a.yaml", "- |\n  # 1\n- b\n", "- |\n  # 2\n- b\n"),
    ("a.yaml", "- a: >\n    # 1\n  b: 1\n", "- a: >\n    # 1\n  b: 2\n"),
    ("a.sh", "cat <<E\n# a\nE", "cat <<E\n# b\nE"),
    ("a.sh", "echo 'a\n# b\n'", "echo 'a\n# c\n'"),
    ("a.c", "#define A 1\nint x;", "#define A 1 int x;"),
    ("a.c", "// a \\\nx();", "// a\nx();"),
    ("a.bin", "\udcff", "\udcfe"),
]


def of(text: str, path: str) -> str:
    return meaning(text.encode("utf-8", "surrogateescape"), path)


@pytest.mark.parametrize("path", SAME)
def test_comments_blanks_and_layout_mean_nothing(path: str) -> None:
    assert len({of(text, path) for text in SAME[path]}) == 1


@pytest.mark.parametrize(("path", "one", "other"), DIFFERENT)
def test_code_means_something(path: str, one: str, other: str) -> None:
    assert of(one, path) != of(other, path)


def changed(folder: Path, before: dict[str, str], after: dict[str, str], *globs: str) -> tuple[str, ...]:
    """The files of the globs that mean something else."""
    trees = [
        DirectoryTree(write_files(folder / name, {"keep": "", **files}))
        for name, files in (("base", before), ("head", after))
    ]
    return Meanings(trees[0], trees[1]).changed(globs or ("**",))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a.go": "a()"}, {"a.go": "a()"}, ()),
        ({"a.go": "a()"}, {"a.go": "b()"}, ("a.go",)),
        ({"a.go": "a()"}, {"b.go": "a()"}, ()),
        ({"a.go": "a()"}, {"b.go": "a() // moved"}, ()),
        ({"a.go": "a()"}, {"b.go": "b()"}, ("b.go", "a.go")),
        ({"a.go": "a()"}, {}, ("a.go",)),
        ({}, {"a.go": "a()"}, ("a.go",)),
        ({"a_test.go": "a()"}, {"a_test.go": "b()"}, ()),
        ({"a.go": "a()", "b.go": "a()"}, {"c.go": "a()"}, ("a.go",)),
    ],
)
def test_files_that_mean_something_else(
    tmp_path: Path, before: dict[str, str], after: dict[str, str], expected: tuple[str, ...]
) -> None:
    found = changed(tmp_path, before, after)
    assert found[:1] == expected[:1] or len(found) == len(expected) == 1
    assert len(found) == len(expected)


def test_a_file_that_leaves_the_globs_has_changed(tmp_path: Path) -> None:
    assert changed(tmp_path, {"in/a.go": "a()"}, {"out/a.go": "a()"}, "in/*") == ("in/a.go",)


CHANGES = {
    "the element": (("element", "service"), True),
    "its flow": (("flow", "T1"), True),
    "its boundary": (("boundary", "host"), True),
    "its control": (("control", "caller-tokens"), True),
    "its component": (("component", "app"), True),
    "its data": (("data", "notes"), True),
    "an adversary who is at it": (("adversary", "insider"), True),
    "data that is nowhere": (("data", "dummy"), False),
    "data with the name of the element": (("data", "service"), False),
    "an adversary elsewhere": (("adversary", "stranger"), False),
    "an option": (("option", "auth"), False),
    "another element": (("element", "elsewhere"), False),
    "another component": (("component", "suite"), False),
    "a view": (("view", "front"), False),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_model_followed_where_it_changed_around_the_elements(
    sides: tuple[Side, Side], tmp_path: Path, name: str
) -> None:
    (kind, id_), followed = CHANGES[name]
    change = ModelChange(kind=kind, id=id_, name="", state="changed")  # type: ignore[arg-type]  # words of the table
    assert _touched(sides, tmp_path, model=(change,)).model_followed is followed


@pytest.mark.parametrize("another", [True, False])
def test_a_new_configuration_counts_where_the_elements_differ_in_it(
    sides: tuple[Side, Side], another: bool
) -> None:
    base = sides[0].loaded.project
    entry = BoundaryPath(name="api", paths=("a.go",), elements=("service",))
    system = base.system("bare")
    flows = tuple(replace(flow, encryption="tls") for flow in system.flows) if another else system.flows
    added = replace(system, configuration=replace(system.configuration, name="more"), flows=flows)
    head = replace(base, systems=(*base.systems, added))
    change = ModelChange(kind="configuration", id="more", name="more", state="added")
    assert followed(entry.elements, (change,), (base, head)) is another


LINKED = {"in/a.go": "a()", "in/b.go": "../a.go"}


@pytest.mark.parametrize(
    ("before", "after", "changed_files", "noted"),
    [
        (("in/b.go",), ("in/b.go",), (), 1),
        ((), ("in/b.go",), ("in/b.go",), 1),
        (("in/b.go",), (), ("in/b.go",), 0),
        (("in/a.go",), ("in/a.go", "in/b.go"), ("in/b.go",), 2),
    ],
)
def test_a_link_is_a_change_where_it_comes_or_goes_and_is_never_silent(
    tmp_path: Path,
    before: tuple[str, ...],
    after: tuple[str, ...],
    changed_files: tuple[str, ...],
    noted: int,
) -> None:
    pair = []
    for name, links in (("base", before), ("head", after)):
        folder = write_files(
            tmp_path / name, {"keep": "", **{p: t for p, t in LINKED.items() if p not in links}}
        )
        for link in links:
            (folder / "in").mkdir(exist_ok=True)
            (folder / link).symlink_to("../keep")
        pair.append(DirectoryTree(folder))
    meanings = Meanings(pair[0], pair[1])
    assert meanings.changed(("in/*",)) == changed_files
    assert len(meanings.unread(("in/*",))) == noted


def test_documents_that_were_removed_have_not_followed(sides: tuple[Side, Side], tmp_path: Path) -> None:
    project = sides[0].loaded.project
    files = ({"a.go": "a()", "docs/a.md": "one"}, {"a.go": "b()"})
    trees = [
        DirectoryTree(write_files(tmp_path / name, {"keep": "", **content}))
        for name, content in zip(("base", "head"), files, strict=True)
    ]
    entry = BoundaryPath(name="api", paths=("a.go",), documents=("docs/**",))
    (found,), _, _ = touched((entry,), Meanings(trees[0], trees[1]), NOTHING, (project, project))
    assert found.documents_followed is False


def test_another_result_of_a_check_is_no_change_of_the_model(
    sides: tuple[Side, Side], tmp_path: Path
) -> None:
    change = RecordChange(kind="claim", id="caller-tokens#it is there", state="changed")
    assert not _touched(sides, tmp_path, records=(change,)).model_followed


NOTHING = Difference(
    base="", head="", configurations=(), model=(), threats=(), records=(), sources_checked=True
)


def _touched(
    sides: tuple[Side, Side],
    folder: Path,
    model: tuple[ModelChange, ...] = (),
    records: tuple[RecordChange, ...] = (),
) -> Touched:
    project = sides[0].loaded.project
    insider = Adversary(id="insider", name="Insider", controls=("service",))
    project = replace(project, adversaries=(*project.adversaries, insider))
    trees = [DirectoryTree(write_files(folder / name, {"a.go": name})) for name in ("base", "head")]
    difference = replace(NOTHING, model=model, records=records)
    entry = BoundaryPath(name="api", paths=("a.go",), elements=("service",))
    dead = BoundaryPath(name="gone", paths=("b.go",), elements=("service", "servant"))
    found, undone, notes = touched(
        (entry, dead), Meanings(trees[0], trees[1]), difference, (project, project)
    )
    assert undone == ("boundary path gone: no file of either source matches b.go",)
    assert notes == ("boundary path gone: HEAD has no servant",)
    assert (found[0].files, found[0].documents_followed) == (("a.go",), None)
    return found[0]
