"""`threatmodel findings`: a scan joined to a model, listed, shown and explained."""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import pytest

from collateral.gate.scanfile import read_scan_file
from collateral.outputs import all_schemas
from scanners.finding import Finding, ScanResult
from scanners.sarif import to_sarif
from tests.cli.harness import Cli
from tests.collateral.support import finding, make_tools, make_workspace
from threatmodel.core.canonical import dump_bytes, sha256
from threatmodel.core.errors import InvalidInput

pytestmark = pytest.mark.slow

HERE = finding(symbol="Service.call")
AGAIN = finding(scanner="ruff", rule="S900", severity="note", cwe=("CWE-400", "CWE-1"))
SUITE = finding("tests/test_service.py", rule="B901")
OUTSIDE = finding("README.md", rule="B902", cwe=())


def scanned(cli: Cli, *found: Finding, status: str = "complete", unread: tuple[str, ...] = ()) -> str:
    """The name of a SARIF file with these findings."""
    results = [
        ScanResult(
            scanner=name,
            version="1.0.0",
            status=status,  # type: ignore[arg-type]
            files_planned=("a", *unread),
            files_scanned=("a",),
            not_scanned=tuple((path, "broken") for path in unread),
            findings=tuple(item for item in found if item.scanner == name),
        )
        for name in sorted({"bandit", *(item.scanner for item in found)})
    ]
    log = to_sarif(results, tool_version="1", project="tiny", release="1", source_commit=None, source_uri="")
    data = dump_bytes(log)
    name = f"{sha256(data)[:16]}.sarif"  # answers to the same words are kept
    (cli.cwd / name).write_bytes(data)
    return name


def test_the_list_has_a_row_for_what_two_tools_tell(cli: Cli) -> None:
    name = scanned(cli, HERE, AGAIN, SUITE, OUTSIDE)
    said = cli("findings", "list", "model", name)
    lines = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert lines[0].endswith("  p2  warning  README.md:6  B902  no component")
    assert lines[1] == f"{HERE.fingerprint[:12]}  p2  warning  app/service.py:6  B900  app: service"
    assert lines[2].endswith("  p3  warning  tests/test_service.py:6  B901  suite (test)")
    assert lines[3:] == [f"4 of 4 findings of {name}", "bandit: complete", "ruff: complete"]


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        (("--element", "service"), {"B900"}),
        (("--component", "suite"), {"B901"}),
        (("--threat", "CORE-005@T1"), {"B900"}),
        (("--part", "test"), {"B901"}),
        (("--rule", "S900"), {"B900"}),
        (("--scanner", "ruff"), {"B900"}),
        (("--severity", "error"), set()),
        (("--severity", "warning"), {"B900", "B901", "B902"}),
        (("--undecided", "--element", "client"), set()),
    ],
)
def test_conditions(cli: Cli, options: tuple[str, ...], rules: set[str]) -> None:
    said = cli(
        "findings", "list", "model", scanned(cli, HERE, AGAIN, SUITE, OUTSIDE), *options, "--format", "json"
    )
    assert {row["rule"] for row in said.json["findings"]} == rules
    assert said.json["total"] == 4


def test_json_has_the_published_form(cli: Cli) -> None:
    value = cli("findings", "list", "model", scanned(cli, HERE, AGAIN), "--format", "json").json
    jsonschema.Draft202012Validator(all_schemas()["urn:threatmodel:schema:findings-joined:1"]).validate(value)
    assert [told["rule"] for told in value["findings"][0]["also"]] == ["S900"]


def test_show_tells_facts_and_explain_tells_reasons(cli: Cli) -> None:
    name = scanned(cli, HERE, AGAIN)
    shown = cli("findings", "show", "model", name, HERE.fingerprint[:8]).out
    assert "at app/service.py:6, in Service.call" in shown
    assert "told by bandit and ruff (S900)" in shown
    assert "bears on 1 threat\n" in shown
    explained = cli("findings", "explain", "model", name, AGAIN.fingerprint[:8]).out
    assert explained.startswith(shown.split("\n\n")[0])
    assert "Component app: path in app/**" in explained
    assert "CORE-005@T1: CWE-400 in app, which runs in service" in explained


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (SUITE, "No threat: test code does not run in the product"),
        (OUTSIDE, "No component of the model matches this place"),
        (finding(cwe=("CWE-79",)), "No threat: none there names its weakness"),
    ],
)
def test_why_there_is_no_threat(cli: Cli, found: Finding, why: str) -> None:
    assert why in cli("findings", "explain", "model", scanned(cli, found), found.fingerprint).out


def test_markdown_is_made_of_the_same(cli: Cli) -> None:
    name = scanned(cli, finding(message="a | b <i>"))
    table = cli("findings", "list", "model", name, "--format", "markdown").out
    assert table.startswith("| Finding | Priority |")
    said = cli(
        "findings", "explain", "model", name, finding(message="a | b <i>").fingerprint, "--format", "markdown"
    ).out
    assert "<i>" not in said
    assert "\n- Component app\\: path in" in said


@pytest.mark.parametrize(
    ("status", "unread", "said"), [("partial", ("b",), "1 file not read"), ("failed", (), "failed")]
)
def test_a_scanner_that_did_not_do_all_gives_exit_3(
    cli: Cli, status: str, unread: tuple[str, ...], said: str
) -> None:
    out = cli("findings", "list", "model", scanned(cli, HERE, status=status, unread=unread))
    assert out.code == 3
    assert said in out.out


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("list", "model", "SCAN", "abcdef"), "U033"),
        (("show", "model", "SCAN"), "U033"),
        (("show", "model", "SCAN", "abc"), "U033"),
        (("show", "model", "SCAN", "zzzzzz"), "U033"),
        (("list", "model", "SCAN", "--element", "servic"), "U032"),
        (("list", "model", "model/threatmodel.toml"), "G002"),
        (("list", "model", "nothing.sarif"), "U010"),
    ],
)
def test_what_is_wrong_is_told(cli: Cli, argv: tuple[str, ...], code: str) -> None:
    name = scanned(cli, HERE)
    said = cli("findings", *(name if word == "SCAN" else word for word in argv))
    assert said.code == (4 if code == "G002" else 2)
    assert f"{code}  " in said.err


def test_a_decision_is_shown_with_its_state(tmp_path: Path) -> None:
    cli = Cli(cwd=make_workspace(tmp_path), path=os.environ["PATH"])
    (cli.cwd / "model" / "dispositions.yaml").write_text(
        f"""findings:
- finding: {HERE.fingerprint}
  decision: accepted
  reason: Bounded by the caller
  owner: somebody
  expires: 2027-01-01
"""
    )
    name = scanned(cli, HERE)
    assert "[proposed]" in cli("findings", "list", "model", name).out
    assert (
        "decision proposed: Bounded by the caller"
        in cli("findings", "show", "model", name, HERE.fingerprint).out
    )
    assert HERE.fingerprint[:12] in cli("findings", "list", "model", name, "--undecided").out


def test_a_scan_of_changed_files_says_so_everywhere_and_no_gate_takes_it(tmp_path: Path) -> None:
    folder = make_workspace(tmp_path)
    make_tools(folder / "tools")
    cli = Cli(cwd=folder, path=os.environ["PATH"])
    (folder / "source" / "app" / "more.py").write_text("x = 1\n")
    words = ("scan", "source", "--changed-since", "HEAD", "--tools", "tools", "--edition", "private")
    text, table = cli(*words).out, cli(*words, "--format", "markdown").out
    assert (
        "bandit 9.8.7: complete, 0 findings, 1 of 1 files\n  note: only files that changed since HEAD" in text
    )
    assert "  - note\\: only files that changed since HEAD" in table
    assert cli(*words, "--format", "sarif", "-o", "changed.sarif").code == 0
    listed = cli("findings", "list", "model", "changed.sarif").out
    assert "only files that changed since HEAD were looked at" in listed
    with pytest.raises(InvalidInput, match="changed files alone"):
        read_scan_file((folder / "changed.sarif").read_bytes(), "changed.sarif")
    assert cli("scan", "source", "--changed-since", "nothing").code == 3
