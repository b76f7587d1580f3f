"""The promise: a public bundle tells nothing of an overlay, in no byte and whatever was built before it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from collateral.bundle.verify import verify_bundle
from tests.bundle.support import Shop, files_of
from tests.cli.harness import Said
from tests.collateral.support import read_json
from tests.overlay.support import DATE, MARKERS, MINE, overlay_text, readable, told, write_overlay
from tests.publish.support import make_shop

pytestmark = pytest.mark.bundle
WORDS = (*MARKERS.values(), DATE, "CWE-1342")
PRIVATE = ("--edition", "private", "--overlay", "held")
NAME = "tiny-1.0"


def said_parts(said: Said) -> list[tuple[str, bytes]]:
    return [("stdout", said.out.encode()), ("stderr", said.err.encode())]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    made = make_shop(tmp_path_factory.mktemp("shop"))
    init = made.cli.cwd / "model/__init__.py"
    init.write_text(init.read_text("utf-8").replace("Keeps notes", f"Keeps notes {MINE}"), "utf-8")
    threats = made.cli("threats", "model", "--format", "json").json["threats"]
    write_overlay(made.cli.cwd / "held", overlay_text(threats[0]["id"]))
    return made


@pytest.fixture(scope="module")
def before(shop: Shop) -> Path:
    """A public bundle of a machine that never saw an overlay."""
    assert shop.build("before", "--cache", "clean", "--archive").code == 3
    return shop.cli.cwd / "before"


@pytest.fixture(scope="module")
def private(shop: Shop, before: Path) -> Path:
    """Built first; the public one goes to the same folder, with the same cache."""
    assert shop.build("out", *PRIVATE, "--cache", "shared", "--archive").code == 3
    return shop.cli.cwd / f"out/{NAME}-private"


@pytest.fixture(scope="module")
def public(shop: Shop, private: Path) -> list[tuple[str, bytes]]:
    """Everything of the public build that somebody gets: bundle, archive, environment file, streams."""
    said = shop.build("out", "--cache", "shared", "--archive")
    assert said.code == 3
    parts = [
        p
        for p in readable(shop.cli.cwd / "out")
        if not p[0].removeprefix("name of ").startswith(private.name)
    ]
    assert any(name == f"{NAME}.environment.json" for name, _ in parts)
    return [*parts, *said_parts(said)]


def test_no_byte_of_a_public_bundle_tells_an_embargoed_word(public: list[tuple[str, bytes]]) -> None:
    found = told([*WORDS, MINE], public)
    assert found.pop(MINE), "the search finds nothing at all"
    assert {word: sorted(names)[:3] for word, names in found.items() if names} == {}


def test_a_public_bundle_has_no_word_for_an_overlay(shop: Shop, public: list[tuple[str, bytes]]) -> None:
    data = [(name, part) for name, part in public if not name.startswith(f"{NAME}/data/source.json")]
    assert [name for name, part in data if re.search(rb"embargoed|overlay\.(json|yaml)", part, re.I)] == []
    manifest = read_json(shop.cli.cwd / f"out/{NAME}/manifest.json")
    assert manifest["private_inputs"] == []
    assert not [name for name in files_of(shop.cli.cwd / f"out/{NAME}") if "overlay" in name]


def test_the_public_bytes_do_not_depend_on_a_private_build_before(
    shop: Shop, before: Path, public: list[tuple[str, bytes]]
) -> None:
    assert files_of(shop.cli.cwd / f"out/{NAME}") == files_of(before / NAME)
    packed = [(folder / f"{NAME}.tar.gz").read_bytes() for folder in (before, shop.cli.cwd / "out")]
    assert packed[0] == packed[1]


def test_nothing_of_an_overlay_is_kept_in_the_cache(shop: Shop, private: Path) -> None:
    found = told(WORDS, readable(shop.cli.cwd / "shared"))
    assert {word: names for word, names in found.items() if names} == {}


def test_a_private_bundle_before_tells_nothing_to_a_public_one(
    shop: Shop, private: Path, tmp_path: Path
) -> None:
    """Not a word, and not even whether it had an overlay."""
    assert shop.build("plain", "--edition", "private", "--cache", "clean").code == 3
    made = {}
    for name, previous in (("with", private), ("without", shop.cli.cwd / f"plain/{NAME}-private")):
        out = tmp_path / name
        said = shop.build(str(out), "--previous", str(previous), "--cache", "shared", "--archive")
        assert said.code == 3
        parts = [*readable(out), *said_parts(said)]
        assert [word for word, names in told(WORDS, parts).items() if names] == []
        made[name] = {**files_of(out / NAME), "archive": (out / f"{NAME}.tar.gz").read_bytes()}
    assert [path for path in made["with"] if made["with"][path] != made["without"].get(path)] == []
    history = json.loads(made["with"]["data/history.json"])
    assert history["previous"]["release"] == "1.0"
    assert history["previous"]["manifest_sha256"] == ""


def test_a_damaged_private_bundle_is_refused_without_naming_its_files(
    shop: Shop, private: Path, tmp_path: Path
) -> None:
    import shutil

    copy = shutil.copytree(private, tmp_path / private.name)
    (copy / "data/overlay.json").write_bytes(b"{}")
    said = shop.build(str(tmp_path / "out"), "--previous", str(copy))
    assert said.code == 13
    assert "overlay" not in said.err
    assert "V003" in said.err
    assert "overlay" in shop.build(str(tmp_path / "out"), "--previous", str(copy), "--edition", "private").err


M = MARKERS
THREAT = (M["THREATID"], M["TITLE"], M["DESCRIPTION"])
FINDING = (M["PATH"], M["RULE"], M["MESSAGE"])
CASE = (M["CASEID"], M["OBJECTIVE"], M["STEP"], M["ORACLE"])
SHOWN = {
    "index.html": (*THREAT, *FINDING, *CASE, M["REASON"]),
    "data/overlay.json": (*THREAT, *FINDING, *CASE, M["REASON"]),
    "data/threats.csv": (*THREAT, M["REASON"]),
    "data/findings.csv": FINDING,
    "data/pentest-plan.csv": CASE,
    "data/findings.sarif": FINDING,
    "pdf/threat-model.pdf text": (*THREAT, *FINDING, *CASE, M["REASON"]),
    "pdf/pentest-plan.pdf text": (*THREAT, *FINDING, *CASE, M["REASON"]),
    "pdf/release-findings.pdf text": (*THREAT, *FINDING, *CASE, M["REASON"]),
}


def test_the_private_bundle_shows_every_item_marked_with_owner_and_date(private: Path) -> None:
    parts = {name: data for name, data in readable(private) if name in SHOWN}
    found = told([*WORDS, "EMBARGOED"], parts.items())
    for name, words in SHOWN.items():
        marks = () if name == "data/findings.csv" else ("EMBARGOED",)
        missing = [word for word in (*words, *marks, DATE, M["OWNER"]) if name not in found[word]]
        assert missing == [], name


def test_covers_headers_and_the_top_of_the_site_say_so(private: Path) -> None:
    from pypdf import PdfReader

    page = (private / "index.html").read_text("utf-8")
    assert page.index(f"EMBARGOED: 4 items, the last until {DATE}") < page.index("<main")
    for path in sorted((private / "pdf").glob("*.pdf")):
        pages = [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(path).pages]
        assert [n for n, text in enumerate(pages, 1) if "EMBARGOED: 4 items" not in text] == [], path.name


def test_the_manifest_of_a_private_bundle_lists_the_overlay(shop: Shop, private: Path) -> None:
    import hashlib

    manifest = read_json(private / "manifest.json")
    digest = hashlib.sha256((shop.cli.cwd / "held/overlay.yaml").read_bytes()).hexdigest()
    assert manifest["private_inputs"] == [{"name": "overlay", "sha256": digest}]
    schema = read_json(private / "schemas/overlay.schema.json")
    jsonschema.Draft202012Validator(schema).validate(read_json(private / "data/overlay.json"))
    assert verify_bundle(private).problems == ()


def test_sarif_marks_the_findings_and_says_that_nobody_scanned(private: Path) -> None:
    log = read_json(private / "data/findings.sarif")
    (run,) = [run for run in log["runs"] if run["properties"].get("embargoed")]
    (result,) = run["results"]
    owner = f"Role {M['OWNER']}"
    assert result["properties"] == {"embargoed": {"owner": owner, "releaseDate": DATE, "state": "embargoed"}}
    assert result["message"]["text"].startswith(f"EMBARGOED until {DATE}, owner {owner}: ")
    assert run["properties"]["status"] == "written by hand"


def test_an_overlay_changes_no_other_number(shop: Shop, private: Path) -> None:
    shop.build("plain", "--edition", "private", "--cache", "clean")
    plain, held = files_of(shop.cli.cwd / f"plain/{NAME}-private"), files_of(private)
    same = (
        "threats.json",
        "claims.json",
        "history.json",
        "model.json",
        "first-seen.json",
        "pentest-plan.json",
    )
    assert [name for name in same if plain[f"data/{name}"] != held[f"data/{name}"]] == []
