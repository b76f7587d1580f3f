"""Every example that `--help` shows, run for real in a small repository with a model."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from collateral.cli.main import COMMANDS
from scanners.finding import ScanResult
from scanners.sarif import to_sarif
from tests.backtest.support import WITHOUT_TAGS
from tests.cli.harness import Cli
from tests.collateral.support import INIT, SOURCE, finding, git, make_tools, write_files
from tests.predecessor.test_reader import GOOD as EARLIER
from tests.storage.test_reader import GOOD as NEEDS

TOML = """
[project]
id = "shop"
dsl = "1"
source = "../.."
release = "1.0"
default-configuration = "default"

[configurations.default]
description = "Callers show a token"
options = { auth = "token" }

[configurations.plain]
description = "Callers show nothing"
options = { auth = "none" }

[gate]
threshold = "p1"
"""
RECORDS = {
    "models/shop/advisories.yaml": WITHOUT_TAGS.replace("guarded", "default"),
    "models/shop/predecessor.yaml": EARLIER.partition("  - id: T-2")[0].replace(", CORE-001@T1", ""),
    "models/shop/storage-needs.yaml": NEEDS,
    "models/shop/configuration-keys.yaml": "hypervisors: {}\nmarks: {}\nknown: {}\n"
    "rules: [{option: auth, key: hypervisor.auth, values: {token: token, none: none}}]\n",
    "models/shop/extracts.yaml": "extracts: [{id: api, kind: rpc, paths: ['app/*.proto'], belongs_to: [T1]}]\n",
    "app/notes.proto": "service Notes { rpc Fetch(Query) returns (Note); }\n",
    "configuration.toml": '[hypervisor.shop]\nauth = "none"\n',
}
_FINDING = replace(finding(), fingerprint="3f2a9c" + "0" * 58)
RECORDS["findings.sarif"] = json.dumps(
    to_sarif(
        [ScanResult(scanner="bandit", version="1", status="complete", findings=(_FINDING,))],
        tool_version="1",
        project="shop",
        release="1",
        source_commit=None,
        source_uri="",
    )
)
_AFTER = frozenset({"sign", "verify"})
"""Commands that work on what others have made."""


def _cli(folder: Path, tools: Path) -> Cli:
    return Cli(cwd=folder, path=f"{tools}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(name="tools", scope="module")
def _tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tools")
    make_tools(folder)
    return folder


@pytest.fixture(name="repository", scope="module")
def _repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits; the second one adds a flow and a file."""
    folder = tmp_path_factory.mktemp("repository") / "shop"
    model = INIT.lstrip().replace('"tiny"', '"shop"')
    files = {**SOURCE, "models/shop/__init__.py": model, "models/shop/threatmodel.toml": TOML}
    write_files(folder, {**files, **RECORDS, ".gitignore": "build/\nkeys/\n"})
    git(folder, "init", "--quiet", "--initial-branch=main")
    for message in ("one", "two"):
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", message)
        more = '    Flow("T4", client, store, "Reports", traits=["remote"])\n\n\nMODEL'
        changed = model.replace("\n\nMODEL", f"\n{more}") if "MODEL" in model else model
        write_files(folder, {"app/report.py": "", "models/shop/__init__.py": changed})
    git(folder, "checkout", "--quiet", ".")
    return folder


@pytest.fixture(name="made", scope="module")
def _made(repository: Path, tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with a key and a signed bundle."""
    folder = tmp_path_factory.mktemp("made") / "shop"
    shutil.copytree(repository, folder)
    cli = _cli(folder, tools)
    for words in (
        "keygen -o keys",
        "build models/shop -o build/collateral --no-scan",
        "sign build/collateral/shop-1.0 --key keys/signing.key",
    ):
        said = cli(*words.split())
        assert said.code in {0, 3}, said.err
    return folder


def examples(command: str) -> list[str]:
    """The examples of a command, out of its help text."""
    said = Cli(cwd=Path(__file__).parent)(command, "--help")
    assert said.code == 0
    _, found, shown = said.out.partition("\nexamples:\n")
    lines = [line.strip() for line in shown.splitlines() if line.strip()] if found else []
    assert all(line.startswith(f"threatmodel {command}") for line in lines)
    return lines


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_one_to_three_examples(command: str) -> None:
    assert 1 <= len(examples(command)) <= 3


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_every_example_runs(
    command: str, request: pytest.FixtureRequest, tools: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(request.getfixturevalue("made" if command in _AFTER else "repository"), folder)
    if command == "init":
        shutil.rmtree(folder / "models")
    cli = _cli(folder, tools)
    for example in examples(command):
        said = cli(*shlex.split(example)[1:], stderr=io.StringIO())
        assert said.code == 0, (example, said.out, said.err)
        assert said.out or re.search(r" -o ", example), example
