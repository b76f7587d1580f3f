"""`threatmodel backtest` on the tiny model with a repository of two tags."""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import pytest

from collateral.backtest import BacktestFile
from collateral.bundle.exports import schema
from collateral.report.markdown import inline
from tests.backtest.support import GOOD, PARTS, WITHOUT_TAGS, make_history
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
    assert "| CORE\\-001\\@T1: unverified | 0\\.9 to 1\\.0 | told apart: caller\\-tokens | no rule |" in out
    assert "| no threat of the model names it | – | no tags are recorded | no rule |" in out


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
        "by_fix": 0,
        "not_told_apart": 0,
        "not_checked": int(not more),
        "no_tags": 1,
        "flagged": 0,
        "not_flagged": 0,
        "rules_not_checked": 0,
        "no_rule": 2,
    }
    assert value["third_party"] == []


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


@pytest.mark.parametrize(
    ("commits", "code", "says"),
    [
        ("[{new}]", 0, "caller-tokens  contradicted, then verified, by the fix  app/service.py"),
        ("[{old}, {new}]", 3, "caller-tokens  contradicted, then verified  app/service.py"),
        ("[{new}, {new}]", 0, "1 of them by a claim that flips at the fix itself"),
        ("[{later}]", 0, "0.9 to 1.0: no claim tells them apart"),
        ("[{later}]", 0, "not counted: a claim of caller-tokens flips too"),
        ("[0123abcd]", 3, "caller-tokens  contradicted, then verified  app/service.py"),
    ],
)
def test_a_flip_that_does_not_come_from_the_fix_does_not_count(
    tmp_path: Path, commits: str, code: int, says: str
) -> None:
    make_history(tmp_path)
    source = tmp_path / "source"
    write_files(source, {"later": "x"})
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message", "later")
    ids = {
        name: git(source, "rev-parse", ref)
        for name, ref in (("old", "0.9"), ("new", "1.0"), ("later", "main"))
    }
    record = GOOD.replace("    unknown:", f"    fix_commits: {commits.format(**ids)}\n    unknown:", 1)
    (tmp_path / "model/advisories.yaml").write_text(record.replace("cvss, fix_commits,", "cvss,", 1), "utf-8")
    here = Cli(cwd=tmp_path, path=os.environ["PATH"], memory={})
    said = here("backtest", "model", *SOURCE, "--at-fixes")
    assert said.code == code, said.err
    assert says in said.out
    assert "by the fix" not in here("backtest", "model", *SOURCE).out


def with_parts(cli: Cli, folder: Path, parts: str = PARTS) -> Cli:
    here = other(cli, folder, WITHOUT_TAGS)
    (folder / "model/third-party-advisories.yaml").write_text(parts, "utf-8")
    return here


def test_components_at_the_release_and_at_other_tags(cli: Cli, tmp_path: Path) -> None:
    said = with_parts(cli, tmp_path)("backtest", "model", *SOURCE, "--tag", "0.9")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[lines.index("CVE-2026-0007  libshop: Rows overflow") :] == [
        "CVE-2026-0007  libshop: Rows overflow",
        "    guarded: CORE-001@T1  unverified  Anyone on the network can speak to the interface",
        "    0.9: affected  versions.yaml:2 libshop.version = 1.5",
        "    1.0: fixed  versions.yaml:2 libshop.version = 2.0",
        "CVE-2026-0008  kernel: Pages overflow",
        "    no threat of the model names it",
        "    0.9: unknown  The node brings it",
        "    1.0: unknown  The node brings it",
        "CVE-2026-0009  left out: Nothing of it is used",
        "1 of 1 named by a threat",
        "0 of 0 with tags told apart by a claim",
        "1 without tags",
        "components: 1 of 2 named by a threat",
        "components at 0.9: 1 affected, 0 fixed, 0 not affected, 1 unknown",
        "components at 1.0: 0 affected, 1 fixed, 0 not affected, 1 unknown",
    ]


def test_components_in_the_other_formats(cli: Cli, tmp_path: Path) -> None:
    here = with_parts(cli, tmp_path)
    out = here("backtest", "model", *SOURCE, "--format", "markdown").out
    assert "<br>" not in out
    assert f"| {inline('1.0: fixed  versions.yaml:2 libshop.version = 2.0')} |" in out
    value = here("backtest", "model", *SOURCE, "--format", "json").json
    jsonschema.Draft202012Validator(schema("backtest", BacktestFile)).validate(value)
    pin = value["third_party"][0]["pins"][0]
    assert (pin["tag"], pin["state"], pin["seen"], pin["line"]) == ("1.0", "fixed", "2.0", 2)
    assert value["left_out"] == [{"because": "Nothing of it is used", "id": "CVE-2026-0009"}]


def test_without_a_source_no_version_counts_as_looked_at(cli: Cli, tmp_path: Path) -> None:
    said = with_parts(cli, tmp_path)("backtest", "model")
    assert said.code == 0
    assert "    not checked: no source was named" in said.out.splitlines()
    assert "versions of components not checked: no source was named" in said.out.splitlines()
    assert "affected" not in said.out


def test_a_tag_without_a_tree_is_not_checked(cli: Cli, tmp_path: Path) -> None:
    said = with_parts(cli, tmp_path)("backtest", "model", *SOURCE, "--tag", "9.9")
    assert said.code == 3
    assert "    9.9: unknown  versions.yaml libshop.version  9.9: " in said.out


def test_a_bad_record_of_a_component_has_file_and_line(cli: Cli, tmp_path: Path) -> None:
    said = with_parts(cli, tmp_path, PARTS.replace("CORE-001@T1", "CORE-099@T1"))("backtest", "model")
    assert said.code == 4
    assert said.err.startswith(
        "model/third-party-advisories.yaml:19  D056  threats: there is no CORE-099@T1 in"
    )


@pytest.mark.parametrize(
    "option", [("--require-flips",), ("--at-fixes",), ("--with-rules",), ("--tag", "1.0")]
)
def test_options_that_need_a_source(cli: Cli, option: tuple[str, ...]) -> None:
    said = cli("backtest", "model", *option)
    assert (said.code, said.err.split(";")[0]) == (2, f"U013  {option[0]} needs --source")


def test_usage(cli: Cli, tmp_path: Path) -> None:
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
