"""The conformance kit: our own adapters stand it, and adapters that trust their tool do not."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from collateral.outputs import all_schemas
from scanners.adapters.file_tool import FileTool
from scanners.adapters.tool import inspect, locate
from scanners.finding import ScanResult
from scanners.kit import CELLS, Conformance, Example, check_scanner, example_of
from scanners.kit.record import Left
from scanners.kit.template import NAME, template
from scanners.protocol import Description, Launch, RawOutput, Scanner, SourceFiles, ToolEnv, Work
from scanners.registry import BUILT_IN, select
from tests.cli.harness import Cli
from tests.scanners.support import TOOLS, outcome
from threatmodel.confine import run

ACME = f"""#!{sys.executable}
import json, sys
if sys.argv[1:] == ["--version"]:
    print("acme 2.5.1")
    raise SystemExit(0)
found = []
for path in sys.argv[2:]:
    try:
        lines = open(path).read().split("\\n")
    except OSError as error:
        print(f"{{path}}: {{error.strerror}}", file=sys.stderr)
        continue
    found += [
        {{"file": path, "line": n, "rule": "danger", "message": "m", "cwe": 1}}
        for n, line in enumerate(lines, 1) if line == "DANGER"
    ]
print(json.dumps(found))
"""


@pytest.fixture(name="acme", scope="module")
def _acme(tmp_path_factory: pytest.TempPathFactory) -> FileTool:
    """The scanner of the template, imported from the files that it gives."""
    folder = tmp_path_factory.mktemp("template")
    for path, data in template("acme").items():
        (folder / path).write_bytes(data)
    return loaded(folder / "threatmodel_scanner_acme.py")


def loaded(path: Path) -> FileTool:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # the scanner's functions are sent to other processes by name
    spec.loader.exec_module(module)
    scanner: FileTool = module.scanner()
    return scanner


def conformance(
    scanner: Scanner, tmp_path: Path, program: str = ACME, example: Example | None = None
) -> Conformance:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "acme").write_text(program)
    (tools / "acme").chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    shown = example or example_of(scanner)
    assert shown is not None
    return check_scanner(scanner, shown, ToolEnv(tools=(tools,), beside=tmp_path), run, work)


def wrong(found: Conformance) -> dict[str, str]:
    return {cell.cell: cell.why for cell in found.cells if cell.verdict == "wrong"}


def test_the_template_stands_every_fault(acme: FileTool, tmp_path: Path) -> None:
    found = conformance(acme, tmp_path)
    assert (found.scanner, found.version, wrong(found), found.untested) == ("acme", "2.5.1", {}, 0)
    assert {cell.cell for cell in found.cells} == {*CELLS, "scanner"}
    skipped = {cell.cell: cell.why for cell in found.cells if cell.verdict == "not applicable"}
    assert skipped == {
        "unparsable": "it reads text line by line",
        "missing-data": "it needs no folder beside the tree",
        "empty-data": "it reads no folder beside the tree",
        "broken-data": "it reads no folder beside the tree",
    }


@dataclass(frozen=True)
class Changed:
    """An adapter with one mistake: `mend` changes what the good one concludes."""

    inner: FileTool
    mend: Callable[[ScanResult, RawOutput], ScanResult]

    @property
    def name(self) -> str:
        return self.inner.name

    def describe(self, env: ToolEnv, launch: Launch) -> Description:
        return self.inner.describe(env, launch)

    def plan(self, tree: SourceFiles) -> tuple[str, ...]:
        return self.inner.plan(tree)

    def run(self, work: Work) -> RawOutput:
        return self.inner.run(work)

    def parse(self, raw: RawOutput, tree: SourceFiles, description: Description) -> ScanResult:
        return self.mend(self.inner.parse(raw, tree, description), raw)


def clean(result: ScanResult, raw: RawOutput) -> ScanResult:
    """All planned files read, nothing found."""
    return replace(
        result,
        status="complete",
        reason="",
        files_planned=raw.files,
        files_scanned=raw.files,
        not_scanned=(),
        findings=(),
    )


def trusts_the_exit_code(result: ScanResult, raw: RawOutput) -> ScanResult:
    return clean(result, raw) if raw.outcome.exit_code == 0 and result.status == "failed" else result


def reads_everything(result: ScanResult, raw: RawOutput) -> ScanResult:
    if result.status != "partial":
        return result
    return replace(
        result, status="complete", reason="", files_scanned=raw.files, not_scanned=(), notifications=()
    )


def forgets_files(result: ScanResult, _raw: RawOutput) -> ScanResult:
    return replace(result, not_scanned=())


def keeps_findings(result: ScanResult, _raw: RawOutput) -> ScanResult:
    return replace(result, files_scanned=result.files_planned) if result.status == "failed" else result


def ignores_the_signal(result: ScanResult, raw: RawOutput) -> ScanResult:
    return clean(result, raw) if raw.outcome.signal is not None else result


def raises(result: ScanResult, raw: RawOutput) -> ScanResult:
    if b"\xff" in raw.outcome.stdout:
        raise UnicodeError("not text")
    return result


def gives_no_reason(result: ScanResult, _raw: RawOutput) -> ScanResult:
    return replace(result, reason="")


def finds_nothing(result: ScanResult, _raw: RawOutput) -> ScanResult:
    return replace(result, findings=())


def names_what_is_outside(result: ScanResult, _raw: RawOutput) -> ScanResult:
    places = [replace(f, location=replace(f.location, path="../x")) for f in result.findings]
    return replace(result, findings=tuple(places))


@pytest.mark.parametrize(
    ("mistake", "cell"),
    [
        (trusts_the_exit_code, "nothing"),
        (reads_everything, "vanished"),
        (forgets_files, "crash"),
        (keeps_findings, "crash"),
        (ignores_the_signal, "killed-late"),
        (raises, "not-utf8"),
        (gives_no_reason, "crash"),
        (finds_nothing, "whole"),
        (names_what_is_outside, "whole"),
    ],
)
def test_a_mistake_of_an_adapter_is_found(
    acme: FileTool, mistake: Callable[[ScanResult, RawOutput], ScanResult], cell: str, tmp_path: Path
) -> None:
    found = conformance(Changed(acme, mistake), tmp_path, example=acme.example)
    assert cell in wrong(found)


def believes_an_empty_folder(result: ScanResult, raw: RawOutput) -> ScanResult:
    return clean(result, raw) if "planted" in result.reason else result


def with_data(acme: FileTool) -> tuple[FileTool, Example, str]:
    """The scanner, whose word for danger stands in a folder beside the tree."""
    program = ACME.replace("import json, sys", "import json, os, sys").replace(
        "found = []",
        """found = []
try:
    word = open(os.environ["DB"] + "/word").read()
except (OSError, UnicodeDecodeError):
    word = None
""",
    )
    assert acme.example is not None
    example = replace(acme.example, data={"db": {"word": b"DANGER"}})
    scanner = replace(acme, data=("db",), needs=("db",), env={"DB": "{db}"}, example=example)
    return scanner, example, program.replace('line == "DANGER"', "line == word")


def test_folders_beside_the_tree_are_spoilt_too(acme: FileTool, tmp_path: Path) -> None:
    scanner, example, program = with_data(acme)
    found = conformance(scanner, tmp_path, program)
    states = {cell.cell: (cell.verdict, cell.status) for cell in found.cells if cell.cell.endswith("-data")}
    assert states == {
        "missing-data": ("right", "skipped"),
        "empty-data": ("right", "failed"),
        "broken-data": ("right", "failed"),
    }
    (tmp_path / "more").mkdir()
    believer = Changed(scanner, believes_an_empty_folder)
    assert {"empty-data", "broken-data"} <= set(
        wrong(conformance(believer, tmp_path / "more", program, example))
    )


def test_a_scanner_that_starts_no_program_is_tried_with_its_data_and_files(tmp_path: Path) -> None:
    (scanner,) = select(["dependencies"], ())
    found = conformance(scanner, tmp_path)
    tried = {cell.cell: cell.status for cell in found.cells if cell.verdict == "right"}
    assert tried == {
        "whole": "complete",
        "missing-data": "skipped",
        "empty-data": "skipped",
        "broken-data": "skipped",
        "unparsable": "partial",
        "scanner": "",
    }
    others = {cell.why for cell in found.cells if cell.verdict != "right"}
    assert others == {"it starts no program"}


def test_a_file_without_a_finding_is_wrong_unless_it_says_how_others_are_built(
    acme: FileTool, tmp_path: Path
) -> None:
    example = Example(files={"a.txt": b"DANGER", "b.txt": b"DANGER", "c.txt": b""}, never_broken="x")
    found = conformance(acme, tmp_path, example=example)
    assert wrong(found) == {"whole": "nothing is found in c.txt of the example"}
    (tmp_path / "more").mkdir()
    found = conformance(acme, tmp_path / "more", example=replace(example, quiet=frozenset({"c.txt"})))
    assert not wrong(found)


@pytest.mark.parametrize(
    ("printed", "messages", "stream"), [(b"a", b"b", "stdout"), (b"", b"b", "stderr"), (b"", b"", "stdout")]
)
def test_a_report_is_damaged_where_it_stands(printed: bytes, messages: bytes, stream: str) -> None:
    left = Left(outcome=replace(outcome(), stdout=printed, stderr=messages), files={}, report=None)
    assert (left.stream, left.said) == (stream, getattr(left.outcome, stream))
    damaged = CELLS["too-long"].damage
    assert damaged is not None
    ended = damaged(left).outcome
    assert (ended.stdout_truncated, ended.stderr_truncated) == (stream == "stdout", stream == "stderr")
    assert len(getattr(ended, stream)) >= 1 << 20


def test_a_program_that_says_nothing_of_a_file_it_could_not_open_is_found_out(
    acme: FileTool, tmp_path: Path
) -> None:
    silent = ACME.replace('print(f"{path}: {error.strerror}", file=sys.stderr)', "pass")
    assert set(wrong(conformance(acme, tmp_path, silent))) == {"vanished", "folder"}


def test_a_scanner_that_cannot_be_sent_or_plans_something_else_is_wrong(
    acme: FileTool, tmp_path: Path
) -> None:
    found = conformance(replace(acme, wants=lambda path, tree: True), tmp_path)
    assert wrong(found)["scanner"] == "the plan is not the sorted files of the example"
    (tmp_path / "more").mkdir()
    found = conformance(replace(acme, wants=lambda path, tree: path.endswith(".txt")), tmp_path / "more")
    assert "cannot be sent to another process" in wrong(found)["scanner"]


def test_without_the_tool_nothing_is_tested_but_its_absence(acme: FileTool, tmp_path: Path) -> None:
    found = check_scanner(acme, acme.example or Example(files={}), ToolEnv(beside=tmp_path), run, tmp_path)
    verdicts = {cell.cell: cell.verdict for cell in found.cells}
    assert verdicts.pop("missing-program") == "right"
    assert set(verdicts.values()) == {"not tested"}


def cargo_works(env: ToolEnv) -> bool:
    """True where the compiler that is found needs no home."""
    place = locate("rustc", env)
    found = inspect("rustc", env, run, {}, helpers=[place]) if place else None
    return found is not None and found.version != "unknown"


@pytest.mark.tools
@pytest.mark.slow
@pytest.mark.parametrize("name", [s.name for s in BUILT_IN if example_of(s)])
def test_our_adapters_stand_every_fault(name: str, tmp_path: Path) -> None:
    (scanner,) = select([name], ())
    example = example_of(scanner)
    assert example is not None
    env = ToolEnv(tools=(TOOLS,), beside=tmp_path, path=os.environ["PATH"])
    if name in ("cargo-deny", "clippy") and not cargo_works(env):
        pytest.skip("only rustup's own programs are found, which need a home")
    found = check_scanner(scanner, example, env, run, tmp_path)
    if any(cell.why.endswith("not installed") for cell in found.cells if cell.verdict == "not tested"):
        pytest.skip(f"{name} is not installed")
    assert (wrong(found), found.untested) == ({}, 0)


@pytest.mark.parametrize(
    ("name", "good"), [("acme", True), ("a-b2", True), ("A", False), ("a_b", False), ("-a", False)]
)
def test_names(name: str, good: bool) -> None:
    assert bool(NAME.fullmatch(name)) == good


def test_the_command(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    cli = Cli(cwd=tmp_path, path="/nowhere")
    listed = cli("scanners", "list", "--format", "json").json
    jsonschema.Draft202012Validator(all_schemas()["urn:threatmodel:schema:scanners:1"]).validate(listed)
    assert {row["name"] for row in listed["built_in"]} == {scanner.name for scanner in BUILT_IN}
    assert "hadolint" in cli("scanners", "list").out
    told = cli("scanners", "test", "hadolint", "--format", "json")
    jsonschema.Draft202012Validator(all_schemas()["urn:threatmodel:schema:conformance:1"]).validate(told.json)
    assert told.code == 3
    made = cli("scanners", "new", "acme")
    assert (made.code, made.out.splitlines()) == (0, sorted(template("acme")))
    for words in (("new", "acme"), ("new", "A B"), ("new",), ("list", "x"), ("test",)):
        said = cli("scanners", *words)
        assert (said.code, said.err[:4]) == (2, "S016"), words
    assert cli("scanners", "test", "nothing").err.startswith("S010")


def test_an_example_from_a_folder(tmp_path: Path) -> None:
    files = tmp_path / "files"
    (files / "b").mkdir(parents=True)
    (files / "a.sh").write_text("unused=1\n")
    cli = Cli(cwd=tmp_path, path="/nowhere")
    said: Any = cli("scanners", "test", "shellcheck", "--example", "files")
    assert (said.code, said.err[:4]) == (2, "S016")
    (files / "b" / "c.sh").write_text("unused=1\n")
    assert cli("scanners", "test", "shellcheck", "--example", "files").code == 3
