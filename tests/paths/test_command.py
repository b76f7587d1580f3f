"""`threatmodel paths` on the tiny model: what it says, what it draws, and how it ends."""

from __future__ import annotations

import os

import jsonschema
import pytest

from collateral.bundle.exports import schema
from collateral.paths import PathsFile
from tests.cli.harness import Cli
from tests.collateral.support import make_workspace


@pytest.fixture(name="cli", scope="module")
def _cli(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    return Cli(cwd=make_workspace(tmp_path_factory.mktemp("paths")), path=os.environ["PATH"], memory={})


def test_without_a_source_nothing_is_proven_and_that_is_said(cli: Cli) -> None:
    said = cli("paths", "model")
    lines = said.out.splitlines()
    assert said.code == 0
    assert lines[0] == "tiny · guarded: 1 adversary, 1 goal"
    assert lines[2].startswith("No claim was checked: no control is proven here")
    assert lines[7] == "notes  0+1/1"
    assert "stranger → notes: 0 independent proven controls, 1 only claimed, 1 step" in lines
    assert "       defeats caller-tokens (not-checked)" in lines


def test_with_a_source_a_control_that_holds_is_counted(cli: Cli) -> None:
    said = cli("paths", "model", "--source", "source")
    assert said.code == 0
    assert "No claim was checked" not in said.out
    assert "notes  1/1" in said.out.splitlines()
    assert "  The fewest controls that separate them if they hold: caller-tokens (verified)." in said.out


def test_what_if_a_control_fails(cli: Cli) -> None:
    out = cli("paths", "model", "--source", "source", "--without", "caller-tokens").out
    assert "notes  0/1" in out.splitlines()
    assert "  stranger → notes  loses the last proven control: 1 independent proven control, 1 step" in out
    assert "No set of claimed controls separates them: client → notes has none that would." in out


def test_a_configuration_without_the_control_has_an_open_way(cli: Cli) -> None:
    out = cli("paths", "model", "--source", "source", "--all-configs").out
    assert [line for line in out.splitlines() if line.startswith("notes ")] == ["notes  1/1", "notes  0/1"]


def test_an_element_to_which_no_rule_opens_a_way(cli: Cli) -> None:
    out = cli("paths", "model", "--to", "service").out
    assert "stranger → service: the rules that were asked open no way" in out.splitlines()


def test_json_is_in_its_format(cli: Cli) -> None:
    value = cli("paths", "model", "--source", "source", "--format", "json").json
    jsonschema.validate(value, schema("paths", PathsFile))
    [pair] = value["configurations"][0]["pairs"]
    assert (pair["outcome"], pair["own"], pair["weakest"]["proven"]) == ("path", ["client"], 1)
    [control] = pair["separation"]["controls"]
    assert (control["control"], control["state"], control["proven"]) == ("caller-tokens", "verified", True)
    assert value["source"].startswith("commit ")


def test_markdown_has_a_table_and_no_markup_of_the_model(cli: Cli) -> None:
    out = cli("paths", "model", "--format", "markdown").out
    assert "| notes | 0\\+1\\/1 |" in out
    assert "- 1 client → notes over T1 Requests\\: changes it" in out.replace("  ", " ")


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--adversary", "strangers", 'U030  no adversary "strangers" here; did you mean "stranger"?'),
        ("--asset", "nots", 'U030  no asset "nots" here; did you mean "notes"?'),
        ("--to", "servce", 'U030  no element "servce" here; did you mean "service"?'),
        ("--without", "caller-token", 'U030  no control "caller-token" here; did you mean "caller-tokens"?'),
        (
            "--diagram",
            "paths.pdf",
            "U031  --diagram paths.pdf: the ending says no form; one of .svg, .png, .dot, .mmd",
        ),
        ("--tree", "t.svg", "U031  an attack tree has one goal; name it with --asset or --to"),
    ],
)
def test_what_is_not_there_is_a_usage_error(cli: Cli, option: str, value: str, says: str) -> None:
    said = cli("paths", "model", option, value)
    assert (said.code, said.out, said.err.strip()) == (2, "", says)


def test_a_picture_of_nothing_is_refused(cli: Cli) -> None:
    said = cli("paths", "model", "--to", "service", "--tree", "none.mmd")
    assert (said.code, said.err.partition(";")[0]) == (2, "U031  there is no path to draw")
    assert not (cli.cwd / "none.mmd").exists()


def test_pictures(cli: Cli) -> None:
    said = cli("paths", "model", "--asset", "notes", "--diagram", "paths.dot", "--tree", "tree.mmd")
    assert said.code == 0
    dot = (cli.cwd / "paths.dot").read_text("utf-8")
    assert "CORE-001@T1" in dot
    assert "to defeat: caller-tokens" in dot
    tree = (cli.cwd / "tree.mmd").read_text("utf-8").splitlines()
    assert tree[0] == "flowchart LR"
    assert '  n0["Notes<br/>OR"]' in tree
    assert '  n4["caller-tokens fails<br/>not-checked"]' in tree


@pytest.mark.slow
def test_a_picture_is_laid_out(cli: Cli) -> None:
    assert cli("paths", "model", "--asset", "notes", "--diagram", "paths.svg", "--tree", "tree.png").code == 0
    svg = (cli.cwd / "paths.svg").read_text("utf-8")
    assert "<title" in svg
    assert "Anyone on the network can" in svg
    assert (cli.cwd / "tree.png").read_bytes().startswith(b"\x89PNG")
