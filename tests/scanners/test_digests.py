"""What of a scan may differ between machines stays out of what is published."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from collateral.bundle.manifest import ToolFacts
from scanners.adapters.bandit import BanditScanner
from scanners.adapters.judge import failed, stable
from scanners.finding import ScanResult
from scanners.protocol import Description, ToolEnv
from scanners.run.cache import key
from scanners.sarif import to_sarif
from tests.scanners.support import description, outcome
from threatmodel.confine import Job, Outcome


def no_launch(_job: Job) -> Outcome:
    return outcome()


def installed(folder: Path, python: str, code: str) -> Description:
    """bandit 1.2.3 as a package for one Python, its code with this digest."""
    info = folder / "lib" / python / "site-packages" / "bandit-1.2.3.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_text(f"bandit/core.so,sha256={code},9\n")
    program = folder / "bin" / "bandit"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    env = ToolEnv(tools=(program.parent,), beside=folder / "nothing")
    return BanditScanner().describe(env, no_launch)


@pytest.mark.parametrize(("python", "code"), [("python3.12", "aaa"), ("python3.11", "bbb")])
def test_another_build_of_the_same_version_is_published_alike_and_cached_apart(
    python: str, code: str, tmp_path: Path
) -> None:
    one = installed(tmp_path / "one", "python3.11", "aaa")
    other = installed(tmp_path / "other", python, code)
    assert one.tool_digest != other.tool_digest
    assert dataclasses.replace(one, tool_digest="") == dataclasses.replace(other, tool_digest="")
    assert key("bandit", one, "files") != key("bandit", other, "files")


def test_the_digest_of_a_tool_is_in_no_published_form() -> None:
    result = ScanResult(scanner="s", version="1", status="complete", tool_digest="d1g3st", ruleset_digest="r")
    log = to_sarif([result], tool_version="1", project="p", release="1", source_commit="c" * 40)
    assert "d1g3st" not in json.dumps(log)
    assert "tool_digest" not in {field.name for field in dataclasses.fields(ToolFacts)}


def test_the_rule_set_of_bandit_leaves_assert_out(tmp_path: Path) -> None:
    from scanners.adapters.bandit import _ARGV
    from threatmodel.core.canonical import digest

    assert "--skip=B101" in _ARGV
    assert installed(tmp_path, "python3.11", "a").ruleset_digest == digest(list(_ARGV))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("/opt/x/lib/python3.11/site-packages/a.py:3: W", "{lib}/site-packages/a.py:3: W"),
        ("in '/usr/lib64/python3.13/ast.py'", "in '{lib}/ast.py'"),
        ("cannot load /usr/lib/x86_64-linux-gnu/libm.so", "cannot load {lib}/libm.so"),
        ("<Thing object at 0x7f31ab12cd90>", "<Thing object at 0x…>"),
        ("app/lib/python3/x.py: not read", "app/lib/python3/x.py: not read"),
        ("mask 0xff", "mask 0xff"),
    ],
)
def test_what_a_tool_says_of_its_own_machine_is_left_out(said: str, kept: str) -> None:
    assert stable(said) == kept
    assert failed("s", description(), said).reason == kept


@pytest.mark.parametrize(
    ("uri", "dirty", "commit", "told"),
    [
        ("https://h/r", False, "c" * 40, True),
        ("https://h/r", True, "c" * 40, False),
        ("", False, "c" * 40, False),
    ],
)
def test_provenance_only_where_the_commit_is_that_of_the_repository(
    uri: str, dirty: bool, commit: str, told: bool
) -> None:
    result = ScanResult(scanner="s", version="1", status="complete")
    log = to_sarif(
        [result],
        tool_version="1",
        project="p",
        release="1",
        source_commit=commit,
        source_dirty=dirty,
        source_uri=uri,
    )
    (run,) = log["runs"]
    assert ("versionControlProvenance" in run) == told
    assert (run["properties"]["sourceCommit"], run["properties"]["sourceDirty"]) == (commit, dirty)
