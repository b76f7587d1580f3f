"""`threatmodel gate` from end to end, on git repositories and folders."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from collateral.bundle.exports import schema
from collateral.gate import evaluate, published
from collateral.gate.render import MARKER, GateFile, markdown, sarif, text
from collateral.gate.scanfile import read_scan_file
from collateral.gate.selftest import self_test, table
from collateral.policy import GATE_RULES, PublishingPolicy
from tests.cli.harness import Cli
from tests.collateral.support import (
    INIT,
    SOURCE,
    TOML,
    finding,
    git,
    make_tools,
    make_workspace,
    scan_result,
    write_files,
)
from tests.gate.conftest import GATE, MORE
from tests.gate.support import BLOCKING, claim, found, given, record, step, waiver
from tests.gate.test_scanfile import sarif as scan_sarif
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.diagnostics import Place
from threatmodel.core.plain import to_plain

SARIF_SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "sarif" / "sarif-schema-2.1.0.json"
MODEL = {"models/tiny/__init__.py": INIT, "models/tiny/threatmodel.toml": TOML + GATE}
BROKEN = "def fetch(url):\n    return eval(url)\n"
HOSTILE = "x\x1b[31m\u202e|<img src=x onerror=alert(1)>](http://e.example) @all `y`\n::error::z"


def commit(folder: Path, files: Mapping[str, str | None], name: str) -> None:
    """A commit on top, with a branch of that name; None removes a file."""
    for path, content in files.items():
        if content is None:
            (folder / path).unlink()
        else:
            write_files(folder, {path: content})
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", name)
    git(folder, "branch", "--force", name)


def repository(folder: Path, files: Mapping[str, str]) -> Path:
    """A repository with these files on the branch `old`."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=work")
    commit(folder, files, "old")
    return folder


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One repository with model and source, as where the model lives in the project's own checkout."""
    folder = repository(tmp_path_factory.mktemp("gate") / "both", {**SOURCE, **MODEL})
    commit(folder, {"models/tiny/__init__.py": MORE}, "flow")
    commit(folder, {"models/tiny/__init__.py": INIT, "app/service.py": BROKEN}, "broken")
    commit(folder, {"app/service.py": SOURCE["app/service.py"] + "# more\n"}, "comment")
    commit(folder, {"models/tiny/threatmodel.toml": TOML}, "ungated")
    commit(
        folder, {"models/tiny/threatmodel.toml": TOML + GATE, "models/tiny/__init__.py": "x = ("}, "invalid"
    )
    commit(folder, {"models/tiny/__init__.py": None, "models/tiny/threatmodel.toml": None}, "gone")
    return folder


def run(folder: Path, *argv: str) -> Any:
    """The answer of the gate in a folder."""
    return Cli(cwd=folder, path=os.environ["PATH"])("gate", *argv)


def gate(folder: Path, head: str, *argv: str) -> Any:
    """The answer for a branch."""
    return run(folder, "models/tiny", "--base", "old", "--head", head, *argv)


def test_report_only_names_the_exit_code_and_gives_0(checkout: Path) -> None:
    said = gate(checkout, "flow")
    assert said.code == 0
    assert said.out.startswith("report only: with --enforce this would be blocked with exit code 10\n")
    assert "not looked at: claims: no source tree was given" in said.out
    assert "model: models/tiny/__init__.py:46" in said.out


@pytest.mark.slow
def test_enforced_it_blocks(checkout: Path) -> None:
    said = gate(checkout, "flow", "--enforce")
    assert said.code == 10
    assert said.out.startswith("blocked (exit code 10)\n")


@pytest.mark.slow
def test_model_and_source_in_one_repository(checkout: Path) -> None:
    trees = ("--source-base", ".@old", "--enforce", "--edition", "private")
    said = gate(checkout, "broken", "--source-head", ".@broken", *trees)
    assert said.code == 10
    assert "block  contradicted-claim  caller-tokens#app/service.py has /^def check_token/" in said.out
    assert "block  model-not-followed  service" in said.out
    quiet = gate(checkout, "comment", "--source-head", ".@comment", *trees)
    assert (quiet.code, quiet.out.splitlines()[0]) == (0, "passed (exit code 0)")


@pytest.mark.slow
def test_model_and_source_in_two_repositories(tmp_path: Path) -> None:
    model = repository(tmp_path / "model", MODEL)
    source = repository(tmp_path / "source", SOURCE)
    commit(source, {"app/service.py": BROKEN}, "broken")
    trees = ("--source-base", "../source@old", "--source-head", "../source@broken")
    said = gate(model, "old", *trees, "--enforce")
    assert said.code == 10
    assert "contradicted-claim  withheld" in said.out
    (tmp_path / "source" / "app" / "service.py").write_text(SOURCE["app/service.py"], "utf-8")
    folders = ("--source-base", "../source@old", "--source-head", "../source")
    assert gate(model, ".", *folders, "--enforce").code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("ungated", "models/tiny/threatmodel.toml  G001  HEAD has no section [gate]"),
        ("invalid", "M001"),
        ("gone", "G003  HEAD has no model at models/tiny"),
    ],
)
def test_a_head_without_model_or_gate_never_passes(checkout: Path, head: str, said: str) -> None:
    answer = gate(checkout, head)
    assert answer.code == 4
    assert said in answer.err
    assert answer.out == ""


def test_a_base_without_model_has_no_policy_to_judge_by(checkout: Path) -> None:
    said = run(checkout, "models/tiny", "--base", "gone", "--head", "old")
    assert (said.code, "U001  no model at models/tiny in gone" in said.err) == (2, True)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["old", ".@old"])
def test_a_change_cannot_put_a_folder_in_the_place_of_its_base(
    checkout: Path, tmp_path: Path, name: str
) -> None:
    git(tmp_path, "clone", "--quiet", str(checkout), "copy")
    folder = tmp_path / "copy"
    git(folder, "branch", "old", "origin/old")
    git(folder, "branch", "flow", "origin/flow")
    write_files(folder / name, {**SOURCE, **MODEL, "models/tiny/__init__.py": MORE})
    said = gate(folder, "flow", "--source-base", ".@old", "--source-head", ".@flow", "--enforce")
    assert (said.code, "U012" in said.err) == (2, True)


@pytest.mark.slow
def test_a_link_in_the_work_tree_leads_to_no_other_model(checkout: Path, tmp_path: Path) -> None:
    folder = repository(tmp_path / "linked", {**MODEL, "lax/__init__.py": INIT, "lax/threatmodel.toml": TOML})
    shutil.rmtree(folder / "models/tiny")
    (folder / "models/tiny").symlink_to("../lax")
    commit(folder, {}, "link")
    said = gate(folder, "link", "--enforce")
    assert (said.code, "G003" in said.err) == (4, True)


@pytest.mark.slow
@pytest.mark.parametrize("make", [("tag",), ("branch",), ("update-ref", "refs/remotes/")])
def test_a_second_ref_of_the_same_name_does_not_decide(tmp_path: Path, make: tuple[str, ...]) -> None:
    folder = repository(tmp_path / "refs", MODEL)
    commit(folder, {"models/tiny/__init__.py": MORE}, "flow")
    git(folder, "tag", "v1", "old")
    git(folder, "update-ref", "refs/remotes/origin/main", "old")
    name = "origin/main" if make != ("branch",) else "v1"
    assert run(folder, "models/tiny", "--base", name, "--head", "flow", "--enforce").code == 10
    git(folder, *make[:1], *((f"{make[1]}v1",) if make[1:] else (name,)), "flow")
    name = "v1" if make[1:] else name
    said = run(folder, "models/tiny", "--base", name, "--head", "flow", "--enforce")
    assert (said.code, "source-ref  " in said.err) == (2, True)
    full = "refs/tags/v1" if name == "v1" else "refs/remotes/origin/main"
    assert run(folder, "models/tiny", "--base", full, "--head", "flow", "--enforce").code == 10


@pytest.mark.parametrize(
    ("argv", "missing"),
    [
        ((), "MODEL, --base, --head"),
        (("m", "--base", "old"), "--head"),
        (("m", "--base", "a", "--head", "b", "--source-base", "."), "--source-head"),
        (("m", "--base", "a", "--head", "b", "--findings-head", "x"), "--findings-base"),
    ],
)
def test_what_is_left_out_is_named(tmp_path: Path, argv: tuple[str, ...], missing: str) -> None:
    said = run(tmp_path, *argv)
    assert said.code == 2
    assert f"U013  {missing} is missing" in said.err


@pytest.mark.slow
def test_findings_of_two_scans(checkout: Path, tmp_path: Path) -> None:
    new = finding("app/service.py", severity="error")
    for name, findings in (("base", ()), ("head", (new,))):
        (tmp_path / f"{name}.sarif").write_bytes(scan_sarif(scan_result(findings=findings)))
    files = [f"--findings-{name}={tmp_path / name}.sarif" for name in ("base", "head")]
    said = gate(checkout, "old", *files, "--enforce", "--edition", "private")
    assert said.code == 11
    assert f"block  new-finding  {new.fingerprint}  p1" in said.out
    public = gate(checkout, "old", *files, "--enforce")
    assert (public.code, new.fingerprint in public.out, "1 finding at or above p1" in public.out) == (
        11,
        False,
        True,
    )
    (tmp_path / "head.sarif").write_text("{", "utf-8")
    assert gate(checkout, "old", *files).code == 4


@pytest.mark.slow
def test_a_scan_that_withholds_findings_says_so_in_its_sarif(tmp_path: Path) -> None:
    folder = make_workspace(tmp_path)
    make_tools(folder / "tools")
    scan = ("scan", "source", "--tools", "tools", "--format", "sarif", "--edition")
    cli = Cli(cwd=folder, path=os.environ["PATH"])
    read = {name: read_scan_file(cli(*scan, name).out.encode(), name) for name in ("public", "private")}
    assert {name: (file.withheld, len(file.findings)) for name, file in read.items()} == {
        "public": (1, 0),
        "private": (0, 1),
    }


def verdict_with_everything() -> Any:
    """A verdict with events of every rule and level, with hostile texts and places."""
    facts: dict[str, Any] = {key: value for rule in GATE_RULES for key, value in BLOCKING[rule].items()}
    facts |= {
        "threats": (step(title=HOSTILE), step("W@x", place=None), step("IPC-001@F2", priority="p2")),
        "claims": (claim(HOSTILE, place=Place(f"a/{HOSTILE}", 3)),),
        "findings": (found(message=HOSTILE, place=Place("../../etc/x")),),
        "records": (record(weakens=True), record(id=HOSTILE)),
        "undone": (HOSTILE,),
        "notes": (HOSTILE,),
        "base": HOSTILE,
    }
    policy = given().policy
    levels = {**policy.levels, "policy-change": "info"}
    return evaluate(given(**facts, policy=replace(policy, levels=levels, waivers=(waiver(subject="W@x"),))))


def test_json_has_its_schema_and_is_canonical() -> None:
    value = to_plain(GateFile(project="tiny", edition="private", verdict=verdict_with_everything()))
    jsonschema.Draft202012Validator(schema("gate", GateFile)).validate(value)
    assert value["verdict"]["exit"] == 10
    assert dump_bytes(value) == dump_bytes(json.loads(dump_bytes(value)))


@pytest.mark.skipif(not SARIF_SCHEMA.is_file(), reason="the official SARIF schema is not here")
@pytest.mark.parametrize("public", [False, True])
def test_sarif_is_valid_and_every_result_has_a_place(public: bool) -> None:
    verdict = verdict_with_everything()
    log = sarif(published(verdict, PublishingPolicy()) if public else verdict, "tiny", "models/tiny/")
    jsonschema.Draft4Validator(json.loads(SARIF_SCHEMA.read_bytes())).validate(log)
    (run_,) = log["runs"]
    assert [rule["id"] for rule in run_["tool"]["driver"]["rules"]] == list(GATE_RULES)
    assert {result["ruleId"] for result in run_["results"]} == set(GATE_RULES)
    for result in run_["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert place["region"]["startLine"] >= 1
        assert not place["artifactLocation"]["uri"].startswith("/")
        assert run_["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert [r["properties"]["subject"] for r in run_["results"] if "suppressions" in r] == ["W@x"]
    assert not run_["invocations"][0]["executionSuccessful"]


def test_hostile_text_stays_text() -> None:
    verdict = verdict_with_everything()
    comment = markdown(verdict, HOSTILE)
    assert comment.startswith(f"{MARKER}\n")
    plain = re.sub(r"(?<!\\)`[^`\n]*`", "", comment)  # nothing is markup in a code span
    assert re.findall(r"(?<!\\)`", plain) == []
    assert re.findall("<(?!br>|/?details>|summary>|/summary>|!-- threatmodel:gate -->)", plain) == []
    assert re.search(r"(?<!\\)\]\(", plain) is None
    for out in (comment, text(verdict), dump_bytes(sarif(verdict, HOSTILE, "m")).decode()):
        assert "\x1b" not in out
        assert "\u202e" not in out
    assert not any(line.startswith("::") for line in (comment + text(verdict)).splitlines())


def test_a_long_comment_is_cut_and_says_so() -> None:
    many = tuple(step(f"IPC-001@F{n}", title="t" * 2000) for n in range(500))
    comment = markdown(evaluate(given(threats=many)), "tiny")
    assert len(comment) < 60_000
    assert "and 460 more" in comment


def test_a_comment_of_hostile_texts_fits_and_counts_what_it_leaves_out() -> None:
    worst = "<&" * 2000
    place = Place(f"a/{worst}", 3)
    many = tuple(step(f"X-001@F{n}", title=worst, because=worst, place=place) for n in range(90))
    quiet = tuple(record(id=f"{worst}{n}") for n in range(90))
    policy = replace(given().policy, levels={**given().policy.levels, "policy-change": "info"})
    facts: dict[str, Any] = {"threats": many, "records": quiet, "undone": (worst,) * 90, "notes": (worst,)}
    comment = markdown(evaluate(given(policy=policy, **facts)), "tiny")
    assert 20_000 < len(comment) <= 60_000
    shown = comment.count("| **block** |")
    assert f"and {90 - shown} more; `threatmodel gate` lists them all" in comment
    assert "and 90 left out" in comment
    assert comment.count("<details>") == comment.count("</details>") == 1


def test_self_test_shows_every_rule(tmp_path: Path) -> None:
    said = run(tmp_path, "--self-test")
    assert said.code == 0
    assert [line.split()[:2] for line in said.out.splitlines()[:-1]] == [["ok", rule] for rule in GATE_RULES]
    assert said.out.endswith("7 of 7 rules fail when they should and pass when mended\n")


@pytest.mark.slow
def test_self_test_notices_a_gate_that_passes_or_blocks_everything() -> None:
    blind = self_test(lambda facts: evaluate(given()))
    assert {o.rule for o in blind if o.passed} == set()
    assert table(blind).count("FAIL") == len(GATE_RULES)
    everything: dict[str, Any] = {key: value for rule in GATE_RULES for key, value in BLOCKING[rule].items()}
    assert not any(o.passed for o in self_test(lambda facts: evaluate(given(**everything))))


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes(checkout: Path) -> None:
    first, second = (gate(checkout, "flow", "--format", "json") for _ in range(2))
    assert first.out == second.out
    assert first.json["verdict"]["blocked"] is True
