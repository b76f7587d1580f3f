"""Programs that report findings alone: what becomes of a scan where they break, lie or say too little."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scanners.adapters.file_tool import bounded, named, not_started, planted_paths
from scanners.adapters.shellcheck import without_directives
from scanners.adapters.tool import ending_of_one
from scanners.adapters.weaknesses import weakness
from scanners.registry import select
from tests.scanners.fake_programs import NAMES, ONE_BY_ONE, TREES, check
from tests.scanners.support import make_tree, raw_output, run_scan


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_tool_is_skipped(name: str, tmp_path: Path) -> None:
    result = check(name, tmp_path, None)
    assert (result.status, result.reason) == ("skipped", "not installed")


@pytest.mark.parametrize("name", NAMES)
def test_a_tool_that_sees_both_planted_defects_is_complete(name: str, tmp_path: Path) -> None:
    result = check(name, tmp_path, "good(finding(own[0], PLANTED[tool]))")
    assert (result.status, result.reason, result.version) == ("complete", "", "9.8.7")
    (found,) = result.findings
    assert found.location.path == result.files_planned[0]
    assert found.location.line == (2 if name in ("cargo-audit", "cargo-deny") else 1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("sys.stderr.write('boom'); sys.exit(5)", "exit code 5: boom"),
        ("os.kill(os.getpid(), 11)", "killed by signal 11"),
        ("pass", ""),
        ("sys.exit(0)", ""),
        ("good(); sys.stdout.flush(); os.kill(os.getpid(), 9)", "killed by signal 9"),
        ("say('text')", ""),
        ("say(None)", ""),
        ("report([])", "planted"),
        ("done(below); report([])", "planted"),
        ("good(but=planted[:1])", "planted"),
        ("good(but=planted[1:])", "planted"),
        ("report([1, 2])", "not a list of objects"),
    ],
    ids=[
        "crash", "signal", "nothing", "exit-0", "killed-late", "text", "null", "silent", "claims-to-be-done",
        "not-the-first", "not-the-last", "no-objects",
    ],
)  # fmt: skip
def test_a_broken_tool_fails(name: str, body: str, reason: str, tmp_path: Path) -> None:
    result = check(name, tmp_path, body)
    assert result.status == "failed"
    assert result.reason
    if name in ("clippy", "govulncheck") and reason == "not a list of objects":
        return  # it prints messages one by one
    assert reason.replace(": boom", "" if name in ("gitleaks", "trivy-secret") else ": boom") in result.reason
    assert {why for _, why in result.not_scanned} == {"the scanner failed"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "data", ["b'\\xff\\xfe\\x00'", "b'{\"comments\": ['", "b'['", "b'[' * 100000", "b' ' * 2_000_000"],
    ids=["not-utf8", "cut", "cut-list", "nested", "too-long"],
)  # fmt: skip
def test_output_that_is_no_report_fails(name: str, data: str, tmp_path: Path) -> None:
    body = f"open(out, 'wb').write({data}) if out else sys.stdout.buffer.write({data})"
    assert check(name, tmp_path, body).status == "failed"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_tool_that_hangs_is_killed(name: str, tmp_path: Path) -> None:
    result = check(name, tmp_path, "signal.pause()", wall=1.5)
    assert (result.status, result.reason[:9]) == ("failed", "timed out")


@pytest.mark.parametrize(
    "name", sorted({*NAMES} - ONE_BY_ONE - {"cargo-deny", "govulncheck", "hadolint", "shellcheck"})
)
def test_a_file_that_is_not_said_to_be_read_counts_as_not_read(name: str, tmp_path: Path) -> None:
    result = check(name, tmp_path, "good(without=own[:1])")
    assert result.status == "partial"
    assert dict(result.not_scanned) == {result.files_planned[0]: "not reported as read by the scanner"}


@pytest.mark.parametrize("name", ["shellcheck", "hadolint"])
def test_a_file_that_the_tool_could_not_open_counts_as_not_read(name: str, tmp_path: Path) -> None:
    result = check(name, tmp_path, "good(); sys.stderr.write(f'./{own[0]}: cannot be opened\\n')")
    assert result.status == "partial"
    assert list(dict(result.not_scanned)) == [result.files_planned[0]]


@pytest.mark.parametrize(
    ("name", "rule"), [("shellcheck", "SC1072"), ("hadolint", "DL1000"), ("ruff", "invalid-syntax")]
)
def test_a_file_that_the_tool_could_not_parse_counts_as_not_read(
    name: str, rule: str, tmp_path: Path
) -> None:
    result = check(name, tmp_path, f"good(finding(own[1], {rule!r}))")
    assert result.status == "partial"
    assert dict(result.not_scanned)[result.files_planned[1]].startswith("not parsed: ")


@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        *((name, "sys.stderr.write('odd'); sys.exit(9)", "exit code 9: odd") for name in sorted(ONE_BY_ONE)),
        *((name, "os.kill(os.getpid(), 9)", "killed by signal 9") for name in sorted(ONE_BY_ONE)),
        ("cargo-audit", "say([])", "of its report is not a list of objects"),
        ("cargo-audit", "pass", "is not JSON"),
        ("clippy", "say([])", "what it read is not known"),
        ("clippy", "pass", "wrote no report"),
        (
            "clippy",
            'sys.stderr.write(\'{"level": "error", "message": "no x"}\\n\')',
            "not compile alone: no x",
        ),
    ],
)
def test_a_run_that_fails_costs_its_file_alone(name: str, body: str, why: str, tmp_path: Path) -> None:
    result = check(name, tmp_path, f"if argv[-1].endswith(own[-1]):\n    {body}\nelse:\n    good()")
    assert result.status == "partial"
    ((path, said),) = result.not_scanned
    assert path == result.files_planned[-1]
    assert why in said


@pytest.mark.parametrize("name", ["cargo-audit", "govulncheck", "osv-scanner"])
def test_a_tool_without_its_data_is_skipped(name: str, tmp_path: Path) -> None:
    make_tree(tmp_path / "tree", TREES[name])
    make_tree(tmp_path / "bin", {name: f"#!{sys.executable}\n"})
    make_tree(tmp_path / "bin", {"go": ""})
    for program in (tmp_path / "bin").iterdir():
        program.chmod(0o755)
    (result,) = run_scan(tmp_path, select([name], ()), tools=(tmp_path / "bin",))
    assert result.status == "skipped"
    assert result.reason.startswith("it needs a folder that was not given: --tool-data ")
    assert not result.files_scanned


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ONE_BY_ONE))
def test_a_file_that_takes_all_the_time_is_not_read_and_the_result_is_not_kept(
    name: str, tmp_path: Path
) -> None:
    body = "if argv[-1] == './' + own[1]:\n    signal.pause()\nelse:\n    good()"
    result = check(name, tmp_path, body, wall=3)
    assert result.status == "partial"
    assert result.not_scanned == ((result.files_planned[1], "Timeout: timed out"),)
    assert not result.repeatable


def test_a_run_that_was_not_started_counts_as_timed_out() -> None:
    raw = raw_output(("a",), {})
    late = not_started(raw)
    assert ending_of_one(late.outcome, (0,)) == "Timeout: timed out"
    assert late.report is None


GO_TREE = {
    "b/go.mod": "module n\n",
    "b/one.go": "package n\n",
    "a/one_windows.go": "package m\n",
    "a/two.go": "//go:build darwin\n\npackage m\n",
}
"""Another module, and files that a build constraint may leave out."""


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            "sys.stderr.write('loading:\\n\\nb/one.go:1:2: no x\\n'); sys.exit(1)",
            "its module does not compile: b/one.go:1:2: no x",
        ),
        ("sys.stderr.write('odd'); sys.exit(1)", "exit code 1: odd"),
        ("os.kill(os.getpid(), 9)", "killed by signal 9"),
        ("pass", "it does not say which packages it has searched"),
        ("print('{')", "its output of 2 characters is no stream of JSON"),
        ("sys.stdout.buffer.write(b'\\xff')", "its output of 1 bytes is not UTF-8"),
    ],
)
def test_a_go_module_that_is_not_searched_costs_its_files_alone(body: str, why: str, tmp_path: Path) -> None:
    body = f"if argv[argv.index('-C') + 1] == './b':\n    {body}\nelse:\n    good()"
    result = check("govulncheck", tmp_path, body, more=GO_TREE)
    left_out = "a build constraint may leave it out, which govulncheck does not tell"
    assert dict(result.not_scanned) == {
        "a/one_windows.go": left_out,
        "a/two.go": left_out,
        "b/go.mod": why,
        "b/one.go": why,
    }


def test_a_lock_file_whose_database_knows_nothing_counts_as_not_read(tmp_path: Path) -> None:
    more = {"Cargo.lock": "", "yarn.lock": ""}
    body = """
    good()
    sys.stderr.write("could not load db for npm ecosystem: none\\n")
    sys.stderr.write("Error during extraction: (extracting as go/gomod) " + os.path.abspath("go.mod")[1:]
                     + ": could not extract: odd\\n")
    """
    result = check("osv-scanner", tmp_path, body, more=more)
    missing = "the database of {} is missing, or did not report a planted release"
    assert dict(result.not_scanned) == {
        "Cargo.lock": missing.format("crates.io"),
        "go.mod": "could not extract: odd",
        "yarn.lock": missing.format("npm"),
    }


def test_what_osv_scanner_says_besides_makes_a_scan_partial(tmp_path: Path) -> None:
    result = check("osv-scanner", tmp_path, "good(); sys.stderr.write('odd words\\n')")
    assert (result.status, result.reason) == ("partial", "odd words")


@pytest.mark.parametrize("name", ["trivy-config", "trivy-secret"])
def test_warnings_of_trivy_make_a_scan_partial_and_their_values_are_not_repeated(
    name: str, tmp_path: Path
) -> None:
    body = "good(); sys.stderr.write('2026-11-26T22:52:34Z\\tWARN\\t[x] Odd file\\tvalue=\"hunter2\"\\n')"
    result = check(name, tmp_path, body)
    assert (result.status, result.reason) == ("partial", "[x] Odd file")


def test_advisories_on_the_standard_library_of_the_machine_are_left_out(tmp_path: Path) -> None:
    body = """
    standard = {"osv": "GO-2025-1", "trace": [{"module": "stdlib", "version": "v1.26.8"}]}
    good({"path": "a/go.mod", "finding": standard})
    """
    result = check("govulncheck", tmp_path, body)
    assert (result.status, result.findings) == ("complete", ())
    assert "1 advisories on the standard library of this machine left out" in result.notifications


def test_a_call_counts_more_than_an_import_and_stands_where_it_is(tmp_path: Path) -> None:
    body = """
    call = finding("a/one.go", "GO-2025-1")
    good({"path": "a/go.mod", "finding": {"osv": "GO-2025-1", "trace": [{"module": "b", "version": "v1"}]}}, call,
         {"path": "a/go.mod", "finding": {"osv": "GO-2025-2", "fixed_version": "v2", "trace": [{"module": "b"}]}})
    """
    first, second = check("govulncheck", tmp_path, body).findings
    assert (second.rule, second.location.path, second.severity) == ("GO-2025-1", "a/one.go", "error")
    assert (first.rule, first.location.path, first.severity) == ("GO-2025-2", "a/go.mod", "note")
    assert first.message.endswith("; fixed in v2")


def test_a_program_is_not_started_for_more_files_than_is_sane() -> None:
    words = [f"./{number}" for number in range(300)]
    assert bounded(words) == [*words[:199], words[-1]]


def test_other_data_is_another_set_of_rules(tmp_path: Path) -> None:
    first = check("cargo-audit", tmp_path / "1", "good()")
    (tmp_path / "2").mkdir()
    make_tree(tmp_path / "2" / "data", {"crates/a/x.md": "a"})
    second = check("cargo-audit", tmp_path / "2", "good()")
    assert first.ruleset_digest != second.ruleset_digest


def test_all_files_of_a_go_package_with_an_error_count_as_read_in_part(tmp_path: Path) -> None:
    body = """
    done(below)
    errors = {os.path.abspath("a/one.go"): [{"line": 1, "column": 1, "error": "could not import x"}]}
    say({"Golang errors": errors, "Issues": [finding(f, "G204") for f in [*planted, "a/more.go"]]})
    """
    result = check(
        "gosec", tmp_path, body, more={"a/more.go": "package a\n", "a/go.mod": "module a\n", "go.sum": ""}
    )
    why = "its package was searched in part: could not import x"
    assert dict(result.not_scanned) == {
        "a/go.mod": "not reported as read by the scanner",
        "a/more.go": why,
        "a/one.go": why,
    }
    assert result.files_scanned == ("b/two.go", "go.sum")
    assert [finding.location.path for finding in result.findings] == ["a/more.go"]


def test_an_error_of_no_go_package_makes_a_scan_partial(tmp_path: Path) -> None:
    body = """
    done(below)
    say({"Golang errors": {"": [{"error": "no go.mod"}]}, "Issues": [finding(f, "G204") for f in planted]})
    """
    result = check("gosec", tmp_path, body)
    assert (result.status, result.notifications) == ("partial", ("no go.mod",))


def test_a_tool_without_a_program_that_it_starts_is_skipped(tmp_path: Path) -> None:
    make_tree(tmp_path / "tree", TREES["gosec"])
    make_tree(tmp_path / "bin", {"gosec": f"#!{sys.executable}\n"})
    (tmp_path / "bin" / "gosec").chmod(0o755)
    (result,) = run_scan(tmp_path, select(["gosec"], ()), tools=(tmp_path / "bin",))
    assert (result.status, result.reason) == ("skipped", "go, which it starts, is not installed")


@pytest.mark.parametrize("name", sorted({*NAMES} - ONE_BY_ONE - {"cargo-deny", "govulncheck"}))
def test_findings_elsewhere_are_dropped_and_named(name: str, tmp_path: Path) -> None:
    result = check(name, tmp_path, "good(finding('../../etc/passwd', PLANTED[tool]))")
    assert result.status == "partial"
    assert not result.findings
    assert "outside the tree" in "".join(result.notifications)


@pytest.mark.parametrize("name", sorted({*NAMES} - {"gitleaks", "govulncheck", "trivy-secret"} - ONE_BY_ONE))
def test_a_name_that_could_forge_a_message_is_not_given_to_the_tool(name: str, tmp_path: Path) -> None:
    ending = {"shellcheck": ".sh", "hadolint": ".dockerfile", "ruff": ".py", "gosec": ".go"}.get(name, ".yml")
    ending = ".rs" if name == "ast-grep" else ending
    ending = "/Dockerfile" if name == "trivy-config" else ending
    ending = "/go.mod" if name == "osv-scanner" else ending
    ending = "/Cargo.toml" if name == "cargo-deny" else ending
    forged = f".github/workflows/x\n INFO audit: zizmor: x completed b{ending}"
    body = "assert not [f for f in below if '\\n' in f]; good()"
    result = check(name, tmp_path, body, more={forged: "true\n"})
    assert dict(result.not_scanned) == {forged: "not reported as read by the scanner"}


def test_names_beyond_what_a_command_line_holds_are_left_out() -> None:
    files = tuple(f"{number:06}.sh" for number in range(60_000))
    kept = named(files)
    assert 1000 < len(kept) < len(files)
    assert kept == files[: len(kept)]
    assert named(("a\x1b.sh", "b.sh")) == ("b.sh",)


def test_our_own_files_have_names_that_depend_on_all_others() -> None:
    assert planted_paths(("a",), ".sh") != planted_paths(("b",), ".sh")
    assert len(set(planted_paths((), "/action.yml"))) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"# shellcheck disable=SC2086\n", b"# shellchecc disable=SC2086\n"),
        (b"  #shellcheck shell=sh disable=SC1\nx\n", b"  #shellchecc shell=sh disable=SC1\nx\n"),
        (b"# shellcheck source=lib.sh\n", b"# shellcheck source=lib.sh\n"),
        (b"echo shellcheck disable=x\n", b"echo shellcheck disable=x\n"),
        (b"\xff# no\n", b"\xff# no\n"),
    ],
)
def test_directives_that_switch_checks_off_become_comments(before: bytes, after: bytes) -> None:
    assert without_directives(before) == after


@pytest.mark.parametrize(
    ("tool", "rule", "number"),
    [
        ("ruff", "S602", 78),
        ("zizmor", "template-injection", 94),
        ("hadolint", "DL3007", 829),
        ("ruff", "S999", None),
    ],
)
def test_rules_stand_for_weaknesses(tool: str, rule: str, number: int | None) -> None:
    assert weakness(tool, rule) == number
