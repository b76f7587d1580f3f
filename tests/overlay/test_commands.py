"""`--overlay` on the command line: refused with anything public, shown and marked in private."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from collateral.outputs import all_schemas
from tests.bundle.support import Shop
from tests.collateral.support import git
from tests.overlay.support import DATE, MARKERS, overlay_text, write_overlay
from tests.publish.support import make_shop

pytestmark = pytest.mark.slow

M = MARKERS
THREATS = (M["THREATID"], M["TITLE"], M["DESCRIPTION"], M["REASON"], M["OWNER"], DATE)
FINDINGS = (M["PATH"], M["RULE"], M["MESSAGE"], M["OWNER"], DATE)
CASES = (M["CASEID"], M["OBJECTIVE"], M["STEP"], M["ORACLE"], M["OWNER"], DATE)
SCAN = ("scan", "source", "--tools", "tools", "--model", "model")
PLAN = ("pentest", "plan", "model")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    made = make_shop(tmp_path_factory.mktemp("shop"))
    threats = made.cli("threats", "model", "--format", "json").json["threats"]
    write_overlay(made.cli.cwd / "held", overlay_text(threats[0]["id"]))
    write_overlay(made.cli.cwd / "ended", overlay_text(threats[0]["id"], "2026-03-01"))
    return made


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("threats", "model"), THREATS),
        (("threats", "model", "--format", "json"), THREATS),
        (("threats", "model", "--format", "markdown"), THREATS),
        (SCAN, FINDINGS),
        ((*SCAN, "--format", "json"), FINDINGS),
        ((*SCAN, "--format", "sarif"), FINDINGS),
        (PLAN, CASES),
        ((*PLAN, "--format", "json"), CASES),
        ((*PLAN, "--format", "markdown"), CASES),
        ((*PLAN, "--format", "csv"), CASES),
    ],
    ids=lambda value: "-".join(value) if "model" in value else "",
)
def test_commands_show_items_in_private_only(
    shop: Shop, command: tuple[str, ...], words: tuple[str, ...]
) -> None:
    said = shop.cli(*command, "--overlay", "held", "--edition", "private")
    assert said.code in {0, 3}
    out = said.out.replace("\\", "")  # Markdown escapes what could be markup
    assert [word for word in words if word not in out] == []
    assert "embargoed" in said.out.lower()
    plain = shop.cli(*command, "--edition", "private")
    assert not [word for word in M.values() if word in plain.out + plain.err]
    if "json" in command:
        found = json.loads(said.out)
        schema = all_schemas()[f"urn:threatmodel:schema:{found['format'].partition('/')[2]}-private:1"]
        jsonschema.Draft202012Validator(schema).validate(found)
        assert {key: value for key, value in found.items() if key != "embargoed"} == plain.json


@pytest.mark.parametrize("command", [("check", "model"), ("threats", "model"), SCAN, PLAN])
@pytest.mark.parametrize("public", ["ci", "edition"])
def test_an_overlay_with_the_public_edition_is_a_usage_error(
    shop: Shop, command: tuple[str, ...], public: str
) -> None:
    more = ("--edition", "public") if public == "edition" else ()
    said = shop.cli(*command, "--overlay", "held", *more, environ={"CI": "true"} if public == "ci" else None)
    assert said.code == 2
    assert "U050" in said.err
    assert "--edition private" in said.err
    assert said.out == ""


def test_a_build_is_public_unless_told_otherwise_so_an_overlay_is_refused(shop: Shop) -> None:
    for more in ((), ("--edition", "public")):
        said = shop.build("refused", "--overlay", "gone", *more)
        assert (said.code, "U050" in said.err) == (2, True)
    assert not (shop.cli.cwd / "refused").exists()


def test_a_build_that_is_called_as_a_function_refuses_too(shop: Shop) -> None:
    from collateral.bundle.build import Request, build
    from threatmodel.core.errors import UsageError

    class Anything:
        edition, release, overlay = "public", "1.0", object()

    with pytest.raises(UsageError, match="private edition only"):
        build(Anything())  # type: ignore[arg-type]  # nothing else is read before
    assert Request.__dataclass_fields__["overlay"].default is None


@pytest.mark.parametrize("where", ["model/held", "source/held", "source"])
def test_an_overlay_in_model_or_source_is_refused(shop: Shop, where: str) -> None:
    write_overlay(shop.cli.cwd / where, "project: tiny\n")
    for command in (("build", "model", "-o", "refused"), ("threats", "model")):
        said = shop.cli(*command, "--overlay", where, "--edition", "private")
        assert (said.code, "U051" in said.err) == (2, True)
    (shop.cli.cwd / where / "overlay.yaml").unlink()
    git(shop.cli.cwd / "source", "status")


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        (("threats", "model", "--overlay", "gone"), 2, "U052"),
        (("scan", "source", "--overlay", "held"), 2, "U013  --overlay without --model"),
        (("threats", "model", "--overlay", "other"), 4, "other/overlay.yaml:1  D074"),
        (("check", "model", "--overlay", "other"), 4, "other/overlay.yaml:1  D074"),
    ],
)
def test_what_is_wrong_is_said(shop: Shop, command: tuple[str, ...], code: int, told: str) -> None:
    write_overlay(shop.cli.cwd / "other", "project: other\n")
    said = shop.cli(*command, "--edition", "private")
    assert (said.code, told in said.err) == (code, True), said.err


def test_check_reads_the_overlay_and_tells_what_has_ended(shop: Shop) -> None:
    said = shop.cli("check", "model", "--overlay", "held")
    assert (said.code, "overlay: 1 threats" in said.err, "D075" in said.err) == (0, True, False)
    said = shop.cli("check", "model", "--overlay", "ended")
    assert said.code == 0
    assert said.err.count("D075  embargo ended on 2026-03-01") == 4
    assert not [word for word in M.values() if word in said.out + said.err]
    before = shop.cli("check", "model", "--overlay", "ended", "--as-of", "2026-02-28")
    assert "D075" not in before.err


def test_a_gate_leaves_embargoed_findings_out(shop: Shop) -> None:
    from collateral.gate.scanfile import read_scan_file

    file: Path = shop.cli.cwd / "held.sarif"
    shop.cli(*SCAN, "--format", "sarif", "-o", file.name, "--overlay", "held", "--edition", "private")
    assert M["RULE"] in file.read_text("utf-8")
    found = read_scan_file(file.read_bytes(), "held.sarif")
    assert found.findings
    assert M["RULE"] not in {finding.rule for finding in found.findings}
