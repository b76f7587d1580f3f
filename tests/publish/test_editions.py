"""Whole bundles: a public edition tells nothing of what is withheld, in no byte; a private one tells everything."""

from __future__ import annotations

import argparse
import io
import re
import shutil
from pathlib import Path

import jsonschema
import pytest

from collateral.cli.common import add_edition, edition
from collateral.cli.surroundings import Surroundings
from tests.bundle.support import Shop, files_of, runs
from tests.collateral.support import COMMIT_TIME, DAY, read_json
from tests.publish.support import (
    CLAIM_WORDS,
    FINDING_WORDS,
    SHOWN,
    make_shop,
    pdf_text,
    readable,
    told,
)

pytestmark = pytest.mark.bundle
WORDS = (*FINDING_WORDS, *CLAIM_WORDS)
WITHHELD = {"findings": 2, "claims": 1, "oldest": "2023-11-14", "until": "2024-02-12"}


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return make_shop(tmp_path_factory.mktemp("vault"))


@pytest.fixture(scope="module")
def public(vault: Shop) -> Path:
    said = vault.build("public", "--archive")
    assert said.code == 3
    assert not [word for word in WORDS if word in said.out + said.err]
    return vault.cli.cwd / "public"


@pytest.fixture(scope="module")
def private(vault: Shop) -> Path:
    assert vault.build("private", "--edition", "private").code == 3
    return vault.cli.cwd / "private"


def test_no_byte_of_a_public_edition_tells_what_is_withheld(public: Path) -> None:
    assert told(WORDS, public) == set()
    assert any(SHOWN in text for _, text in readable(public))


def test_the_number_the_oldest_date_and_the_end_are_everywhere(public: Path) -> None:
    bundle = public / "tiny-1.0"
    manifest = read_json(bundle / "manifest.json")
    assert (manifest["edition"], manifest["withheld"]) == ("public", WITHHELD)
    for run in runs(bundle).values():
        assert run["properties"]["withheld"] == WITHHELD
    page = (bundle / "index.html").read_text("utf-8")
    for text in (page, pdf_text((bundle / "pdf/threat-model.pdf").read_bytes())):
        assert text.count("2 findings of the scanners and 1 claim that the source contradicts") >= 3
        assert "first seen on 2023-11-14" in text
        assert "an edition of 2024-02-12 or later shows it" in text


def test_what_was_not_proven_cannot_be_told_from_what_is_withheld(public: Path) -> None:
    claims = read_json(public / "tiny-1.0/data/claims.json")
    states = {check["control"]: check for check in claims["checks"]}
    hidden, cover = states["vault-guard"], states["moved-guard"]
    assert {key for key in hidden if hidden[key] != cover[key]} == {"control", "kind", "text"}
    assert {check["state"] for check in claims["checks"]} == {"undisclosed"}
    threats = read_json(public / "tiny-1.0/data/threats.json")["threats"]
    assert "contradicted" not in {t["status"] for t in threats}


def test_rules_are_listed_for_findings_that_are_shown(public: Path) -> None:
    rules = {r["id"] for r in runs(public / "tiny-1.0")["bandit"]["tool"]["driver"]["rules"]}
    assert rules == {SHOWN}


def test_a_private_edition_tells_everything(private: Path) -> None:
    bundle = private / "tiny-1.0-private"
    assert {word for word, _ in told(WORDS, bundle)} == set(WORDS)
    assert read_json(bundle / "manifest.json")["withheld"] is None
    kept = read_json(bundle / "data/first-seen.json")
    schema = read_json(bundle / "schemas/first-seen.schema.json")
    jsonschema.Draft202012Validator(schema).validate(kept)
    assert {(s["kind"], s["withheld"], s["first_seen"]) for s in kept["sightings"]} == {
        ("claim", True, "2023-11-14"),
        ("finding", True, "2023-11-14"),
        ("finding", False, "2023-11-14"),
    }


def test_a_private_edition_says_so_on_every_page(private: Path) -> None:
    from pypdf import PdfReader

    bundle = private / "tiny-1.0-private"
    assert "<b>Private edition</b>" in (bundle / "index.html").read_text("utf-8")
    for path in sorted((bundle / "pdf").glob("*.pdf")):
        pages = [page.extract_text().lower() for page in PdfReader(path).pages]
        assert [n for n, text in enumerate(pages, 1) if "private edition" not in text] == [], path.name


def test_the_public_bundle_has_every_file_of_the_private_one_but_the_dates(
    public: Path, private: Path
) -> None:
    shown, all_ = files_of(public / "tiny-1.0"), files_of(private / "tiny-1.0-private")
    assert set(all_) - set(shown) == {"data/first-seen.json"}


def test_nothing_differs_where_something_else_is_withheld(vault: Shop, public: Path) -> None:
    """What two editions cannot tell apart, no reader can work out from one of them."""
    said = vault.build("other", tools="other")
    assert said.code == 3
    one, two = files_of(public / "tiny-1.0"), files_of(vault.cli.cwd / "other/tiny-1.0")
    assert [path for path in {**one, **two} if one.get(path) != two.get(path)] == []


def at(days: int) -> dict[str, str]:
    """The environment of a build that many days after the first."""
    return {"SOURCE_DATE_EPOCH": str(COMMIT_TIME + days * 24 * 3600)}


@pytest.mark.parametrize("previous", ["public/tiny-1.0", "private/tiny-1.0-private"])
def test_after_the_days_of_the_policy_everything_is_shown(
    vault: Shop, public: Path, private: Path, previous: str, tmp_path: Path
) -> None:
    for days, expected in ((89, set()), (90, set(WORDS))):
        out = tmp_path / str(days)
        assert vault.build(str(out), "--previous", previous, environ=at(days)).code == 3
        assert {word for word, _ in told(WORDS, out)} == expected


def test_what_was_mended_in_silence_is_told_when_its_days_are_over(
    vault: Shop, private: Path, tmp_path: Path
) -> None:
    """The release before is still in use, so its weakness is no news to publish at once."""
    mended = ("--source", "mended", "--previous")
    before = "private/tiny-1.0-private"
    next_ = tmp_path / "next"
    vault.build(str(next_), *mended, before, "--edition", "private", tools="quiet", environ=at(10))
    for name, days, previous in (
        ("straight", 10, before),
        ("later", 20, f"{next_}/tiny-1.0-private"),
    ):
        vault.build(str(tmp_path / name), *mended, previous, tools="quiet", environ=at(days))
        assert told(WORDS, tmp_path / name) == set()
    vault.build(str(tmp_path / "over"), *mended, before, tools="quiet", environ=at(90))
    assert "QRULE" in {word for word, _ in told(WORDS, tmp_path / "over")}


def test_a_public_decision_shows_its_finding_and_an_orphan_is_named(
    vault: Shop, private: Path, tmp_path: Path
) -> None:
    (result,) = [r for r in runs(private / "tiny-1.0-private")["bandit"]["results"] if r["ruleId"] == "QRULE"]
    item = (
        "  - {{finding: '{}', decision: accepted, reason: Known, owner: A Person, expires: 2030-01-01,\n"
        "     source: 'https://example.org/decision', note: a note}}\n"
    )
    prints = (result["partialFingerprints"]["threatmodel/v1"], "0" * 64)
    model = shutil.copytree(vault.cli.cwd / "model", tmp_path / "model")
    (model / "dispositions.yaml").write_text("findings:\n" + "".join(item.format(p) for p in prints))
    said = vault.build(str(tmp_path / "out"), "--source", "source", model=str(model))
    assert ":4  D015  no scanner of this run reports finding 000000000000" in said.err
    bundle = tmp_path / "out/tiny-1.0"
    (shown,) = [r for r in runs(bundle)["bandit"]["results"] if r["ruleId"] == "QRULE"]
    assert [s["status"] for s in shown["suppressions"]] == ["accepted"]
    assert read_json(bundle / "manifest.json")["withheld"]["findings"] == 1
    for text in (
        (bundle / "index.html").read_text("utf-8"),
        pdf_text((bundle / "pdf/threat-model.pdf").read_bytes()),
    ):
        assert "accepted by A Person until 2030-01-01" in text
        assert "Decision on finding 000000000000 (a note)" in text
    assert ",accepted,A Person,2030-01-01,https://example.org/decision" in (
        bundle / "data/findings.csv"
    ).read_text("utf-8")


def test_two_public_builds_have_the_same_bytes(vault: Shop, public: Path) -> None:
    vault.build("again")
    assert files_of(vault.cli.cwd / "again/tiny-1.0") == files_of(public / "tiny-1.0")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("claims", "model"), CLAIM_WORDS),
        (("claims", "model", "--format", "json"), CLAIM_WORDS),
        (("threats", "model", "--source", "source"), ("  contradicted  ",)),
        (("threats", "model", "--source", "source", "--format", "json"), ('"contradicted"',)),
        (("scan", "source", "--tools", "tools"), FINDING_WORDS[:3]),
        (("scan", "source", "--tools", "tools", "--format", "sarif"), FINDING_WORDS),
        (("scan", "source", "--tools", "tools", "--model", "model"), FINDING_WORDS[:3]),
        (("scan", "source", "--tools", "tools", "--model", "model", "--format", "json"), FINDING_WORDS[:2]),
    ],
    ids=lambda value: "-".join(value) if value[0] in {"claims", "threats", "scan"} else "",
)
def test_commands_withhold_in_the_logs_of_ci(
    vault: Shop, command: tuple[str, ...], words: tuple[str, ...]
) -> None:
    private, public = vault.cli(*command), vault.cli(*command, environ={"CI": "true"})
    assert [word for word in words if word not in private.out + private.err] == []
    assert [word for word in words if word in public.out + public.err] == []
    assert "withheld" in public.out + public.err
    if "sarif" in command:
        assert {run["properties"]["withheld"]["findings"] for run in public.json["runs"]} == {3}


@pytest.mark.parametrize(
    ("value", "shown"), [("", "private"), ("false", "private"), ("0", "private"), ("1", "public")]
)
def test_the_edition_follows_the_variable_ci_where_no_option_says_otherwise(
    vault: Shop, value: str, shown: str
) -> None:
    parser = argparse.ArgumentParser()
    add_edition(parser)
    around = Surroundings(
        environ={"CI": value}, cwd=vault.cli.cwd, now=DAY, stdout=io.StringIO(), stderr=io.StringIO()
    )
    assert edition(parser.parse_args([]), around) == shown
    assert edition(parser.parse_args(["--edition", "public"]), around) == "public"
    assert edition(parser.parse_args(["--edition", "private"]), around) == "private"


def test_without_a_model_a_scan_in_ci_shows_numbers_only(vault: Shop) -> None:
    said = vault.cli("scan", "source", "--tools", "tools", "--edition", "public")
    assert SHOWN not in said.out
    assert re.search("public edition: 3 findings withheld", said.err)
    said = vault.cli("scan", "source", "--tools", "tools", "--edition", "public", "--model", "model")
    assert SHOWN in said.out
    assert "public edition: 2 findings withheld" in said.err
