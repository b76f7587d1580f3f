"""`claims` and others with a tree of another project beside the model's own."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.harness import Cli
from tests.collateral.support import TOML, git
from tests.sources.support import MODEL, make


@pytest.fixture(name="cli", scope="module")
def _cli(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    folder = make(tmp_path_factory.mktemp("named"))
    return Cli(cwd=folder, path=os.environ["PATH"], memory={})


OWN = ("claims", "model", "--source", "source@1.0")
SHARE = "    lib v2.0 was not given: 1 of 2 claims, 1 of 2 controls not checked"


def test_a_claim_on_another_source_is_verified(cli: Cli) -> None:
    said = cli(*OWN, "--source", "lib=lib", "--format", "json")
    assert (said.code, said.err) == (0, "")
    checks = {check["source"]: check for check in said.json["checks"]}
    assert checks["lib"]["state"] == "verified"
    assert checks["lib"]["text"] == "lib: src/lib.py has /^LIMIT = 10$/"
    (source,) = said.json["sources"]
    assert source["source"] == {
        "name": "lib",
        "wanted": "v2.0",
        "ref": "v2.0",
        "commit": git(cli.cwd / "lib", "rev-parse", "v2.0^{commit}"),
        "reason": "",
    }
    assert [share["configuration"] for share in source["shares"]] == ["guarded"]


def test_without_it_the_share_is_told(cli: Cli) -> None:
    said = cli(*OWN)
    assert said.code == 3
    assert [line for line in said.out.splitlines() if line.startswith("    lib")] == [
        "    lib v2.0 was not given",
        SHARE,
    ]
    lines = said.out.splitlines()
    assert lines[lines.index(SHARE) - 1].startswith("guarded: verified 1  not-checked 1, against 1.0")
    (source,) = cli(*OWN, "--format", "json").json["sources"]
    assert source["source"]["reason"] == "lib v2.0 was not given"
    assert source["shares"] == [
        {"configuration": "guarded", "claims": 1, "of_claims": 2, "controls": 1, "of_controls": 2}
    ]


def test_left_out_on_purpose_it_is_told_and_does_not_make_the_exit_3(cli: Cli) -> None:
    said = cli(*OWN, "--without-source", "lib")
    assert said.code == 0
    assert SHARE in said.out
    assert "limit  not-checked" in said.out


def test_another_ref_is_not_checked(cli: Cli) -> None:
    said = cli(*OWN, "--source", "lib=lib@v1.9")
    assert said.code == 3
    assert "U025  lib was given at v1.9, the release wants v2.0" in said.err
    assert "limit  not-checked" in said.out
    assert "    lib was given at v1.9, the release wants v2.0: 1 of 2 claims" in said.out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ((*OWN, "--source", "libb=lib"), 'U023  --source: no source "libb"; did you mean "lib"?'),
        ((*OWN, "--without-source", "libb"), 'U023  --without-source: no source "libb"; did you mean "lib"?'),
        ((*OWN, "--source", "lib=a", "--source", "lib=b"), 'U024  --source names "lib" twice'),
        (("threats", "model", "--source", "lib=lib"), "U013  --source NAME=TREE needs"),
        (
            ("gate", "model", "--base", ".", "--head", ".", "--source", "x"),
            "U013  --source x: write NAME=TREE",
        ),
    ],
)
def test_refused(cli: Cli, argv: tuple[str, ...], words: str) -> None:
    said = cli(*argv)
    assert said.code == 2
    assert words in said.err


def test_a_name_that_is_not_declared_is_an_error(tmp_path: Path) -> None:
    folder = make(tmp_path, model=MODEL.replace('source="lib"', 'source="lbi"'))
    said = Cli(cwd=folder, path=os.environ["PATH"])("check", "model")
    assert said.code == 4
    assert 'M035  claim of "limit": no source "lbi"; did you mean "lib"?' in said.err


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[sources.lib]\nabout = 1\n", '"about" must be text'),
        ('[sources.lib]\nref-from = { file = "a.yaml", key = "b" }\n', '[sources.lib] has no "about"'),
        ('[sources.lib]\nabout = "x"\n', '[sources.lib] has no "ref-from.file"'),
        ('[sources.lib]\nabout = "x"\nref-form = 1\n', 'unknown key "ref-form"; did you mean "ref-from"?'),
        ('[sources.lib]\nabout = "x"\nref-from = "a"\n', "ref-from must be a table"),
        ('[sources.lib]\nabout = "x"\nref-from = { file = "a", kye = "b" }\n', 'unknown key "ref-from.kye"'),
        ("[sources]\nlib = 1\n", "[sources.lib] must be a table"),
        ('[sources."l b"]\nabout = "x"\n', "'l b' cannot name a source"),
    ],
)
def test_a_section_that_is_wrong(tmp_path: Path, toml: str, words: str) -> None:
    folder = make(tmp_path, toml=TOML + toml)
    said = Cli(cwd=folder, path=os.environ["PATH"])("check", "model")
    assert said.code == 4
    assert words in said.err
    assert "M024" in said.err


@pytest.mark.slow
def test_the_bundle_says_which_sources_were_read(tmp_path: Path) -> None:
    folder = make(tmp_path)
    cli = Cli(cwd=folder, path=os.environ["PATH"])
    for name, given in (("with", ("--source", "lib=lib")), ("without", ())):
        said = cli("build", "model", "-o", name, "--source", "source@1.0", "--no-scan", *given)
        bundle = folder / name / "tiny-1.0"
        manifest = json.loads((bundle / "manifest.json").read_text())
        (record,) = manifest["sources"]
        (in_data,) = json.loads((bundle / "data/claims.json").read_text())["sources"]
        assert in_data["source"] == record
        assert (record["name"], record["wanted"]) == ("lib", "v2.0")
        undone = {item["what"]: item["why"] for item in manifest["not_done"]}
        assert said.code == 3  # no scanner was run
        if given:
            assert (record["ref"], record["reason"]) == ("v2.0", "")
            assert len(record["commit"]) == 40
            assert "Control limit" not in undone
        else:
            assert (record["ref"], record["commit"]) == ("", "")
            assert undone["Control limit"] == "1 claim not-checked: lib v2.0 was not given"


@pytest.mark.slow
def test_each_side_of_a_change_has_its_own_pin(tmp_path: Path) -> None:
    """The change moves the pin to a version that contradicts the claim."""
    folder = make(tmp_path)
    source = folder / "source"
    (source / "versions.yaml").write_text((source / "versions.yaml").read_text().replace("v2.0", "v1.9"))
    git(source, "commit", "--quiet", "--all", "--message", "older")
    git(source, "tag", "1.1")
    said = Cli(cwd=folder, path=os.environ["PATH"])(
        *("gate", "model", "--base", ".", "--head", ".", "--edition", "private", "--enforce"),
        *("--source-base", "source@1.0", "--source-head", "source@1.1", "--source", "lib=lib"),
    )
    assert said.code == 12
    assert "contradicted-claim" in said.out
    assert "limit" in said.out


@pytest.mark.slow
def test_a_source_that_no_side_was_given_is_a_note_of_the_gate(cli: Cli) -> None:
    argv = ("gate", "model", "--base", ".", "--head", ".", "--source-head", "source@1.0")
    said = cli(*argv)
    assert said.code == 0
    assert "claims: lib v2.0 was not given, so claims on it were not checked" in said.out
    both = (*argv, "--source-base", "source@1.0")
    assert cli(*both).code == 0
    assert cli(*both, "--source", "lib=lib@v1.9").code == 0


@pytest.mark.slow
def test_threats_count_a_control_of_another_source(cli: Cli) -> None:
    argv = ("threats", "model", "--format", "json", "--source", "source@1.0")
    assert cli(*argv).code == 3
    assert cli(*argv, "--without-source", "lib").code == 0
    assert cli(*argv, "--source", "lib=lib").code == 0


JUNIT = '<testsuite><testcase name="test_x" classname="tests.test_service"{}</testsuite>'
TESTED = MODEL.replace(
    'present("src/lib.py", "^LIMIT = 10$", source="lib"',
    """has_test(
    "tests/test_service.py", "test_x", passes=True""",
).replace("View, present,", "View, has_test, present,")


def test_results_of_tests_come_from_the_command_line(tmp_path: Path) -> None:
    folder = make(tmp_path, model=TESTED, toml=TOML)
    (folder / "source/tests/test_service.py").write_text("def test_x(): pass\n")
    cli = Cli(cwd=folder, path=os.environ["PATH"])
    argv = ("claims", "model", "--source", "source", "--format", "json")

    def state(*more: str) -> tuple[int, str]:
        said = cli(*argv, *more)
        return said.code, next(c["state"] for c in said.json["checks"] if c["kind"] == "test")

    assert state() == (3, "not-checked")
    (folder / "good.xml").write_text(JUNIT.format("/>"))
    (folder / "bad.xml").write_text(JUNIT.format("><failure/></testcase>"))
    assert state("--junit", "good.xml") == (0, "verified")
    assert state("--junit", "good.xml", "--junit", "bad.xml") == (0, "contradicted")
    (folder / "no.xml").write_text("<!DOCTYPE a><testsuite/>")
    said = cli(*argv, "--junit", "no.xml")
    assert said.code == 4
    assert "no.xml  D080  no results of tests: it declares a document type" in said.err
