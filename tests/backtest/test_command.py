"""`threatmodel backtest` on the tiny model with a repository of two tags."""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import pytest

from collateral.backtest import BacktestFile
from collateral.bundle.exports import schema
from tests.backtest.support import GOOD, WITHOUT_TAGS, make_history
from tests.cli.harness import Cli
from tests.collateral.support import INIT, git, make_workspace, write_files

pytestmark = pytest.mark.slow


@pytest.fixture(name="cli", scope="module")
def _cli(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    folder = make_history(tmp_path_factory.mktemp("backtest"))
    return Cli(cwd=folder, path=os.environ["PATH"], memory={})


def other(cli: Cli, folder: Path, record: str, init: str = INIT) -> Cli:
    """The same repository beside a model with another record."""
    make_workspace(folder, source=False, init=init)
    (folder / "model/advisories.yaml").write_text(record, "utf-8")
    (folder / "source").symlink_to(cli.cwd / "source")
    return cli.at(folder)


SOURCE = ("--source", "source")
LIBRARY = """
[sources.library]
about = "A library"
address = "https://example.org/library"
ref-from = { file = "versions.yaml", key = "library.version" }
"""
CLAIMS = "    claims: [caller-tokens]\n    unknown:\n"
NO_CLAIMS = "    unknown:\n      - { keys: [claims], because: Nobody looked }\n"


def test_text(cli: Cli) -> None:
    said = cli("backtest", "model", *SOURCE)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "CVE-2026-0001  Anybody reads notes",
        "    guarded: CORE-001@T1  unverified  Anyone on the network can speak to the interface",
        "    0.9 to 1.0: told apart",
        "        caller-tokens  contradicted, then verified  app/service.py has /^def check_token/",
        "CVE-2026-0002  The store fills up",
        "    no threat of the model names it",
        "    no tags are recorded",
        "1 of 2 named by a threat",
        "1 of 1 with tags told apart by a claim",
        "1 without tags",
    ]


def test_without_a_source_nothing_counts_as_checked(cli: Cli) -> None:
    said = cli("backtest", "model")
    assert said.code == 0
    assert "    0.9 to 1.0: not checked: no source was named" in said.out.splitlines()
    assert "1 with tags, not checked: no source was named" in said.out.splitlines()
    assert "told apart" not in said.out


def test_markdown(cli: Cli) -> None:
    out = cli("backtest", "model", *SOURCE, "--format", "markdown").out
    assert "| CORE\\-001\\@T1: unverified | 0\\.9 to 1\\.0 | told apart: caller\\-tokens |" in out
    assert "| no threat of the model names it | – | no tags are recorded |" in out


@pytest.mark.parametrize("more", [(), SOURCE])
def test_json_is_in_its_format(cli: Cli, more: tuple[str, ...]) -> None:
    value = cli("backtest", "model", *more, "--format", "json").json
    jsonschema.Draft202012Validator(schema("backtest", BacktestFile)).validate(value)
    assert value["checked"] == bool(more)
    verdicts = [row["verdict"] for row in value["advisories"]]
    assert verdicts == ["told-apart" if more else "not-checked", "no-tags"]
    assert value["totals"] == {
        "advisories": 2,
        "named": 1,
        "told_apart": int(bool(more)),
        "not_told_apart": 0,
        "not_checked": int(not more),
        "no_tags": 1,
    }


@pytest.mark.parametrize(
    ("old", "new", "options", "code", "says"),
    [
        ("", "", ("--require-threats",), 10, "1 of 2 named by a threat"),
        ("", "", ("--require-flips",), 0, "1 of 1 with tags told apart by a claim"),
        ('"0.9"', '"0.8"', (), 3, "0.8 to 1.0: not checked: 0.8: "),
        ('"0.9"', '"0.8"', ("--require-flips",), 3, "0 of 1 with tags told apart by a claim"),
        ('"0.9"', '"1.0"', (), 0, "1.0 to 1.0: no claim tells them apart"),
        ('"0.9"', '"1.0"', ("--require-flips",), 10, "0 of 1 with tags told apart by a claim"),
        (CLAIMS, NO_CLAIMS, (), 0, "0.9 to 1.0: no claim tells them apart"),
        (CLAIMS, NO_CLAIMS, (), 0, "not counted: a claim of caller-tokens flips too"),
        (CLAIMS, NO_CLAIMS, ("--require-flips",), 10, "no claim tells them apart"),
    ],
)
def test_exit_codes(
    cli: Cli, tmp_path: Path, old: str, new: str, options: tuple[str, ...], code: int, says: str
) -> None:
    said = other(cli, tmp_path, GOOD.replace(old, new, 1) if old else GOOD)(
        "backtest", "model", *SOURCE, *options
    )
    assert said.code == code, said.err
    assert says in said.out


def test_all_named_is_clean(cli: Cli, tmp_path: Path) -> None:
    assert other(cli, tmp_path, WITHOUT_TAGS)("backtest", "model", "--require-threats").code == 0


def test_no_repository_is_not_checked(cli: Cli) -> None:
    said = cli("backtest", "model", "--source", "nowhere")
    assert said.code == 3
    assert "0 of 1 with tags told apart by a claim" in said.out


def test_a_claim_that_cannot_be_checked_is_not_counted_as_a_flip(cli: Cli, tmp_path: Path) -> None:
    elsewhere = INIT.replace('"^def check_token")', '"^def check_token", source="library")')
    assert elsewhere != INIT
    where = other(cli, tmp_path, GOOD, elsewhere)
    manifest = tmp_path / "model/threatmodel.toml"
    manifest.write_text(manifest.read_text("utf-8") + LIBRARY, "utf-8")
    said = where("backtest", "model", *SOURCE, "--require-flips")
    assert said.code == 3
    assert "not checked: a claim of caller-tokens could not be checked" in said.out


def test_a_configuration_with_changed_options(cli: Cli, tmp_path: Path) -> None:
    record = GOOD.replace("configuration: guarded", "configuration: guarded\n    options: { auth: none }")
    said = other(cli, tmp_path, record)("backtest", "model", *SOURCE)
    assert said.code == 0
    assert "    guarded+auth=none: CORE-001@T1  open  Anyone on the network" in said.out
    assert "0.9 to 1.0: told apart" in said.out


RULE = """

    @rule("the token is not optional")
    def _token(self) -> bool:
        return self.auth == "token" or self.mode == "loose"
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("CORE-001@T1", "CORE-099@T1", "15  D056  threats: there is no CORE-099@T1 in guarded; there: "),
        ("CORE-001@T1", "CORE-003@T1", "15  D056  threats: CORE-003@T1 shares neither STRIDE nor CWE with the record; "),
        ("elements: [service]", "elements: [store]", "18  D056  claims: caller-tokens stands at no element or flow of"),
        ("configuration: guarded", "configuration: guards", '14  D043  configuration: the model has no "guards"; did'),
    ],
)  # fmt: skip
def test_a_bad_record_has_file_and_line(cli: Cli, tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    said = other(cli, tmp_path, GOOD.replace(old, new, 1))("backtest", "model")
    assert said.code == 4
    assert said.err.startswith(f"model/advisories.yaml:{says}"), said.err


def test_threats_of_other_adversaries_alone(cli: Cli, tmp_path: Path) -> None:
    clerk = 'CLERK = Adversary("clerk", name="Clerk", controls=["store"], goals=["Read notes"])\nAPP = '
    init = INIT.replace("APP = ", clerk, 1)
    assert init != INIT
    said = other(cli, tmp_path, GOOD.replace("adversary: stranger", "adversary: clerk", 1), init)(
        "backtest", "model"
    )
    assert said.code == 4
    assert said.err.startswith(
        "model/advisories.yaml:15  D056  threats: none of them is of the adversary clerk"
    )


def test_options_that_a_rule_forbids(cli: Cli, tmp_path: Path) -> None:
    strict = INIT.replace("Process, View, present", "Process, View, present, rule").replace(
        'auth: Literal["token", "none"] = "token"\n',
        'auth: Literal["token", "none"] = "token"\n    mode: Literal["loose", "strict"] = "loose"\n' + RULE,
    )
    record = GOOD.replace(
        "configuration: guarded", "configuration: guarded\n    options: { auth: none, mode: strict }"
    )
    said = other(cli, tmp_path, record, strict)("backtest", "model")
    assert said.code == 4
    assert said.err.startswith("model/advisories.yaml:15  D055  options: the token is not optional")


def test_usage(cli: Cli, tmp_path: Path) -> None:
    said = cli("backtest", "model", "--require-flips")
    assert (said.code, said.err[:35]) == (2, "U013  --require-flips needs --sourc")
    make_workspace(tmp_path, source=False)
    said = cli.at(tmp_path)("backtest", "model")
    assert (said.code, said.err[:34]) == (2, "U019  model has no advisories.yaml")


def test_hostile_text_steers_nothing(cli: Cli, tmp_path: Path) -> None:
    record = GOOD.replace("Anybody reads notes", '"\\e[31m| <b>x</b>"')
    where = other(cli, tmp_path, record)
    assert "\x1b" not in where("backtest", "model").out
    out = where("backtest", "model", "--format", "markdown").out
    assert "<b>" not in out
    assert "\\| &lt;b&gt;" in out


def test_an_object_that_is_missing_leaves_other_files_readable(cli: Cli, tmp_path: Path) -> None:
    make_history(tmp_path)
    source = tmp_path / "source"
    write_files(source, {"unrelated.bin": "x" * 40, "app/other.py": "y"})
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message", "more")
    git(source, "tag", "--force", "1.0")
    here = cli.at(tmp_path)

    def lose(path: str) -> str:
        oid = git(source, "rev-parse", f"1.0:{path}")
        (source / ".git/objects" / oid[:2] / oid[2:]).unlink()
        return here("backtest", "model", *SOURCE).out

    assert "0.9 to 1.0: told apart" in lose("unrelated.bin")
    assert "0.9 to 1.0: not checked: a claim of caller-tokens could not be checked" in lose("app/service.py")
