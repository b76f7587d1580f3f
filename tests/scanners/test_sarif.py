"""SARIF output: valid, honest about what was not done, and free of anything that could be interpreted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scanners.finding import Finding, Location, RuleInfo, ScanResult, Status
from scanners.sarif import FINGERPRINT, Suppression, not_executed, to_sarif
from threatmodel.core.canonical import dump_bytes

SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "sarif" / "sarif-schema-2.1.0.json"
HOSTILE = "<script>alert(1)</script> {{ 7*7 }} #panic $(id) \u202egnp\u2066 \x1b[31m\x00 \ue000 \n next"
RULE = RuleInfo(
    id="demo",
    title="A title",
    description="What it is.",
    cwe=("CWE-78",),
    help_uri="https://example.org/demo",
    severity="error",
)
FINDING = Finding(
    scanner="semgrep",
    rule="demo",
    message="A message.",
    severity="error",
    confidence="high",
    cwe=("CWE-78",),
    stride="tampering",
    location=Location(path="a dir/ü%#?.go", line=3, column=2, end_line=4, end_column=1),
    snippet="eval(x)",
    fingerprint="f" * 64,
)
RESULT = ScanResult(
    scanner="semgrep",
    version="1.182.0",
    status="complete",
    files_planned=("a.go",),
    files_scanned=("a.go",),
    findings=(FINDING,),
    rules=(RULE,),
    command=("semgrep", "scan", "{config}"),
)
WHERE: dict[str, Any] = {
    "tool_version": "0.1.0",
    "project": "demo",
    "release": "4.1.0",
    "source_commit": "7c6ba40c" * 5,
    "source_uri": "https://user:secret@example.org/demo.git",
}


def check(*results: ScanResult, **options: Any) -> list[dict[str, Any]]:
    """The runs of the log for these results, which is valid, in canonical form, and names no absolute path."""
    log = to_sarif(results, **(WHERE | options))
    validate(log)
    assert dump_bytes(log) == dump_bytes(json.loads(dump_bytes(log)))
    runs: list[dict[str, Any]] = log["runs"]
    return runs


def validate(log: dict[str, Any]) -> None:
    if not SCHEMA.is_file():
        pytest.skip("the SARIF schema is not beside this checkout (../shared/schemas)")
    schema = json.loads(SCHEMA.read_bytes())
    kind = jsonschema.validators.validator_for(schema)
    checker = jsonschema.FormatChecker(["uri", "uri-reference"])
    errors = list(kind(schema, format_checker=checker).iter_errors(log))
    assert errors == []


def test_a_finding_has_its_place_level_rule_and_fingerprint() -> None:
    (run,) = check(RESULT)
    (result,) = run["results"]
    assert (result["ruleId"], result["level"], result["message"]) == ("demo", "error", {"text": "A message."})
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "demo"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20dir/%C3%BC%25%23%3F.go", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {
        "startLine": 3,
        "startColumn": 2,
        "endLine": 4,
        "endColumn": 1,
        "snippet": {"text": "eval(x)"},
    }
    assert result["partialFingerprints"] == {FINGERPRINT: "f" * 64}
    assert run["automationDetails"] == {"id": "demo/semgrep/4.1.0"}


def test_a_rule_has_what_readers_sort_and_filter_by() -> None:
    (run,) = check(RESULT)
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"], driver["semanticVersion"]) == ("semgrep", "1.182.0", "1.182.0")
    (rule,) = driver["rules"]
    assert "external/cwe/cwe-78" in rule["properties"]["tags"]
    assert 0.1 <= float(rule["properties"]["security-severity"]) <= 10
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["helpUri"] == "https://example.org/demo"


def test_runs_are_in_order_and_have_ids_of_their_own() -> None:
    runs = check(RESULT, replace(RESULT, scanner="bandit", findings=()))
    assert [run["automationDetails"]["id"] for run in runs] == ["demo/bandit/4.1.0", "demo/semgrep/4.1.0"]
    assert all("results" in run for run in runs)


@pytest.mark.parametrize(
    ("status", "successful"), [("complete", True), ("partial", False), ("failed", False), ("skipped", False)]
)
def test_only_a_complete_scan_is_called_successful(status: Status, successful: bool) -> None:
    reason = "" if successful else "because"
    missed = () if successful else (("b c.go", "Syntax error"),)
    (run,) = check(replace(RESULT, status=status, reason=reason, not_scanned=missed))
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is successful
    notes = invocation["toolExecutionNotifications"]
    texts = [note["message"]["text"] for note in notes]
    expected = [] if successful else [f"{status}: because", "not read, or only in part: Syntax error"]
    assert texts == expected
    if notes:
        assert notes[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "b%20c.go"


def test_what_was_not_executed_is_valid_and_says_why() -> None:
    log = not_executed("the source cannot be reached", **WHERE)
    validate(log)
    (run,) = log["runs"]
    assert run["results"] == []
    assert run["tool"]["driver"]["name"] == "threatmodel"
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (note,) = invocation["toolExecutionNotifications"]
    assert note["message"]["text"] == "not executed: the source cannot be reached"


def test_no_scanner_at_all_is_not_executed_either() -> None:
    (run,) = check()
    assert run["invocations"][0]["executionSuccessful"] is False


def test_hostile_text_is_shown_not_interpreted() -> None:
    finding = replace(
        FINDING,
        rule=HOSTILE,
        message=HOSTILE,
        snippet=HOSTILE,
        location=Location(path=HOSTILE + "\udcff", line=1),
    )
    rule = replace(RULE, id=HOSTILE, title=HOSTILE, description=HOSTILE, help_uri="")
    result = replace(
        RESULT,
        status="partial",
        reason=HOSTILE,
        findings=(finding,),
        rules=(rule,),
        not_scanned=((HOSTILE, HOSTILE),),
        notifications=(HOSTILE,),
        version=HOSTILE,
        command=(HOSTILE,),
    )
    (run,) = check(result, project="a/b \u202e", release="1/2")
    text = json.dumps(run, ensure_ascii=False)
    assert not {char for char in text if char in "\u202e\u2066\x1b\x00\ue000"}
    assert "<U+202E>" in text
    assert "<U+001B>" in run["results"][0]["message"]["text"]
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert uri.endswith("%FF")
    assert run["automationDetails"]["id"].count("/") == 2


@pytest.mark.parametrize(
    "location",
    [
        Location(path="a.go"),
        Location(path="a.go", line=1, column=0),
        Location(path="a.go", line=5, column=3, end_line=2, end_column=0),
        Location(path="/etc/passwd", line=1, column=1, end_line=1, end_column=1),
        Location(path="//host/share", line=1, column=1),
    ],
)
def test_odd_places_stay_valid_and_relative(location: Location) -> None:
    (run,) = check(replace(RESULT, findings=(replace(FINDING, location=location),)))
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert not place["artifactLocation"]["uri"].startswith("/")
    region = place.get("region", {"startLine": 1, "startColumn": 1})
    assert min(region["startLine"], region["startColumn"]) >= 1


def test_suppressed_findings_stay_and_callers_add_properties() -> None:
    (run,) = check(
        RESULT,
        suppressions={"f" * 64: Suppression(justification="known \u202e")},
        properties={"f" * 64: {"component": "agent", "elements": ["agent"], "threats": ["r@agent"]}},
    )
    (result,) = run["results"]
    assert result["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "known <U+202E>"}
    ]
    assert result["properties"]["component"] == "agent"
    assert result["properties"]["confidence"] == "high"


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("https://user:secret@example.org/demo.git", "https://example.org/demo.git"),
        ("ssh://git@example.org:22/demo", "ssh://example.org:22/demo"),
        ("/home/me/src", None),
        ("file:///home/me/src", None),
        ("https://[bad", None),
        ("https://example.org:port/", None),
        ("", None),
    ],
)
def test_only_the_address_of_a_repository_is_written(uri: str, shown: str | None) -> None:
    (run,) = check(RESULT, source_uri=uri)
    origin = run.get("versionControlProvenance")
    assert (origin[0]["repositoryUri"] if origin else None) == shown
    if origin:
        assert origin[0]["revisionId"] == WHERE["source_commit"]


def test_very_many_files_that_were_not_read_are_counted() -> None:
    missed = tuple((f"{number:05}.go", "Timeout") for number in range(6000))
    (run,) = to_sarif([replace(RESULT, status="partial", reason="many", not_scanned=missed)], **WHERE)["runs"]
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert len(notes) == 5002
    assert "1000 more files" in notes[-1]["message"]["text"]
    assert run["properties"]["filesNotScanned"] == 6000
