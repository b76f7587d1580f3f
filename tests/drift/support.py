"""A small service with two releases of its source, and a model of it."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cli.harness import Cli
from tests.collateral.support import INIT, SOURCE, git, make_repository, make_workspace, write_files
from tests.drift.test_reader import GOOD

OLD = {
    "api/notes.proto": "service N { rpc Get(Q) returns (A); rpc Drop(Q) returns (A); rpc Gone(Q) returns (A); }",
    "src/names.go": 'package p\nconst A = "x.notes.old_name"\n',
    "config/a.toml.in": "[hypervisor.q]\nfast = @FAST@\nauth = true\n",
    "config/b.toml.in": "[hypervisor.r]\nfast = 1\n",
    "versions.yaml": "a: {version: '1'}\n",
    ".github/workflows/ci.yaml": "on: push\n",
}
NEW = {
    "api/notes.proto": "service N { rpc Get(Q2) returns (A); rpc Put(Q) returns (A); rpc Odd(Q) returns (A); }",
    "src/names.go": 'package p\nconst A = "x.notes.seen_by"\nconst B = "x.notes.plain"\n',
    "config/a.toml.in": "[hypervisor.q]\nfast = @FAST@\nauth = false\n# slow = 1\n",
    "config/b.toml.in": "[hypervisor.r]\nfast = 2\n# slow = 1\n",
    "versions.yaml": "a: {version: '2'}\n",
    ".github/workflows/ci.yaml": 'on: pull_request_target\npermissions: {contents: "write\\u202e"}\n',
}
MODEL = INIT.replace('"Requests", ', '"Requests", operations=["Get", "Put", "Drop"], ').replace(
    'name="Notes", ', 'name="Notes", description="Carries seen_by and old_name", '
)


def make_shop(folder: Path) -> Cli:
    """A model, and its source with the tags 1.0 and 2.0."""
    make_workspace(folder, init=MODEL, source=False)
    (folder / "model/extracts.yaml").write_text(GOOD, "utf-8")
    source = make_repository(folder / "source", {**SOURCE, **OLD})
    write_files(source, NEW)
    git(source, "commit", "--quiet", "--all", "--message", "second")
    git(source, "tag", "2.0")
    return Cli(cwd=folder, path=os.environ["PATH"])


def drift(*more: str, old: str = "source@1.0", new: str = "source@2.0") -> tuple[str, ...]:
    """The command."""
    return ("drift", "model", "--source", new, "--baseline", old, *more)
