"""A bundle beside the one before: SARIF states, history, the release document, and bundles that are refused."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pypdf
import pytest

from tests.bundle.support import Shop, files_of, runs
from tests.bundle.test_build import check_sarif
from tests.collateral.support import SOURCE, make_repository, make_tools, read_json

pytestmark = pytest.mark.bundle
LATER = {
    **SOURCE,
    "app/service.py": "# moved\n\n" + SOURCE["app/service.py"].replace("eval(url)", "open(url)"),
}
QUIET = (
    'write({"results": [], "errors": [], "metrics": {"./" + name: {} for name in python} | {"_totals": {}}})'
)
MOVED = """
write({"results": [{
    "test_id": "B900", "test_name": "no_limit", "issue_text": "Calls without a limit", "issue_severity": "MEDIUM",
    "issue_confidence": "HIGH", "issue_cwe": {"id": 400}, "filename": "./app/service.py", "line_number": 8,
    "line_range": [8], "col_offset": 4, "end_col_offset": 20, "more_info": "https://example.org/B900"}],
    "errors": [], "metrics": {"./" + name: {} for name in python} | {"_totals": {}}})
"""


@pytest.fixture(scope="module")
def later(shop: Shop, built: Path) -> Mapping[str, Path]:
    """Bundles beside the first one: the same line moved, the line mended, and no scanner."""
    here = shop.cli.cwd
    make_repository(here / "later", LATER)
    make_repository(here / "moved", {**SOURCE, "app/service.py": "# moved\n\n" + SOURCE["app/service.py"]})
    make_tools(here / "quiet", bandit=QUIET)
    make_tools(here / "shifted", bandit=MOVED)
    cases = {
        "moved": ("--source", "moved", "--tools", "shifted"),
        "mended": ("--source", "later", "--tools", "quiet"),
        "silent": ("--source", "later", "--no-scan"),
    }
    made = {}
    for name, (*options,) in cases.items():
        said = shop.cli("build", "model", "-o", f"out-{name}", "--previous", "out/tiny-1.0", *options)
        assert said.code in {0, 3}, said
        made[name] = here / f"out-{name}" / "tiny-1.0"
    return made


def results(bundle: Path) -> list[dict[str, Any]]:
    return [result for run in runs(bundle).values() for result in run["results"]]


def words(bundle: Path) -> str:
    pages = pypdf.PdfReader(io.BytesIO((bundle / "pdf/release-findings.pdf").read_bytes())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())


@pytest.mark.parametrize(
    ("name", "states"), [("moved", ["unchanged"]), ("mended", ["absent"]), ("silent", [])]
)
def test_sarif_has_the_states_and_stays_valid(
    later: Mapping[str, Path], name: str, states: list[str]
) -> None:
    assert [result["baselineState"] for result in results(later[name])] == states
    check_sarif(later[name])


def test_first_bundle_compares_nothing_and_says_so(built: Path) -> None:
    assert all("baselineState" not in result for result in results(built))
    assert set(results(built)[0]["partialFingerprints"]) == {
        "threatmodel/v1",
        "threatmodelLine/v1",
        "threatmodelScope/v1",
        "threatmodelContext/v1",
    }
    history = read_json(built / "data/history.json")
    assert (history["previous"], history["changes"]) == (None, [])
    assert history["notes"] == ["no earlier bundle was given"]
    said = words(built)
    assert "No earlier bundle was given" in said
    assert "What got worse" not in said


def test_release_document_tells_what_was_fixed_and_what_was_not_looked_at(
    later: Mapping[str, Path],
) -> None:
    assert "3.1 Findings (1)" in words(later["mended"])
    assert "compared with the bundle of 1.0 of 2023-11-14" in words(later["mended"])
    silent = words(later["silent"])
    assert "bandit did not run for this release" in silent
    assert "3.1 Findings" not in silent


def test_site_has_a_chapter_of_changes(built: Path, later: Mapping[str, Path]) -> None:
    assert "No earlier bundle was given." in (built / "index.html").read_text("utf-8")
    page = (later["mended"] / "index.html").read_text("utf-8")
    assert "Changes since 1.0" in page
    assert "What was fixed or got better (1)" in page


def test_history_is_valid_and_carries_what_was_not_looked_at(later: Mapping[str, Path]) -> None:
    for bundle in later.values():
        schema = read_json(bundle / "schemas/history.schema.json")
        jsonschema.Draft202012Validator(schema).validate(read_json(bundle / "data/history.json"))
    entries = read_json(later["silent"] / "data/history.json")["entries"]
    assert [(e["state"], e["trace"]["path"]) for e in entries if e["kind"] == "finding"] == [
        ("not-checked", "app/service.py")
    ]


def test_same_input_same_bytes(shop: Shop, later: Mapping[str, Path]) -> None:
    options = ("--source", "later", "--tools", "quiet", "--previous", "out/tiny-1.0")
    environ = {"TZ": "Pacific/Kiritimati", "LANG": "de_DE.UTF-8"}
    said = shop.cli("build", "model", "-o", "out-again", *options, environ=environ)
    assert said.code == 0, said
    assert files_of(shop.cli.cwd / "out-again" / "tiny-1.0") == files_of(later["mended"])


def test_bundle_that_does_not_verify_is_refused(shop: Shop, built: Path) -> None:
    copy = shutil.copytree(built, shop.cli.cwd / "tampered")
    (copy / "data/history.json").write_bytes(json.dumps({}).encode())
    said = shop.cli("build", "model", "-o", "none", "--previous", "tampered")
    assert (said.code, said.err.split("  ")[:2]) == (13, ["data/history.json", "V003"])
    assert not (shop.cli.cwd / "none" / "tiny-1.0").exists()
    assert shop.cli("build", "model", "-o", "none", "--previous", "nowhere").code == 2
