"""The patch that follows a release, on a copy of the Kata model that lacks some of what the release brought."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.harness import Cli
from tests.drift.test_propose import apply

pytestmark = pytest.mark.slow

MODEL = Path(__file__).parents[2] / "models/kata"


@pytest.fixture(name="kata")
def _kata(tmp_path: Path) -> Cli:
    shutil.copytree(MODEL, tmp_path / "kata", ignore=shutil.ignore_patterns("__pycache__"))
    return Cli(cwd=tmp_path, path=os.environ["PATH"])


@pytest.fixture(name="repository", scope="module")
def _repository() -> str:
    spec = os.environ.get("KATA_SOURCE", "")
    folder = spec.rpartition("@")[0] if "@" in spec else spec
    if not folder or not any((Path(folder) / name).exists() for name in ("HEAD", ".git")):
        pytest.skip("KATA_SOURCE names no repository of Kata Containers")
    return folder


def take_away(kata: Cli, path: str, pattern: str) -> None:
    file = kata.cwd / "kata" / path
    text, count = re.subn(pattern, "", file.read_text("utf-8"))
    assert count == 1, (path, pattern, count)
    file.write_text(text, "utf-8")


def formatted(kata: Cli) -> bool:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--check",
        "--config",
        str(MODEL.parents[1] / "pyproject.toml"),
    ]
    return not subprocess.run([*command, str(kata.cwd / "kata")], check=False, capture_output=True).returncode


def follow(kata: Cli, repository: str, old: str) -> tuple[str, ...]:
    return ("drift", "kata", "--source", f"{repository}@4.1.0", "--baseline", f"{repository}@{old}")


def test_4_1_0_is_followed(kata: Cli, repository: str) -> None:
    said = kata(*follow(kata, repository, "4.0.0"), "--enforce")
    assert said.code == 0, said.err
    assert said.out.splitlines()[-1].startswith("edits to follow: 0 ")


def test_what_is_taken_away_is_proposed(kata: Cli, repository: str) -> None:
    take_away(kata, "flows/vmm_control.py", r'"WaitVM", ')
    take_away(kata, "flows/vmm_control.py", r', "Quit"')
    take_away(kata, "configuration-keys.yaml", r"(?<=name) network_queues(?= num_queues)")
    take_away(kata, "extracts.yaml", r" *- name: languages\.golang\.version\n *says: .*\n")
    command = follow(kata, repository, "4.0.0")
    said = kata(*command, "--propose", "follow.patch", "--enforce")
    assert said.code == 10
    assert said.out.splitlines()[-1].startswith("edits to follow: 4 (4 to name, 0 to take out)")
    patch = kata.cwd / "follow.patch"
    assert "# 4 edits: 4 with a stub, 0 without a place; 0 waived" in patch.read_text("utf-8").splitlines()
    apply(kata.cwd / "kata", patch)
    checked = kata("check", "kata")
    assert checked.code == 4
    places = [line.split("  ")[:2] for line in checked.err.splitlines() if line.split("  ")[1] != "D051"]
    assert places == []
    assert sorted({line.partition(":")[0] for line in checked.err.splitlines()}) == [
        "kata/configuration-keys.yaml",
        "kata/extracts.yaml",
        "kata/flows/vmm_control.py",
    ]
    assert formatted(kata)
    for path in (kata.cwd / "kata").rglob("*.*"):
        if path.suffix in {".py", ".yaml"}:
            path.write_text(path.read_text("utf-8").replace("TODO(drift): ", ""), "utf-8")
    assert kata("check", "kata").code == 0
    done = kata(*command, "--enforce", "--format", "json")
    assert done.code == 0
    said_now = {row["name"]: (row["model"], row["where"]) for row in done.json["changes"]}
    assert said_now["vmservice.VM.WaitVM"] == said_now["vmservice.VM.Quit"] == ("named", ["F26"])
    assert said_now["languages.golang.version"] == ("named", ["note of pinned-versions"])
    assert said_now["hypervisor.network_queues"] == ("listed", ["configuration-keys.yaml"])


def test_an_annotation_goes_to_the_flow_of_its_family(kata: Cli, repository: str) -> None:
    out = kata(*follow(kata, repository, "3.30.0"), "--propose").out
    assert re.search(
        r'\+ +operations=\[\n(\+ +#.*\n)+\+ +"indep_iothreads",\n\+ +\],\n',
        out[out.index("flows/annotations.py") :],
    )
    gone = out[out.index("F02.config") if "F02.config" in out else 0 :]
    assert "TODO(drift): io.katacontainers.config_path is gone" in gone
    (kata.cwd / "follow.patch").write_text(out, "utf-8")
    apply(kata.cwd / "kata", kata.cwd / "follow.patch")
    checked = kata("check", "kata")
    assert checked.code == 4
    assert {line.split("  ")[1] for line in checked.err.splitlines()} == {"D051"}
    assert formatted(kata)
