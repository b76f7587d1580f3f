"""Whole bundles: what is in them, what they say where something was not done, and that they are reproducible."""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import jsonschema
import pikepdf
import pytest

from collateral.bundle.build import Request, build
from collateral.bundle.manifest import verify
from scanners.protocol import ToolEnv
from scanners.run.scheduler import DEFAULT_LIMITS
from tests.bundle.conftest import SECRET
from tests.bundle.support import Shop, files_of, runs, undone
from tests.collateral.support import (
    BANDIT,
    COMMIT_TIME,
    DAY,
    REAL_TOOLS,
    SEMGREP,
    TOML,
    git,
    load_tiny,
    make_repository,
    make_tools,
    make_workspace,
    read_json,
    write_files,
)
from threatmodel.load import Loaded
from threatmodel.rules import load_packs, load_vocabulary

pytestmark = pytest.mark.bundle
SARIF_SCHEMA = Path(__file__).parents[3] / "shared/schemas/sarif/sarif-schema-2.1.0.json"
INSTALLED = [name for name in ("bandit", "semgrep") if (ToolEnv().beside / name).exists()]
DECISION = """dispositions:
  - threat: CORE-005@T1
    decision: accepted
    reason: Callers are few
    owner: A Person
    expires: 2023-11-14
    source: https://example.org/decision
"""


def check_sarif(bundle: Path) -> None:
    """Valid SARIF, where the official schema is at hand."""
    if not SARIF_SCHEMA.is_file():
        pytest.skip(f"the official SARIF schema is not at {SARIF_SCHEMA}")
    schema = read_json(SARIF_SCHEMA)
    jsonschema.validators.validator_for(schema)(schema).validate(read_json(bundle / "data/findings.sarif"))


def text_of(bundle: Path) -> str:
    """The page as text."""
    return (bundle / "index.html").read_text("utf-8")


def test_a_bundle_verifies_with_our_program_and_with_sha256sum(shop: Shop, built: Path) -> None:
    said = shop.cli("verify", "out/tiny-1.0")
    assert said.code == 0
    assert said.out == f"out/tiny-1.0: {len(files_of(built)) - 1} files, all as listed in SHA256SUMS\n"
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=built, check=True)


def test_a_changed_bundle_does_not_verify(shop: Shop, built: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(built, tmp_path / "copy")
    (copy / "data/threats.json").write_bytes(b"{}")
    (copy / "extra").write_bytes(b"")
    said = shop.cli("verify", str(copy))
    assert (said.code, said.out) == (13, "")
    assert [line.split("  ")[:2] for line in said.err.splitlines()] == [
        ["extra", "V004"],
        ["data/threats.json", "V003"],
    ]


def test_every_threat_leads_to_its_rule_on_the_page(built: Path) -> None:
    page = text_of(built)
    rules = {threat["rule"] for threat in read_json(built / "data/threats.json")["threats"]}
    assert rules
    assert all(f'id="rule={rule}"' in page and f'href="#rule={rule}"' in page for rule in rules)


def test_the_page_tells_what_has_no_answer_and_what_the_paths_stand_on(built: Path) -> None:
    page = text_of(built)
    coverage, paths = read_json(built / "data/coverage.json"), read_json(built / "data/paths.json")
    assert f"no answer to {coverage['unanswered']}" in page or f"{coverage['unanswered']} unanswered" in page
    assert paths["source"].startswith("commit ")
    assert f"Claims were checked against {paths['source']}" in page
    found = sum(pair["outcome"] == "path" for pair in paths["configurations"][0]["pairs"])
    assert found
    assert f'Attack paths <span class="count">{found}</span>' in page
    assert (built / "diagrams/paths-1.svg").is_file()


def test_results_of_another_tool_are_joined_to_the_model(shop: Shop, tmp_path: Path) -> None:
    place = {"artifactLocation": {"uri": "app/service.py"}, "region": {"startLine": 1}}
    found = {"ruleId": "x", "message": {"text": "Odd"}, "locations": [{"physicalLocation": place}]}
    runs = [{"tool": {"driver": {"name": "Other"}}, "results": [found]}]
    (tmp_path / "o.sarif").write_text(json.dumps({"version": "2.1.0", "runs": runs}))
    said = shop.build("out-sarif", "--sarif", str(tmp_path / "o.sarif"), "--edition", "private")
    assert said.code == 3
    assert "Scanner sarif-other: partial" in said.err
    log = read_json(next((shop.cli.cwd / "out-sarif").glob("*/data/findings.sarif")))
    (run,) = (run for run in log["runs"] if run["tool"]["driver"]["name"] == "sarif-other")
    assert run["results"][0]["properties"]["elements"]
    assert str(tmp_path) not in json.dumps(log)


def test_results_of_another_tool_without_a_source_tree_are_said_not_to_count(
    shop: Shop, tmp_path: Path
) -> None:
    runs = [{"tool": {"driver": {"name": "Other"}}, "results": []}]
    (tmp_path / "o.sarif").write_text(json.dumps({"version": "2.1.0", "runs": runs}))
    environ = {"SOURCE_DATE_EPOCH": str(COMMIT_TIME)}
    said = shop.build(
        "out-none", "--sarif", str(tmp_path / "o.sarif"), "--source", str(tmp_path / "gone"), environ=environ
    )
    assert said.code == 3
    assert "Results in o.sarif: there was no source tree" in said.err


def test_what_a_bundle_holds(built: Path) -> None:
    names = set(files_of(built))
    assert names >= {
        "index.html",
        "pdf/threat-model.pdf",
        "pdf/release-findings.pdf",
        "pdf/attack-surface.pdf",
        "pdf/threat-register.pdf",
        "pdf/executive-brief.pdf",
        "pdf/operator-checklist.pdf",
        "pdf/101.pdf",
        "data/model.json",
        "data/threats.json",
        "data/claims.json",
        "data/findings.sarif",
        "diagrams/overview.svg",
        "diagrams/whole.svg",
        "diagrams/boundary-host.png",
        "diagrams/view-front.dot",
        "manifest.json",
        "SHA256SUMS",
    }
    listed = [row["path"] for row in read_json(built / "manifest.json")["files"]]
    assert listed == sorted(names - {"manifest.json", "SHA256SUMS"})


def test_data_files_are_valid_against_the_schemas_beside_them(built: Path) -> None:
    manifest = read_json(built / "manifest.json")
    pairs = [(row["path"], row["schema"]) for row in manifest["files"] if row["schema"]]
    names = (
        "advisories",
        "claims",
        "coverage",
        "engagements",
        "history",
        "model",
        "ownership",
        "paths",
        "pentest-plan",
        "rules",
        "source",
        "threats",
    )
    assert {path for path, _ in pairs} == {f"data/{name}.json" for name in names}
    for path, schema_path in [*pairs, ("manifest.json", "schemas/manifest.schema.json")]:
        schema = read_json(built / schema_path)
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        jsonschema.Draft202012Validator(schema).validate(read_json(built / path))
    assert {row["size"] for row in manifest["files"]} == {
        len(data) for name, data in files_of(built).items() if name not in {"manifest.json", "SHA256SUMS"}
    }


def test_findings_carry_where_they_belong_and_the_sarif_is_valid(built: Path) -> None:
    (result,) = runs(built)["bandit"]["results"]
    assert result["properties"]["component"] == "app"
    assert result["properties"]["elements"] == ["service"]
    assert [link["id"] for link in result["properties"]["threats"]] == ["CORE-005@T1"]
    assert all(run["invocations"][0]["executionSuccessful"] for run in runs(built).values())
    check_sarif(built)


def test_nothing_of_the_machine_is_in_a_bundle(shop: Shop, built: Path) -> None:
    words = {str(shop.cli.cwd), str(Path(sys.prefix)), str(Path(__file__).parents[2]), SECRET, "/tmp/"}
    words |= {name for name in (platform.node(), getpass.getuser()) if len(name) > 5}
    for name, data in files_of(built).items():
        if not name.endswith((".png", ".pdf")):
            found = [word for word in words if word.encode() in data]
            assert found == [], name
    with pikepdf.open(built / "pdf/threat-model.pdf") as pdf:
        info = repr({key: str(value) for key, value in pdf.docinfo.items()}) + str(pdf.open_metadata())
    assert [word for word in words if word in info] == []


def test_a_second_build_with_a_warm_cache_gives_the_same_bytes(shop: Shop, built: Path) -> None:
    assert shop.build("again").code == 0
    assert files_of(shop.cli.cwd / "again/tiny-1.0") == files_of(built)


BREAKS = {
    "crash": "sys.stderr.write('went wrong'); sys.exit(3)",
    "garbage": "open(out, 'w').write('no json')",
    "silence": "pass",
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_scanner_that_breaks_is_told_and_the_bundle_is_built(shop: Shop, name: str) -> None:
    make_tools(shop.cli.cwd / f"tools-{name}", bandit=BANDIT, semgrep=BREAKS[name])
    said = shop.build(f"out-{name}", tools=f"tools-{name}")
    bundle = shop.cli.cwd / f"out-{name}" / "tiny-1.0"
    assert (said.code, said.out) == (3, f"out-{name}/tiny-1.0\n")
    assert said.err.startswith("not done: Scanner semgrep: failed: ")
    assert verify(bundle) == ()
    assert undone(bundle)["Scanner semgrep"].startswith("failed: ")
    found = runs(bundle)
    assert found["semgrep"]["invocations"][0]["executionSuccessful"] is False
    assert found["bandit"]["invocations"][0]["executionSuccessful"] is True
    assert found["semgrep"]["results"] == []
    page = text_of(bundle)
    assert "What semgrep would have found is not known." in page
    assert "no findings" not in page.lower()
    check_sarif(bundle)


@pytest.mark.skipif(bool(INSTALLED), reason="scanners are installed beside the interpreter")
def test_missing_scanners_are_told_and_the_bundle_is_built(shop: Shop) -> None:
    tools = make_tools(shop.cli.cwd / "tools-none", bandit=None, semgrep=None)
    git_only = shop.cli.cwd / "only-git"
    git_only.mkdir()
    (git_only / "git").symlink_to(shutil.which("git") or "git")
    said = shop.build("out-none", tools=tools.name, environ={"PATH": str(git_only)})
    bundle = shop.cli.cwd / "out-none" / "tiny-1.0"
    assert said.code == 3
    assert undone(bundle) == {f"Scanner {name}": "skipped: not installed" for name in ("bandit", "semgrep")}
    assert {run["invocations"][0]["executionSuccessful"] for run in runs(bundle).values()} == {False}
    assert "no findings" not in text_of(bundle).lower()
    assert read_json(bundle / "manifest.json")["headline"] == ""  # the claims were checked
    check_sarif(bundle)


@pytest.fixture(scope="module")
def loaded(shop: Shop) -> Loaded:
    return load_tiny(shop.cli.cwd / "direct" / "model")


def request_for(shop: Shop, loaded: Loaded, output: Path) -> Request:
    """A build without the command line."""
    return Request(
        model=shop.cli.cwd / "model",
        loaded=loaded,
        rules=load_packs(loaded.manifest.packs, load_vocabulary()),
        dispositions=(),
        configuration="guarded",
        source=None,
        base=shop.cli.cwd,
        release="1.0",
        output=output,
        cache=shop.cli.cwd / "cache" / "threatmodel",
        tools=(shop.cli.cwd / "tools",),
        environ={"PATH": os.environ["PATH"]},
        epoch=None,
        stderr=StringIO(),
    )


def test_a_scanner_that_hangs_is_stopped_and_told(shop: Shop, loaded: Loaded, tmp_path: Path) -> None:
    tools = make_tools(tmp_path / "tools", bandit="time.sleep(600)", semgrep=SEMGREP)
    request = replace(
        request_for(shop, loaded, tmp_path / "out"),
        tools=(tools,),
        limits=replace(DEFAULT_LIMITS, wall_seconds=3),
    )
    report = build(request)
    assert undone(report.folder)["Scanner bandit"].startswith("failed: timed out")
    assert runs(report.folder)["bandit"]["invocations"][0]["executionSuccessful"] is False


def test_a_build_without_scanners_says_so(shop: Shop, loaded: Loaded, tmp_path: Path) -> None:
    report = build(replace(request_for(shop, loaded, tmp_path / "out"), scan=False))
    assert undone(report.folder) == {"Scanners": "switched off for this build"}
    assert "No scanner was run" in text_of(report.folder)
    check_sarif(report.folder)


UNREACHABLE = {
    "folder": ("no-such-folder@1.0", "a local source tree"),
    "login": ("https://someone:s3cret-word@127.0.0.1:9/x/y.git@v1", "https://127.0.0.1:9/x/y.git@v1"),
    "file": ("file:///no/such/place-of-mine.git@v1", "a local source tree"),
}


@pytest.mark.parametrize("kind", UNREACHABLE)
def test_without_its_source_a_bundle_says_that_nothing_was_looked_at(shop: Shop, kind: str) -> None:
    source, name = UNREACHABLE[kind]
    init = (shop.cli.cwd / "model/__init__.py").read_text()
    files = {"__init__.py": init, "threatmodel.toml": TOML.replace("../source", source)}
    write_files(shop.cli.cwd / f"blind-{kind}", files)
    said = shop.build(f"out-{kind}", model=f"blind-{kind}", environ={"SOURCE_DATE_EPOCH": str(COMMIT_TIME)})
    bundle = shop.cli.cwd / f"out-{kind}" / "tiny-1.0"
    assert said.code == 3, said.err
    assert "s3cret" not in said.err
    assert verify(bundle) == ()
    manifest = read_json(bundle / "manifest.json")
    assert manifest["headline"] == "Not checked against a source tree, no scanner was run"
    assert manifest["source_name"] == name
    assert manifest["headline"] in text_of(bundle)
    assert set(undone(bundle)) == {"Source tree", "Controls", "Scanners"}
    (run,) = runs(bundle).values()
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is False
    check_sarif(bundle)
    claims = read_json(bundle / "data/claims.json")
    assert {row["state"] for row in claims["controls"]} == {"not-checked"}
    threats = read_json(bundle / "data/threats.json")["threats"]
    assert {row["status"] for row in threats} == {"open"}
    assert {t["by_configuration"]["guarded"]["status"] for t in threats} == {"open", "unverified"}
    for path, data in files_of(bundle).items():
        assert b"s3cret" not in data, path
        assert b"place-of-mine" not in data, path


def test_the_date_is_that_of_the_source_unless_one_is_given(shop: Shop, built: Path) -> None:
    assert read_json(built / "manifest.json")["date"] == DAY.strftime("%Y-%m-%dT%H:%M:%SZ")
    model = shutil.copytree(shop.cli.cwd / "model", shop.cli.cwd / "decided")
    write_files(model, {"dispositions.yaml": DECISION})
    status = {}
    for epoch in (COMMIT_TIME, COMMIT_TIME + 86_400):
        output = f"out-{epoch}"
        assert shop.build(output, model="decided", environ={"SOURCE_DATE_EPOCH": str(epoch)}).code == 0
        bundle = shop.cli.cwd / output / "tiny-1.0"
        threats = read_json(bundle / "data/threats.json")["threats"]
        status[epoch] = next(t["status"] for t in threats if t["id"] == "CORE-005@T1")
    assert list(status.values()) == ["accepted", "open"]
    assert read_json(bundle / "manifest.json")["date"].startswith("2023-11-15")
    assert "2023-11-15" in text_of(bundle)
    assert "2023-11-14" not in text_of(bundle).replace("until 2023-11-14", "")
    with pikepdf.open(bundle / "pdf/threat-model.pdf") as pdf:
        dates = {str(pdf.docinfo[key])[:10] for key in ("/CreationDate", "/ModDate") if key in pdf.docinfo}
    assert dates == {"D:20231115"}


@pytest.mark.parametrize("epoch", ["0", "253402300799"])
def test_far_dates(shop: Shop, epoch: str) -> None:
    said = shop.build(f"out-far-{epoch}", environ={"SOURCE_DATE_EPOCH": epoch})
    assert said.code == 0, said.err


def test_an_output_in_the_way_is_left_alone(shop: Shop) -> None:
    taken = shop.cli.cwd / "taken"
    taken.mkdir()
    (taken / "tiny-1.0").write_text("mine")
    said = shop.build("taken")
    assert (said.code, said.out) == (2, "")
    assert said.err == "U010  in the way of the new folder: {cwd}/taken/tiny-1.0\n"
    assert [path.name for path in taken.iterdir()] == ["tiny-1.0"]


def test_a_disk_that_is_full_half_way_leaves_the_old_bundle(shop: Shop, built: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the small files are written, then one cannot be."""
    largest = max(len(data) for data in files_of(built).values())
    shutil.copytree(built, tmp_path / "out" / "tiny-1.0")
    program = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({largest - 1}, {largest - 1}));"
        "from collateral.cli.main import entry; entry()"
    )
    argv = ["build", "model", "-o", str(tmp_path / "out"), "--tools", "tools"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", program, *argv, "--cache", "cache/threatmodel"],
        cwd=shop.cli.cwd,
        env=env,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"U010  File too large")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["tiny-1.0"]
    assert files_of(tmp_path / "out" / "tiny-1.0") == files_of(built)


def place_of(folder: Path, other: bool) -> Path:
    """One of two places for the same model, source and tools."""
    deep = folder / ("a/very/different/place with space" if other else "one")
    deep.mkdir(parents=True)
    make_workspace(deep, source=False)
    make_repository(deep / "source")
    if not all((REAL_TOOLS / name).exists() for name in ("bandit", "semgrep")):
        make_tools(deep / "tools")
    else:
        (deep / "tools").symlink_to(REAL_TOOLS)
    return deep


@pytest.mark.slow
@pytest.mark.tools
def test_the_same_inputs_give_the_same_bytes_everywhere(tmp_path: Path) -> None:
    """Other place, time zone, locale, hash seed, umask, home and a cold cache."""
    program = (
        "import os, sys; os.umask(int(sys.argv.pop(1), 8)); from collateral.cli.main import entry; entry()"
    )
    ways = (
        {"TZ": "UTC", "LANG": "C.UTF-8", "PYTHONHASHSEED": "1", "umask": "022"},
        {
            "TZ": "Pacific/Chatham",
            "LANG": "de_DE.UTF-8",
            "LC_ALL": "C",
            "PYTHONHASHSEED": "4242",
            "umask": "077",
        },
    )
    found = []
    for number, way in enumerate(ways):
        here = place_of(tmp_path, bool(number))
        home = here / f"home{number}"
        home.mkdir()
        env = {key: value for key, value in way.items() if key != "umask"}
        env |= {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
        argv = ["build", "model", "-o", "out", "--tools", "tools", "--cache", f"cold{number}"]
        done = subprocess.run(
            [sys.executable, "-c", program, way["umask"], *argv],
            cwd=here,
            env=env,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        found.append(files_of(here / "out/tiny-1.0"))
        assert git(here / "source", "status", "--porcelain") == ""
    assert list(found[0]) == list(found[1])
    assert [name for name in found[0] if found[0][name] != found[1][name]] == []


def test_the_environment_is_told_beside_the_bundle_only(shop: Shop, built: Path) -> None:
    value = json.loads((shop.cli.cwd / "out/tiny-1.0.environment.json").read_bytes())
    assert {"confinement", "python", "machine", "system", "tools", "seconds"} == set(value)
    assert re.fullmatch(r"3\.\d+\.\d+\S*", value["python"])
    assert sorted(path.name for path in (shop.cli.cwd / "out").iterdir()) == [
        "tiny-1.0",
        "tiny-1.0.environment.json",
    ]


def test_a_stub_that_nobody_filled_in_is_not_published(shop: Shop) -> None:
    folder = shutil.copytree(shop.cli.cwd / "model", shop.cli.cwd / "stubbed")
    with (folder / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("# TODO(drift): what checks this key?\n")
    said = shop.build("stubbed-out", model="stubbed")
    assert said.code == 4
    assert "D051" in said.err
    assert "stubbed/__init__.py:" in said.err
    assert not (shop.cli.cwd / "stubbed-out").exists()
