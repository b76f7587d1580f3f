"""Reading semgrep rule files, and which files of a tree their rules apply to."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanners.adapters.semgrep import RULES
from scanners.adapters.semgrep_rules import load_rules, plan, write_rules
from tests.scanners.support import MemoryFiles, make_tree
from threatmodel.core.errors import InvalidInput

FILES = MemoryFiles(
    {
        "a.go": b"",
        "G.GO": b"",
        "src/deep/b.go": b"",
        "src/deep/b_test.go": b"",
        "lib.rs": b"",
        "x.sh": b"",
        "run": b"#!/usr/bin/env bash\nset -e\n",
        "bats": b"#!/usr/bin/env bats\n",
        "Dockerfile": b"",
        "build.Dockerfile": b"",
        "Dockerfile.in": b"",
        ".github/workflows/ci.yaml": b"",
        "deep/.github/workflows/ci.yml": b"",
        "values.yaml": b"",
        "picture.png": b"\x89PNG\0\0",
        "notes.txt": b"text",
    }
)


def rule(identity: str, language: str, extra: str = "") -> str:
    return f"  - {{id: {identity}, languages: [{language}], severity: INFO, message: m, pattern: x{extra}}}\n"


def rules(folder: Path, *lines: str) -> Path:
    return make_tree(folder, {"one.yaml": "rules:\n" + "".join(lines)})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (rule("r", "go"), {"a.go", "src/deep/b.go", "src/deep/b_test.go"}),
        (rule("r", "go", ', paths: {exclude: ["*_test.go"]}'), {"a.go", "src/deep/b.go"}),
        (rule("r", "go", ', paths: {include: ["/src/deep"]}'), {"src/deep/b.go", "src/deep/b_test.go"}),
        (rule("r", "golang", ', paths: {include: ["deep"]}'), {"src/deep/b.go", "src/deep/b_test.go"}),
        (rule("r", "sh"), {"x.sh", "run"}),
        (rule("r", "docker"), {"Dockerfile", "build.Dockerfile"}),
        (
            rule("r", "yaml", ', paths: {include: ["**/.github/workflows/*"]}'),
            {".github/workflows/ci.yaml", "deep/.github/workflows/ci.yml"},
        ),
        (rule("r", "regex"), set(FILES.paths()) - {"picture.png"}),
        (rule("r", "generic", ', paths: {include: ["*.txt"]}'), {"notes.txt"}),
        (rule("r", "rust") + rule("q", "sh"), {"lib.rs", "x.sh", "run"}),
    ],
)
def test_plan(line: str, expected: set[str], tmp_path: Path) -> None:
    assert set(plan(load_rules(rules(tmp_path, line)), FILES)) == expected


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"a.yaml": "rules:\n" + rule("r", "go"), "b/c.yaml": "rules:\n" + rule("r", "go")},
            "rule id r is used twice",
        ),
        ({"a.yaml": "rules:\n" + rule("r", "klingon")}, "language 'klingon'"),
        ({"a.yaml": "rules:\n  - {languages: [go]}\n"}, "a rule has no id"),
        ({"a.yaml": "rules: []\n"}, 'no list "rules"'),
        ({"a.yaml": "- 1\n"}, 'no list "rules"'),
        ({"a.yaml": "rules: [\n"}, "not YAML"),
        ({"a.yaml": "rules:\n" + rule("r", "go", ", metadata: {stride: tamperin}")}, "tampering"),
        ({"a.test.yaml": "rules:\n" + rule("r", "go")}, "no rule files"),
    ],
)
def test_a_wrong_rule_file_is_refused(files: dict[str, str | bytes], message: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=message):
        load_rules(make_tree(tmp_path, files))


def test_only_rule_files_are_given_to_semgrep_and_the_digest_follows_them(tmp_path: Path) -> None:
    folder = rules(tmp_path / "pack", rule("r", "go"))
    before = load_rules(folder)
    make_tree(folder, {"one.go": "x", "one.test.yaml": "rules: 1", "README.md": "text"})
    after = load_rules(folder)
    assert after.digest == before.digest
    write_rules(after, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").rglob("*")] == ["one.yaml"]
    make_tree(folder, {"two.yaml": "rules:\n" + rule("q", "go")})
    assert load_rules(folder).digest != before.digest


def test_the_rules_that_ship_can_be_read() -> None:
    found = load_rules(RULES)
    assert len(found.rules) >= 20
    assert all(rule.info.cwe and rule.stride and rule.info.help_uri for rule in found.rules.values())
