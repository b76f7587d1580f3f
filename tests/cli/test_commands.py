"""Each command where everything is well: what it prints, in a form that programs can rely on."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import TypeAdapter

from collateral.bundle.exports import ClaimsFile, schema
from collateral.bundle.threats import ThreatsFile
from scanners.finding import ScanResult
from scanners.registry import BUILT_IN
from tests.cli.harness import Cli
from tests.cli.test_errors import run_program
from tests.collateral.support import COMMIT_TIME, INIT, make_tools, make_workspace, write_files
from threatmodel.system import STRIDE

JSON_COMMANDS = {
    "check": ("check", "model", "--format", "json"),
    "threats": ("threats", "model", "--format", "json"),
    "claims": ("claims", "model", "--format", "json"),
    "scan": ("scan", "source", "--tools", "tools", "--format", "json"),
    "sarif": ("scan", "source", "--tools", "tools", "--format", "sarif"),
    "doctor": ("doctor", "--format", "json"),
    "configurations": ("configurations", "model", "--format", "json"),
    "cover": ("configurations", "model", "--cover", "--analyse", "--format", "json"),
}


def test_check(cli: Cli) -> None:
    said = cli("check", "model")
    lines = said.out.splitlines()
    assert said.code == 0
    assert lines[0] == "tiny · guarded (auth=token)"
    assert lines[1].startswith("3 elements  3 flows, 2 across boundaries  2 boundaries")
    assert re.fullmatch(r"Host +2 +4 +critical +3 +1 +0", lines[-1])
    assert "tiny · bare (auth=none)" in cli("check", "model", "--config", "bare").out


@pytest.mark.parametrize(
    ("enabled", "named", "ran"),
    [
        ('["bandit"]', (), ["bandit"]),
        ('["semgrep", "bandit"]', ("semgrep",), ["semgrep"]),
    ],
)
def test_a_model_or_an_option_says_which_scanners_run(
    tmp_path: Path, enabled: str, named: tuple[str, ...], ran: list[str]
) -> None:
    make_tools(make_workspace(tmp_path) / "tools")
    manifest = tmp_path / "model/threatmodel.toml"
    manifest.write_text(f"{manifest.read_text()}\n[scanners]\nenabled = {enabled}\n")
    cli = Cli(cwd=tmp_path, path=os.environ["PATH"])
    options = [word for name in named for word in ("--scanner", name)]
    said = cli("scan", "source", "--tools", "tools", "--model", "model", "--format", "json", *options)
    assert [scan["scanner"] for scan in json.loads(said.out)["scans"]] == ran


def test_results_of_another_tool_stand_beside_ours(cli: Cli, tmp_path: Path) -> None:
    place = {"artifactLocation": {"uri": "app/service.py"}, "region": {"startLine": 1}}
    found = {"ruleId": "x", "message": {"text": "Odd"}, "locations": [{"physicalLocation": place}]}
    file = tmp_path / "other.sarif"
    runs = [{"tool": {"driver": {"name": "Other"}}, "results": [found]}]
    file.write_text(json.dumps({"version": "2.1.0", "runs": runs}))
    said = cli("scan", "source", "--tools", "tools", "--sarif", str(file))
    assert said.code == 3, said.err
    assert "app/service.py:1  warning  x  Odd" in said.out.splitlines()
    assert (
        "sarif-other unknown: partial (the file does not say which files the tool read), 1 finding, 0 of 0 files"
        in said.out
    )
    wrong = tmp_path / "wrong.sarif"
    wrong.write_text("{}")
    said = cli("scan", "source", "--tools", "tools", "--sarif", str(wrong))
    assert said.code == 4
    assert "S020  no list of runs" in said.err
    assert cli("scan", "source", "--sarif", str(tmp_path / "none")).code == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["go-modul=models"], 'no scanner reads a folder of this name; did you mean "go-modules"?'),
        (["go-modules=none"], "none is not a folder"),
        (["go-modules"], "nothing is not a folder"),
        (["go-modules=.", "go-modules=."], "it is named twice"),
    ],
)
def test_folders_for_tools_are_checked(given: list[str], message: str, cli: Cli) -> None:
    for command in (("scan", "source"), ("doctor",)):
        said = cli(*command, *(word for text in given for word in ("--tool-data", text)))
        assert said.code == 2
        assert said.err.startswith("S015  --tool-data ")
        assert message in said.err


def test_an_unknown_scanner_is_a_usage_error(cli: Cli) -> None:
    said = cli("scan", "source", "--scanner", "bandt")
    assert (said.code, said.err) == (2, 'S010  no scanner is named "bandt"; did you mean "bandit"?\n')


@pytest.mark.slow
def test_check_as_json_agrees_with_the_threats(cli: Cli) -> None:
    value = cli(*JSON_COMMANDS["check"]).json
    threats = cli(*JSON_COMMANDS["threats"], "--config", "guarded").json["threats"]
    assert (value["project"], value["configuration"]) == ("tiny", "guarded")
    assert [row["boundary"] for row in value["boundaries"]] == ["outside", "host"]
    assert sum(row["threats"] for row in value["boundaries"]) == len(threats)
    assert sum(row["statuses"]["unverified"] for row in value["boundaries"]) == 1


@pytest.mark.slow
def test_threats_as_json_has_the_documented_shape(cli: Cli) -> None:
    value = cli(*JSON_COMMANDS["threats"]).json
    jsonschema.Draft202012Validator(schema("threats", ThreatsFile)).validate(value)
    ids = [threat["id"] for threat in value["threats"]]
    assert ids == sorted(ids)
    assert len(ids) == 4
    for threat in value["threats"]:
        target = threat["target"]
        assert threat["id"] == f"{threat['rule']}@{target['id']}"
        assert target["kind"] in {"element", "flow"}
        assert threat["stride"] in STRIDE
        assert all(re.fullmatch(r"CWE-\d+", weakness) for weakness in threat["cwe"])
        assert set(threat["by_configuration"]) <= set(value["configurations"]) == {"guarded", "bare"}
        for result in threat["by_configuration"].values():
            assert {"status", "risk", "controls"} <= set(result)
        assert threat["risk"] in {"low", "medium", "high", "critical"}
    spoofing = next(threat for threat in value["threats"] if threat["id"] == "CORE-001@T1")
    assert spoofing["adversaries"] == ["stranger"]
    assert spoofing["status"] == "open"  # the worst: nothing guards it in the configuration `bare`
    assert spoofing["by_configuration"]["guarded"]["status"] == "unverified"
    assert spoofing["by_configuration"]["guarded"]["controls"] == ["caller-tokens"]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_json_goes_to_a_file_too(cli: Cli, tmp_path: Path, form: str) -> None:
    config = ("--config", "guarded")
    said = cli(
        "threats", "model", *config, "--format", form, "--json-file", str(tmp_path / "out/threats.json")
    )
    plain = cli("threats", "model", *config, "--format", form)
    assert (said.code, said.out) == (plain.code, plain.out)
    written = (tmp_path / "out/threats.json").read_text("utf-8")
    assert written == cli(*JSON_COMMANDS["threats"], *config).out
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["threats.json"]


@pytest.mark.slow
def test_json_that_cannot_be_written_is_told(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    said = cli("threats", "model", "--json-file", str(tmp_path / "taken/threats.json"))
    assert said.code == 2
    assert "U010" in said.err


@pytest.mark.slow
def test_threats_of_one_configuration(cli: Cli) -> None:
    value = cli(*JSON_COMMANDS["threats"], "--config", "guarded").json
    assert value["configurations"] == ["guarded"]
    assert {name for threat in value["threats"] for name in threat["by_configuration"]} == {"guarded"}
    assert value["threats"][0]["status"] == "unverified"
    everything = cli(*JSON_COMMANDS["threats"], "--all-configs")
    assert everything.out == cli(*JSON_COMMANDS["threats"]).out


@pytest.mark.slow
def test_threats_against_a_source(cli: Cli) -> None:
    said = cli(*JSON_COMMANDS["threats"], "--source", "source@1.0")
    found = {threat["id"]: threat["by_configuration"]["guarded"]["status"] for threat in said.json["threats"]}
    assert (said.code, found["CORE-001@T1"]) == (0, "mitigated")


@pytest.mark.slow
def test_threats_as_text_and_markdown(cli: Cli) -> None:
    text = cli("threats", "model").out.splitlines()
    assert re.match(r"CORE-001@T1 +unverified +critical +spoofing ", text[0])
    assert text[-1] == "4 threats (guarded)"
    assert (
        cli("threats", "model", "--all-configs")
        .out.splitlines()[-1]
        .endswith("(all configurations, the worst)")
    )
    table = cli("threats", "model", "--format", "markdown").out.splitlines()
    assert len(table) == 2 + 4
    assert all(row.startswith("| ") and row.endswith(" |") for row in table)
    assert table[2].endswith(
        "| release-gating: critical, and nothing proven stands against it | no CVSS vector is given |"
    )


def test_configurations(cli: Cli) -> None:
    lines = cli("configurations", "model").out.splitlines()
    assert lines[0] == "* guarded    3 elements    3 flows  Callers show a token"
    assert lines[1].strip() == "auth=token"
    assert lines[-1] == "2 configurations, * is the default"
    value = cli(*JSON_COMMANDS["configurations"]).json
    assert [row["options"] for row in value["configurations"]] == [{"auth": "token"}, {"auth": "none"}]


@pytest.mark.slow
def test_a_cover_is_counted_and_analysed(cli: Cli) -> None:
    said = cli("configurations", "model", "--cover", "--structural", "auth", "--analyse")
    assert said.out.splitlines() == [
        "structural options: auth: 2 valid of 2",
        "pairwise cover of all options: 0 combinations more; 0 of 0 pairs of values held, "
        "no valid combination found for 0",
        "2 combinations",
        "analysed: 2 without an error, 4 threats in at least one of them",
    ]
    assert cli(*JSON_COMMANDS["cover"]).json["threats"] is not None


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--analyse",), "U016"),
        (("--structural", "auth"), "U016"),
        (("--cover", "--structural", "auht"), 'U015  no option "auht"; did you mean "auth"?'),
    ],
)
def test_a_cover_that_says_nothing(cli: Cli, argv: tuple[str, ...], said: str) -> None:
    found = cli("configurations", "model", *argv)
    assert (found.code, found.out) == (2, "")
    assert said in found.err


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "threats"])
def test_an_option_is_changed_on_the_command_line(cli: Cli, command: str) -> None:
    changed = cli(command, "model", "--set", "auth=none", "--format", "json").json
    name = "guarded+auth=none"
    assert name in (changed.get("configuration"), *changed.get("configurations", ()))
    bare = cli(command, "model", "--config", "bare", "--format", "json").json
    if command == "check":
        assert changed["boundaries"] == bare["boundaries"]
    else:
        assert [t["id"] for t in changed["threats"]] == [t["id"] for t in bare["threats"]]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("auth", "U015"),
        ("atuh=none", 'M014  no option "atuh"; did you mean "auth"?'),
        ("auth=nobody", 'M014  option auth cannot be "nobody"'),
    ],
)
def test_a_change_that_is_wrong_is_a_usage_error(cli: Cli, word: str, said: str) -> None:
    found = cli("check", "model", "--set", word)
    assert (found.code, found.out) == (2, "")
    assert said in found.err


@pytest.mark.slow
def test_claims(cli: Cli) -> None:
    said = cli("claims", "model")
    assert said.code == 0
    assert said.out.splitlines()[:2] == [
        "caller-tokens  verified  app/service.py has /^def check_token/",
        "    app/service.py:1  def check_token(token):",
    ]
    assert said.out.splitlines()[-5:] == [
        "1 control, each at its weakest of 2 configurations:",
        "    claim for a program  1  100 %",
        "    attested by a person  0  0 %",
        "    proposed  0  0 %",
        "    no claim  0  0 %",
    ]
    value = cli(*JSON_COMMANDS["claims"]).json
    jsonschema.Draft202012Validator(schema("claims", ClaimsFile)).validate(value)
    assert [check["state"] for check in value["checks"]] == ["verified"]
    assert re.fullmatch(r"[0-9a-f]{40}", value["source_commit"])


@pytest.mark.slow
def test_claims_that_are_not_proven_come_first(cli: Cli, tmp_path: Path) -> None:
    claims = ", ".join(
        (
            'present("app/service.py", "^def check_token")',
            'proposed("It is so", evidence="https://example.org/x")',
            'value("app/service.py", "x", 1)',
            'present("gone.py", "x")',
            'file_exists("gone.py")',
        )
    )
    init = INIT.replace("View, present,", "View, file_exists, present, proposed, value,")
    init = init.replace('present("app/service.py", "^def check_token")', claims)
    make_workspace(tmp_path, init=init)
    said = cli.at(tmp_path)("claims", "model", "--edition", "private")
    states = [line.split("  ")[1] for line in said.out.splitlines() if line.startswith("caller-tokens")]
    assert (said.code, states) == (
        3,
        ["contradicted", "not-found", "not-checked", "proposed", "verified"],
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "last", "checks"),
    [
        (("--config", "guarded"), "guarded: verified 1", 1),
        (("--config", "bare"), "bare: no control is used", 0),
        (("--config", "bare", "--set", "auth=token"), "bare+auth=token: verified 1", 1),
        (("--set", "auth=none"), "guarded+auth=none: no control is used", 0),
    ],
)
def test_claims_of_one_configuration(cli: Cli, asked: tuple[str, ...], last: str, checks: int) -> None:
    lines = cli("claims", "model", *asked).out.splitlines()
    (said,) = (line for line in lines if ", against " in line)
    assert said.startswith(f"{last}, against ")
    assert ("1 control:" in lines) == bool(checks)
    assert len(cli("claims", "model", *asked, "--format", "json").json["checks"]) == checks


@pytest.mark.slow
def test_scan(cli: Cli, tmp_path: Path) -> None:
    said = cli("scan", "source", "--tools", "tools")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "app/service.py:6  warning  B900  Calls without a limit",
        "bandit 9.8.7: complete, 1 finding, 2 of 2 files",
        "semgrep 9.8.7: complete, 0 findings, 3 of 3 files",
    ]
    said = cli(*JSON_COMMANDS["sarif"], "-o", str(tmp_path / "new" / "x.sarif"))
    assert (said.code, said.out) == (0, "")
    runs = json.loads((tmp_path / "new" / "x.sarif").read_bytes())["runs"]
    assert [run["invocations"][0]["executionSuccessful"] for run in runs] == [True, True]


@pytest.mark.slow
def test_doctor(cli: Cli) -> None:
    said = cli("doctor", "--tools", "tools")
    assert said.code == 0
    assert "scanner      bandit: 9.8.7" in said.out
    value = cli(*JSON_COMMANDS["doctor"]).json
    assert set(value["scanners"]) == {scanner.name for scanner in BUILT_IN}
    assert set(value["confinement"]) == {"level", "reason", "holds", "does_not_hold"}


def sorted_keys(value: Any) -> bool:
    """Every object in the value has its keys in order."""
    if isinstance(value, dict):
        return list(value) == sorted(value) and all(map(sorted_keys, value.values()))
    return not isinstance(value, list) or all(map(sorted_keys, value))


@pytest.mark.slow
@pytest.mark.parametrize("name", JSON_COMMANDS)
def test_json_is_canonical_and_says_nothing_of_the_machine(cli: Cli, name: str) -> None:
    text = cli(*JSON_COMMANDS[name]).out
    value = json.loads(text)
    assert sorted_keys(value)
    assert text == json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2) + "\n"
    assert "{cwd}" not in text
    assert "{code}" not in text or name == "doctor"  # which is about the machine


@pytest.mark.slow
def test_scans_as_json_can_be_read_back(cli: Cli) -> None:
    scans = cli(*JSON_COMMANDS["scan"]).json["scans"]
    found = TypeAdapter(tuple[ScanResult, ...]).validate_python(scans)
    assert [scan.status for scan in found] == ["complete", "complete"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["threats", "claims"])
def test_json_does_not_depend_on_the_hash_seed(shared: Path, name: str) -> None:
    outputs = {
        run_program(shared, *JSON_COMMANDS[name], PYTHONHASHSEED=seed, TZ=zone).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    (output,) = outputs
    assert json.loads(output)["project"] == "tiny"


@pytest.mark.slow
def test_expiry_is_judged_today_or_on_the_day_asked_for(cli: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, source=False)
    decision = (
        "{threat: CORE-005@T1, decision: accepted, reason: r, owner: o, expires: 2026-03-01,"
        " source: https://example.org/decision}"
    )
    write_files(tmp_path, {"model/dispositions.yaml": f"dispositions:\n  - {decision}\n"})
    here = cli.at(tmp_path)

    def status(*more: str) -> str:
        threats = here(*JSON_COMMANDS["threats"], *more).json["threats"]
        return next(str(threat["status"]) for threat in threats if threat["id"] == "CORE-005@T1")

    assert status() == "accepted"
    assert status("--as-of", "2026-03-02") == "open"
    later = here.at(tmp_path, now=here.now.replace(year=2027))
    assert later(*JSON_COMMANDS["threats"]).json["threats"][2]["status"] == "open"
    assert here.now.timestamp() > COMMIT_TIME


@pytest.mark.slow
def test_hostile_names_cannot_steer_a_terminal(cli: Cli, tmp_path: Path) -> None:
    hostile = repr("\x1b[31m\u202eevil\r")
    # Without the carriage return: a file that holds one alone is not checked at all.
    source = f"def check_token(): pass  # {hostile[1:-3]}".encode().decode("unicode_escape")
    make_workspace(tmp_path, init=INIT.replace('"Host"', hostile).replace('"Service"', hostile), source=False)
    write_files(tmp_path, {"source/app/service.py": source})
    here = cli.at(tmp_path)
    for argv in (("check",), ("threats",), ("claims",), ("threats", "--format", "markdown")):
        said = here(argv[0], "model", *argv[1:])
        assert said.code == 0, said.err
        assert not set(said.out + said.err) & set("\x1b\u202e\r")


@pytest.mark.slow
def test_diagram_writes_every_picture(cli: Cli, tmp_path: Path) -> None:
    said = cli("diagram", "model", "-o", str(tmp_path / "pictures"))
    assert said.code == 0
    names = {path.stem for path in (tmp_path / "pictures").glob("*.svg")}
    assert names == {"overview", "whole", "boundary-outside", "boundary-host", "view-front"}
    for name in names:
        assert {
            path.suffix for path in (tmp_path / "pictures").iterdir() if path.name.startswith(f"{name}.")
        } == {
            ".svg",
            ".png",
            ".dot",
        }
