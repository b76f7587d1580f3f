"""The Kata model in a repository of its own: one new flow, and a change of words alone."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.harness import Cli
from tests.collateral.support import git

pytestmark = pytest.mark.slow

MODEL = Path(__file__).parents[2] / "models" / "kata"
FLOW = """
    if o.local:
        Flow(
            "Z99",
            "guest-kernel",
            o.vmm,
            "Clock corrections",
            protocol="ptp",
            over="virtqueue in the VMM",
            shares_memory=True,
            traits=RING,
            data=[data.descriptors],
        )
"""


@pytest.fixture
def kata(tmp_path: Path) -> Path:
    shutil.copytree(MODEL, tmp_path / "models" / "kata", ignore=shutil.ignore_patterns("__pycache__"))
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path)
    return tmp_path


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "change")


def test_one_new_flow_across_a_boundary(kata: Path) -> None:
    path = kata / "models" / "kata" / "flows" / "platform.py"
    text = path.read_text("utf-8")
    assert "    _platform(o)\n" in text
    path.write_text(text.replace("    _platform(o)\n", f"    _platform(o)\n{FLOW}", 1), "utf-8")
    commit(kata)
    said = Cli(cwd=kata, path=os.environ["PATH"])("diff", "HEAD~1", "HEAD", "models/kata", "--format", "json")
    found = said.json["difference"]
    assert [(c["kind"], c["id"], c["state"]) for c in found["model"]] == [("flow", "Z99", "added")]
    assert len(found["threats"]) >= 3
    assert {(t["target"]["id"], t["state"]) for t in found["threats"]} == {("Z99", "added")}
    assert found["records"] == []


def test_a_change_of_words_order_and_layout(kata: Path) -> None:
    names = 0
    for path in sorted((kata / "models" / "kata").rglob("*.py")):
        text, count = re.subn(
            r'(name|description)="([^"\\{]+)"', r'\1="\2, said anew"', path.read_text("utf-8")
        )
        path.write_text("# moved\n\n" + re.sub(r"(?m)^( +)Flow\(\n", r"\n\1Flow(\n", text), "utf-8")
        names += count
    toml = kata / "models" / "kata" / "configurations.toml"
    head, *blocks = toml.read_text("utf-8").split("\n\n")
    assert len(blocks) > 20
    toml.write_text("\n\n".join([head, *reversed(blocks)]) + "\n", "utf-8")
    commit(kata)
    said = Cli(cwd=kata, path=os.environ["PATH"])("diff", "HEAD~1", "HEAD", "models/kata")
    assert names > 50
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[1] == "no change"
