"""Findings that moved are recognised, and no two different ones are taken for one."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from scanners.baseline import FileMark, Trace, file_mark, follow, match
from scanners.marks import Marker

SEED = 20261124


@dataclass(slots=True)
class Line:
    """A line of a generated file; `finding` names the finding in it, through every move."""

    text: str
    finding: int = 0


@dataclass(slots=True)
class Tree:
    """Generated files, and a source of random numbers."""

    random: random.Random
    files: dict[str, list[Line]] = field(default_factory=dict)
    count: int = 0

    def text(self, path: str) -> str:
        return "\n".join(line.text for line in self.files[path])

    def traces(self) -> tuple[list[Trace], list[int]]:
        """What a scanner reports, with the true names of the findings."""
        out, names = [], []
        for path, lines in sorted(self.files.items()):
            marker = Marker([line.text for line in lines])
            for number, line in enumerate(lines, 1):
                if line.finding:
                    out.append(trace(path, number, marker))
                    names.append(line.finding)
        return out, names

    def marks(self) -> dict[str, FileMark]:
        return {path: file_mark(self.text(path).encode()) for path in self.files}


def trace(path: str, number: int, marker: Marker, rule: str = "r1") -> Trace:
    return Trace(
        fingerprint=f"{path}:{number}",
        scanner="s",
        rule=rule,
        path=path,
        line=number,
        column=1,
        marks=marker.marks(number),
    )


RISKY = ("os.system(command)", "value = data.unwrap()", "eval(request)")
"""Few texts, so that most lines with a finding stand in many places."""


def function(tree: Tree, name: str, findings: int) -> list[Line]:
    """A function with this many findings among ordinary lines, many of them alike."""
    out = [Line(f"def {name}(request):")]
    for number in range(findings):
        for _ in range(tree.random.randrange(1, 4)):
            indent = "    " * tree.random.choice((1, 1, 2))
            out.append(
                Line(f"{indent}{tree.random.choice('abc')} = step_{tree.random.randrange(60)}(request)")
            )
        tree.count += 1
        out.append(Line(f"    {tree.random.choice(RISKY)}", tree.count))
        if number % 2:
            out.append(Line("    if done:"))
            out.append(Line("        return None"))
    return [*out, Line("    return request"), Line("")]


def generate(seed: int, findings: int = 200) -> Tree:
    tree = Tree(random.Random(seed))
    number = 0
    while tree.count < findings:
        folder = f"src/{tree.random.choice(('agent', 'shim', 'vmm'))}/part{number % 5}"
        lines: list[Line] = []
        for part in range(tree.random.randrange(1, 4)):
            lines += function(tree, f"work_{number}_{part}", tree.random.randrange(1, 5))
        tree.files[f"{folder}/{tree.random.choice(('mod', 'main', f'file{number}'))}_{number % 7}.py"] = lines
        tree.count = sum(1 for lines in tree.files.values() for line in lines if line.finding)
        number += 1
        tree.count = max((line.finding for ls in tree.files.values() for line in ls), default=0)
    return tree


def insert(tree: Tree) -> None:
    """Lines go in, at the top of every file and here and there."""
    for lines in tree.files.values():
        for _ in range(5):
            lines.insert(tree.random.randrange(len(lines)), Line(f"    log({tree.random.randrange(10**6)})"))
        lines[0:0] = [Line("# Copyright"), Line("import os"), Line("")]


def reindent(tree: Tree) -> None:
    """Every file is indented by tabs and one level deeper."""
    for lines in tree.files.values():
        for line in lines:
            line.text = "\t" + line.text.replace("    ", "\t").replace(" = ", "  =  ") if line.text else ""


def rename_files(tree: Tree) -> None:
    tree.files = {re.sub(r"(\w+)\.py$", r"renamed_\1.py", path): lines for path, lines in tree.files.items()}


def rename_folders(tree: Tree) -> None:
    tree.files = {path.replace("src/", "libs/core/"): lines for path, lines in tree.files.items()}


def mend_and_add(tree: Tree) -> None:
    """Some findings go, and as many of the very same texts arrive elsewhere in the same file."""
    for lines in tree.files.values():
        old = [line for line in lines if line.finding]
        for line in old:
            if tree.random.random() < 0.1:
                lines.remove(line)
        if tree.random.random() < 0.5:
            tree.count += 1
            lines += [
                Line(f"def added_{tree.count}(request):"),
                Line(f"    x = other_{tree.count}(request)"),
                Line(f"    {tree.random.choice(RISKY)}", tree.count),
                Line(f"    return x + {tree.count}"),
            ]


MOVES: dict[str, tuple[Callable[[Tree], None], ...]] = {
    "nothing": (),
    "inserted lines": (insert,),
    "re-indented": (reindent,),
    "renamed files": (rename_files,),
    "renamed folders": (rename_folders,),
    "all together": (insert, reindent, rename_files, rename_folders),
    "mended and added": (mend_and_add,),
    "everything": (mend_and_add, insert, reindent, rename_folders),
}


def judge(before: Tree, after: Tree) -> tuple[int, int, int]:
    """Findings that are in both, pairs that are right, and pairs that are wrong."""
    old, old_names = before.traces()
    new, new_names = after.traces()
    pairs = match(old, new, before.marks(), after.marks()).pairs
    right = sum(old_names[pair.before] == new_names[pair.after] for pair in pairs)
    return len(set(old_names) & set(new_names)), right, len(pairs) - right


@pytest.mark.parametrize("seed", range(SEED, SEED + 5))
@pytest.mark.parametrize("moves", MOVES.values(), ids=MOVES)
def test_moved_findings_are_recognised(moves: tuple[Callable[[Tree], None], ...], seed: int) -> None:
    before, after = generate(seed), generate(seed)
    for move in moves:
        move(after)
    there, right, wrong = judge(before, after)
    assert (there >= 150, right >= 0.99 * there, wrong) == (True, True, 0), (there, right, wrong)


PLAIN = "def one():\n    a = 1\n    b = 2\n    eval(x)\n    c = 3\n    d = 4\n"


def traces(path: str, text: str, *numbers: int) -> list[Trace]:
    marker = Marker(text.split("\n"))
    return [trace(path, number, marker) for number in numbers]


def hows(before: list[Trace], after: list[Trace], old: dict[str, str], new: dict[str, str]) -> list[str]:
    made = match(
        before,
        after,
        {path: file_mark(text.encode()) for path, text in old.items()},
        {path: file_mark(text.encode()) for path, text in new.items()},
    )
    return [pair.how for pair in made.pairs]


@pytest.mark.parametrize(
    ("after", "path", "line", "how"),
    [
        (PLAIN, "a.py", 4, ["same"]),
        (PLAIN.replace("one", "two"), "a.py", 4, ["scope"]),
        (PLAIN.replace("(x)", "(x, y)"), "a.py", 4, ["edited"]),
        (PLAIN + "\n".join(f"new_{n}()" for n in range(40)), "lib/a.py", 4, ["folder"]),
        ("\n".join(f"new_{n}()" for n in range(40)) + "\n" + PLAIN, "b.py", 44, ["file"]),
        (PLAIN.replace("eval", "exec"), "other.py", 1, []),
    ],
)
def test_stage_that_recognises_a_finding(after: str, path: str, line: int, how: list[str]) -> None:
    old = {"a.py": PLAIN} | ({"lib/a.py": "x"} if path == "lib/a.py" else {"b.py": "x"})
    assert hows(traces("a.py", PLAIN, 4), traces(path, after, line), old, {path: after}) == how


def test_two_heirs_that_nothing_tells_apart_are_none() -> None:
    twice = PLAIN + PLAIN
    assert (
        hows(traces("a.py", PLAIN, 4), traces("a.py", twice, 4, 10), {"a.py": PLAIN}, {"a.py": twice}) == []
    )
    block = "f()\n" * 9
    assert hows(traces("a.py", block, 5), traces("a.py", block, 4, 5), {"a.py": block}, {"a.py": block}) == []


@pytest.mark.parametrize("count", [3, 900])
def test_findings_alike_are_paired_in_order_in_their_file_only(count: int) -> None:
    block = "".join(
        f"def f{n % 2}():\n    a()\n    b()\n    eval(x)\n    c()\n    d()\n    e()\n" for n in range(count)
    )
    places = range(4, 7 * count, 7)
    old = traces("a.py", block, *places)
    moved = traces("a.py", "\n\n" + block, *(n + 2 for n in places))
    pairs = match(old, moved, {}, {}).pairs
    assert [(pair.before, pair.after) for pair in pairs] == [(n, n) for n in range(count)]
    elsewhere = [replace(item, path="b.py") for item in moved]
    assert all(pair.before == pair.after for pair in match(old, elsewhere, {}, {}).pairs)


def test_rule_and_scanner_are_part_of_the_identity() -> None:
    [one] = traces("a.py", PLAIN, 4)
    for other in (replace(one, rule="r2"), replace(one, scanner="t")):
        assert match([one], [other], {}, {}).pairs == ()


def test_without_marks_only_the_fingerprint_counts() -> None:
    [one] = traces("a.py", PLAIN, 4)
    bare = replace(one, marks=None)
    assert [p.how for p in match([bare], [one], {}, {}).pairs] == ["fingerprint"]
    assert match([bare], [replace(one, fingerprint="other")], {}, {}).pairs == ()


def test_heir_of_a_file() -> None:
    big = "\n".join(f"line {n}" for n in range(100))
    before = {"a/x.go": big, "b/y.go": big + "\nend", "c/z.go": "1\n2\n3"}
    marks = {path: file_mark(text.encode()) for path, text in before.items()}

    def became(after: dict[str, str]) -> dict[str, str]:
        return dict(follow(marks, {path: file_mark(text.encode()) for path, text in after.items()}, before))

    assert became(before) == {}
    assert became({"n/x.go": big, "m/y.go": big + "\nend"}) == {"a/x.go": "n/x.go", "b/y.go": "m/y.go"}
    assert became({"n/p.go": big, "n/q.go": big, "b/y.go": "", "c/z.go": ""}) == {}
    assert became({"n/p.go": big + "\nmore", "b/y.go": "", "c/z.go": ""}) == {"a/x.go": "n/p.go"}


def test_function_around_a_line() -> None:
    def scopes(text: str) -> list[str]:
        from scanners.marks import _scopes

        lines = text.split("\n")
        return _scopes(lines, [" ".join(line.split()) for line in lines])

    assert scopes("impl Foo for Bar {\n  pub async fn go(&self) {\n    x();\n  }\n}\ny")[2:] == [
        "impl Foo for Bar / go",
        "impl Foo for Bar",
        "",
        "",
    ]
    assert scopes("func (a *agent) Do(x int) error {\n\treturn nil")[1] == "Do"
    assert scopes("run() {\n\n  rm -rf $x")[2] == "run"
    assert scopes("jobs:\n  build:\n    run: x")[2] == "jobs / build"
