"""Rules of claims run through the scanner layer: the rule of the model or of a pack, and what was read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from collateral.rule_claims import MAX_FILE, SemgrepRules
from scanners.run.cache import Cache
from tests.collateral.support import REAL_TOOLS, make_tools, write_files
from threatmodel.claims import RuleRun
from threatmodel.core.errors import InvalidInput
from threatmodel.source import DirectoryTree, SourceTree

RULE = """
rules:
  - id: no-eval
    languages: [python]
    severity: ERROR
    message: Calls eval
    pattern: eval(...)
  - id: other
    languages: [go]
    severity: INFO
    message: Anything
    pattern: f(...)
"""
FILES = {
    "app/a.py": "x = eval(y)\n",
    "app/b.py": "x = 1\n",
    "app/c.go": "package c\n",
    "big.py": "#" * (MAX_FILE + 1),
}
FAKE = """
write({"results": [{"check_id": "own.no-eval", "path": "app/a.py", "start": {"line": 1, "col": 5},
    "end": {"line": 1, "col": 12}, "extra": {"message": "m", "severity": "ERROR"}}],
    "errors": [], "paths": {"scanned": files}})
"""


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> SourceTree:
    return DirectoryTree(write_files(tmp_path / "source", FILES), name="source")


def rules(folder: Path, tools: Path) -> SemgrepRules:
    write_files(folder / "model", {"rules/own/all.yaml": RULE})
    return SemgrepRules(
        model=folder / "model", tools=(tools,), search_path="", cache=Cache(folder=folder / "cache")
    )


def test_what_was_read_and_found(tmp_path: Path, tree: SourceTree) -> None:
    tools = make_tools(tmp_path / "tools", bandit=None, semgrep=FAKE)
    wanted = {
        "own/no-eval": frozenset({"app/a.py", "app/b.py", "app/c.go", "big.py"}),
        "own/gone": frozenset({"app/a.py"}),
        "nopack/x": frozenset({"app/a.py"}),
    }
    found = rules(tmp_path, tools).run(tree, wanted)
    assert found["own/no-eval"] == RuleRun(
        matches=(("app/a.py", 1),),
        unread={
            "app/c.go": "the rule does not apply to this file",
            "big.py": f"the file has {MAX_FILE + 1} bytes, more than {MAX_FILE}",
        },
    )
    assert found["own/gone"].reason == "the pack own has no rule gone"
    assert found["nopack/x"].reason.startswith("there is no pack of rules nopack")


def test_without_semgrep_nothing_is_said(tmp_path: Path, tree: SourceTree) -> None:
    (tmp_path / "none").mkdir()
    made = rules(tmp_path, tmp_path / "none")
    here = Path(sys.executable).parent / "semgrep"
    if here.exists():
        pytest.skip("semgrep stands beside the interpreter")
    found = made.run(tree, {"own/no-eval": frozenset({"app/a.py"})})
    assert found["own/no-eval"].reason == "semgrep: not installed"


def test_a_rule_file_that_is_wrong_is_an_error(tmp_path: Path, tree: SourceTree) -> None:
    made = rules(tmp_path, tmp_path)
    write_files(tmp_path / "model", {"rules/own/bad.yaml": "rules: 1"})
    with pytest.raises(InvalidInput) as caught:
        made.run(tree, {"own/no-eval": frozenset({"app/a.py"})})
    assert caught.value.diagnostics[0].code == "S001"


@pytest.mark.slow
@pytest.mark.tools
@pytest.mark.skipif(not (REAL_TOOLS / "semgrep").exists(), reason="semgrep is not installed")
def test_with_the_real_tool(tmp_path: Path, tree: SourceTree) -> None:
    found = rules(tmp_path, REAL_TOOLS).run(
        tree, {"own/no-eval": frozenset({"app/a.py", "app/b.py"}), "own/other": frozenset({"app/c.go"})}
    )
    assert found == {"own/no-eval": RuleRun(matches=(("app/a.py", 1),)), "own/other": RuleRun()}
