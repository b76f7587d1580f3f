"""`threatmodel compare` on the tiny model."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from collateral.bundle.exports import schema
from collateral.report.compare import CompareFile
from tests.cli.harness import Cli
from tests.collateral.support import INIT, TOML, make_workspace, write_files

pytestmark = pytest.mark.slow

BOTH = ("--config", "guarded", "--config", "bare")
OPTIONS = """
    auth: Literal["token", "none", "key"] = "token"
    place: Literal["here", "there"] = "here"

    @rule("a key needs place=there")
    def _key(self) -> bool:
        return self.auth != "key" or self.place == "there"
"""


@pytest.fixture(name="cli", scope="module")
def _cli(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    folder = make_workspace(tmp_path_factory.mktemp("compare"))
    return Cli(cwd=folder, path=os.environ["PATH"], memory={})


@pytest.fixture(name="ruled", scope="module")
def _ruled(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The same with a third value that a rule forbids alone, and a configuration that has it."""
    init = INIT.replace('\n    auth: Literal["token", "none"] = "token"\n', OPTIONS).replace(
        "View, present", "View, present, rule"
    )
    more = '\n[configurations.keyed]\noptions = { auth = "key", place = "there" }\n'
    folder = make_workspace(tmp_path_factory.mktemp("ruled"), init=init, toml=TOML + more)
    return Cli(cwd=folder, path=os.environ["PATH"], memory={})


def compare(cli: Cli, *options: str) -> Any:
    said = cli("compare", "model", "--as-of", "2026-03-01", *options, "--format", "json")
    assert said.code == 0, said.err
    return said.json


def test_json_is_in_its_format_and_tells_both(cli: Cli) -> None:
    found = compare(cli, *BOTH)
    jsonschema.Draft202012Validator(schema("compare", CompareFile)).validate(found)
    assert (found["differs"], found["sources_checked"]) == (True, False)
    comparison = found["comparison"]
    assert comparison["options"] == {"auth": {"bare": "none", "guarded": "token"}}
    assert [(c["id"], c["states"]) for c in comparison["controls"]] == [
        ("caller-tokens", {"guarded": "not-checked"})
    ]
    [row] = [p for p in comparison["parts"] if p["id"] == "service"]
    assert row["variations"][0]["values"] == {"bare": "", "guarded": "caller-tokens"}
    cells = {s["id"]: s["cells"] for g in comparison["groups"] for s in g["surfaces"]}
    unverified = {name: cell["counts"]["unverified"] for name, cell in cells["T1"].items()}
    assert unverified["guarded"] > unverified["bare"] == 0
    assert comparison["threats"]


def test_only_a_source_tree_makes_something_mitigated(cli: Cli) -> None:
    def statuses(*options: str) -> set[str]:
        found = compare(cli, *BOTH, *options)["comparison"]
        return {c["guarded"]["status"] for t in found["threats"] if "guarded" in (c := t["cells"])}

    assert statuses() == {"unverified"}
    assert statuses("--source", "source") == {"mitigated"}
    words = cli("compare", "model", *BOTH).out
    assert "No source tree was given" in words
    assert "No source tree was given" not in cli("compare", "model", *BOTH, "--source", "source").out


def test_a_public_edition_does_not_tell_what_is_contradicted(cli: Cli, tmp_path: Path) -> None:
    write_files(tmp_path, {"app/service.py": "def other(token):\n    return True\n"})
    source = ("--source", str(tmp_path))
    private = cli("compare", "model", *BOTH, *source, "--edition", "private").out
    public = cli("compare", "model", *BOTH, *source, "--edition", "public").out
    assert re.search(r"[1-9] contradicted", private)
    assert "1 contradicted claim is withheld" in public
    assert not re.search(r"[1-9] contradicted(?! claim)", public)


def test_the_order_of_the_command_line_is_that_of_the_columns(cli: Cli) -> None:
    one, two = compare(cli, *BOTH), compare(cli, *BOTH[2:], *BOTH[:2])
    assert [c["name"] for c in two["comparison"]["columns"]] == ["bare", "guarded"]
    for found in (one, two):
        found["comparison"]["columns"].sort(key=lambda column: column["name"])
    assert one == two


def test_all_configurations_where_none_is_named(cli: Cli) -> None:
    assert [c["name"] for c in compare(cli)["comparison"]["columns"]] == ["guarded", "bare"]


def test_a_configuration_can_have_changed_options(cli: Cli) -> None:
    found = compare(cli, "--config", "guarded", "--config", "guarded+auth=none")
    assert [c["name"] for c in found["comparison"]["columns"]] == ["guarded", "guarded+auth=none"]
    same = compare(cli, "--config", "bare", "--config", "guarded+auth=none")
    assert same["differs"] is False


def test_across_an_option(ruled: Cli) -> None:
    found = compare(ruled, "--across", "auth")
    jsonschema.Draft202012Validator(schema("compare", CompareFile)).validate(found)
    rows = {c["value"]: c for c in found["across"]["candidates"]}
    assert {value: row["configuration"]["name"] for value, row in rows.items()} == {
        "token": "guarded",
        "none": "bare",
        "key": "keyed",
    }
    assert rows["key"]["also"] == [{"here": "there", "option": "place", "start": "here"}]
    text = ruled("compare", "model", "--across", "auth").out
    assert (
        "differs also in place=there, because auth=key alone breaks a rule: a key needs place=there" in text
    )


def test_across_starts_where_it_is_told_to(ruled: Cli) -> None:
    found = compare(ruled, "--across", "place", "--config", "bare")
    assert [c["name"] for c in found["comparison"]["columns"]] == ["bare", "bare+place=there"]
    found = compare(ruled, "--across", "auth", "--config", "keyed")
    assert [c["name"] for c in found["comparison"]["columns"]] == [
        "keyed",
        "keyed+auth=token",
        "keyed+auth=none",
    ]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ('self.auth != "key"', "key  not comparable: a key needs place=there"),
        (
            'self.auth != "key" or self.place == "there"',
            "key  guarded+auth=key,place=there: differs also in place=there, because auth=key alone breaks a rule: "
            "a key needs place=there, and no file names a configuration that has it",
        ),
    ],
)
def test_a_value_that_no_file_names(cli: Cli, tmp_path: Path, rule: str, line: str) -> None:
    options = OPTIONS.replace('self.auth != "key" or self.place == "there"', rule)
    init = INIT.replace('\n    auth: Literal["token", "none"] = "token"\n', options).replace(
        "View, present", "View, present, rule"
    )
    other = cli.at(make_workspace(tmp_path, init=init, source=False))
    assert line in other("compare", "model", "--across", "auth").out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--config", "guarded"), "U017"),
        (("--config", "guarded", "--config", "guarded"), "U017"),
        (("--config", "guarded", "--config", "gaurded"), "U003"),
        (("--config", "guarded", "--config", "bare+auth"), "U015"),
        (("--across", "auht"), 'did you mean "auth"'),
        (("--across", "auth", *BOTH), "U017"),
        (("--config", "guarded", "--config", "bare+auth=fish"), "auth"),
    ],
)
def test_what_cannot_be_compared_is_a_usage_error(cli: Cli, options: tuple[str, ...], words: str) -> None:
    said = cli("compare", "model", *options)
    assert (said.code, said.out) == (2, "")
    assert words in said.err


def test_a_model_with_one_configuration_has_nothing_to_compare(cli: Cli, tmp_path: Path) -> None:
    folder = make_workspace(tmp_path, toml=TOML[: TOML.index("[configurations.bare]")], source=False)
    said = cli.at(folder)("compare", "model")
    assert said.code == 2
    assert "the model has one configuration" in said.err


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_same_bytes_in_a_file_and_on_the_stream(cli: Cli, tmp_path: Path, form: str) -> None:
    argv = ("compare", "model", *BOTH, "--as-of", "2026-03-01", "--format", form)
    first = cli(*argv).out
    assert cli.at(cli.cwd)(*argv, "-o", str(tmp_path / "out")).out == ""
    assert (tmp_path / "out").read_text("utf-8") == first
    if form == "json":
        json.loads(first)


def test_pictures_of_the_first_two(cli: Cli, tmp_path: Path) -> None:
    made = cli.at(cli.cwd)(
        "compare",
        "model",
        *BOTH,
        "--pictures",
        str(tmp_path),
        "--format",
        "html",
        "-o",
        str(tmp_path / "c.html"),
    )
    assert (made.code, made.err.splitlines()[-1].split(" pictures")[0]) == (0, "2 of 2")
    for name in ("guarded", "bare"):
        dot = (tmp_path / f"side-{name}.dot").read_text()
        assert "~ Service" in dot
        assert "not the same" in dot
    assert (tmp_path / "c.html").read_text().count("<svg") == 2


def test_a_model_that_is_one_file(cli: Cli, tmp_path: Path) -> None:
    lone = cli.at(write_files(tmp_path, {"tiny.py": INIT}))
    for options in (("--across", "auth"), ("--config", "default", "--config", "default+auth=none")):
        said = lone("compare", "tiny.py", *options, "--format", "json")
        assert [c["name"] for c in said.json["comparison"]["columns"]] == ["default", "default+auth=none"]
    assert "U003" in lone("compare", "tiny.py", "--config", "other", "--config", "default").err
