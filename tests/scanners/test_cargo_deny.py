"""cargo-deny: streams that are not whole, workspaces that do not resolve, and which manifests belong to one."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanners.adapters import cargo_workspace
from scanners.adapters.cargo_deny_output import plain
from scanners.finding import ScanResult
from tests.scanners.fake_programs import check
from tests.scanners.support import MemoryFiles

OTHER = {
    "b/Cargo.lock": '[[package]]\nname = "b"\nversion = "1"\n',
    "b/Cargo.toml": '[package]\nname = "b"\n',
}
"""A second workspace."""
IN_OTHER = "if './b/Cargo.toml' in argv:\n    {}\nelse:\n    good()"
NOT_RESOLVED = (
    "`cargo metadata` exited with an error: warning: odd\\nerror: no package `x`\\nAs a reminder, …"
)


def deny(tmp_path: Path, body: str, more: dict[str, str] | None = None) -> ScanResult:
    return check("cargo-deny", tmp_path, body, more=more)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            f"message('log', {{'level': 'ERROR', 'message': '{NOT_RESOLVED}'}}); end(1)",
            "exit code 1: cargo does not resolve the workspace: no package `x`",
        ),
        ("sys.stderr.write('odd'); sys.exit(101)", "exit code 101: odd"),
        ("os.kill(os.getpid(), 9)", "killed by signal 9"),
        ("report([]); end(0)", "exit code 0"),
        ("end(2)", "its output has no summary at its end"),
        ("message('summary', {}); end(2)", "its summary does not count the errors of bans, sources, advisories"),
        ("sys.stderr.write('{'); end(2)", "its output of 1 bytes is no stream of JSON (JSONDecodeError)"),
        ("sys.stderr.buffer.write(b'\\xff'); end(2)", "its output of 1 bytes is no stream of JSON (UnicodeDecodeError)"),
        ("sys.stderr.write('[]'); end(2)", "its output is not a list of objects, one a line"),
        ("report([]); message('log', {}); end(2)", "its output has no summary at its end"),
        ("report([], named=())", "it names no crate that it has looked at"),
        ("report([], less=1)", "it gives 1 errors, its summary counts 0"),
        ("report([], named=('b = 1',), less=-1)", "it gives 1 errors, its summary counts 2"),
    ],
)  # fmt: skip
def test_a_workspace_that_is_not_searched_costs_its_files_alone(body: str, why: str, tmp_path: Path) -> None:
    result = deny(tmp_path, IN_OTHER.format(body), OTHER)
    assert (result.status, result.files_scanned) == ("partial", ("Cargo.lock", "Cargo.toml"))
    assert dict(result.not_scanned) == dict.fromkeys(OTHER, why)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("message('log', {'level': 'WARN', 'message': 'odd\\nwords'})", "odd words"),
        ("message('log', {'level': 'ERROR', 'message': 'in ' + os.path.abspath('b/Cargo.toml')})", "in b/Cargo.toml"),
        ("message('diagnostic', {'code': 'index-failure', 'severity': 'bug', 'message': 'm'})", "index-failure: m"),
        ("message('diagnostic', {'severity': 'warning', 'message': 'deprecated'})", ": deprecated"),
    ],
)  # fmt: skip
def test_what_it_says_besides_counts_against_the_workspace(body: str, why: str, tmp_path: Path) -> None:
    said = f"{body}; report([], named=('b = 1',))"
    assert dict(deny(tmp_path, IN_OTHER.format(said), OTHER).not_scanned) == dict.fromkeys(OTHER, why)


@pytest.mark.parametrize(
    "harmless", ["failed to fetch crates: x", "failed to open the local crates.io index, x"]
)
def test_complaints_that_mean_nothing_once_a_workspace_is_resolved(harmless: str, tmp_path: Path) -> None:
    said = f"message('log', {{'level': 'ERROR', 'message': {harmless!r}}})"
    result = deny(tmp_path, f"{said}; good()")
    assert result.status == "complete"


def test_a_manifest_that_no_crate_or_no_lock_file_belongs_to_is_not_read(tmp_path: Path) -> None:
    more = {
        "w/Cargo.lock": '[[package]]\nname = "w"\nversion = "1"\n',
        "w/Cargo.toml": '[package]\nname = "w"\n[dependencies]\nold = { path = "old" }\nc = { path = "../c" }\n',
        "w/old/Cargo.toml": '[package]\nname = "old"\nversion = "1"\n',
        "c/Cargo.toml": '[package]\nname = "c"\nversion.workspace = true\n',
        "d/Cargo.toml": '[package]\nname = "w"\nversion = "1"\n',
        "e/Cargo.lock": "",
    }
    body = "report([finding(f, PLANTED[tool]) for f in planted], named=('a = 1', 'w = 1', 'c = 7'))"
    result = deny(tmp_path, body, more)
    why = "it belongs to no workspace with a Cargo.lock, or to none that was looked at"
    assert dict(result.not_scanned) == {
        "d/Cargo.toml": why,
        "e/Cargo.lock": "there is no Cargo.toml beside it",
        "w/old/Cargo.toml": why,
    }


def test_a_database_that_does_not_know_what_was_planted_fails_the_scan(tmp_path: Path) -> None:
    body = "good(*[dict(i, fields=i['fields'][:2]) for f in planted for i in [finding(f, 'x')]], but=planted)"
    result = deny(tmp_path, body)
    assert result.status == "failed"
    assert result.reason.endswith("it did not report RUSTSEC-2018-0003, which was planted")


WILDCARD = """
label = {{"message": "wildcard dependency", "span": {span!r}, "line": {line}, "column": 1}}
said = fields("wildcard", label, message="found 1 wildcard dependency for crate 'b'")
report([finding(f, PLANTED[tool]) for f in planted] + [{{"path": "b/x", "fields": [said]}}], named=("b = 1",))
"""
MANIFEST = """[package]
name = "b"
version = "1"
[dependencies]
one = "*"
two.workspace = true
[dependencies.three]
workspace = true
[workspace.dependencies]
two = { path = "two" }
three = "*"
"""


@pytest.mark.parametrize(
    ("span", "line", "message"),
    [
        ("*", 5, "one: any version will do"),
        ("true", 8, "three: any version will do"),
        ("{ workspace = true }", 8, "three: any version will do"),
        ("true", 6, ""),
        ('{ path = "two" }', 10, ""),
        ('{ git = "https://example.org" }', 10, ""),
    ],
)
def test_a_wildcard_is_one_that_somebody_wrote(span: str, line: int, message: str, tmp_path: Path) -> None:
    more = OTHER | {"b/Cargo.toml": MANIFEST}
    result = deny(tmp_path, WILDCARD.format(span=span, line=line), more)
    found = [(f.location.path, f.location.line, f.message) for f in result.findings if f.rule == "wildcard"]
    assert found == ([("b/Cargo.toml", line, message)] if message else [])
    assert any("left out" in note for note in result.notifications) == (not message)


def test_every_crate_of_a_source_is_told_with_its_weakness_and_an_advisory_with_its_own(
    tmp_path: Path,
) -> None:
    more = OTHER | {
        "b/Cargo.lock": "".join(
            f'[[package]]\nname = "{name}"\nversion = "1"\nsource = "{source}"\n'
            for name, source in {
                "x": "registry+https://r.example",
                "y": "git+https://g.example?rev=1#1",
            }.items()
        )
    }
    body = """
    kinds = {"unmaintained": "x", "unsound": "y", "notice": "x"}
    said = [fields(kind, {"span": f"{name} 1 here"}, advisory={"id": f"R-{kind}", "title": "t"})
            for kind, name in kinds.items()]
    said += [fields("source-not-allowed", {"span": span})
             for span in ("registry+https://r.example", "git+https://g.example?rev=1", "git+https://g.example?rev=1")]
    report([finding(f, PLANTED[tool]) for f in planted] + [{"path": "b/x", "fields": said}], named=("b = 1",))
    """
    findings = [f for f in deny(tmp_path, body, more).findings if f.location.path == "b/Cargo.lock"]
    assert {(f.rule, f.location.line, f.severity, f.cwe, f.message) for f in findings} == {
        ("R-unmaintained", 2, "note", ("CWE-1104",), "x 1: t"),
        ("R-unsound", 6, "warning", ("CWE-1395",), "y 1: t"),
        ("R-notice", 2, "note", (), "x 1: t"),
        ("source-not-allowed", 2, "warning", ("CWE-829",), "x 1 comes from registry+https://r.example"),
        ("source-not-allowed", 6, "warning", ("CWE-829",), "y 1 comes from git+https://g.example?rev=1#1"),
    }


def test_a_place_that_the_tree_does_not_have_makes_a_scan_partial(tmp_path: Path) -> None:
    body = """
    said = [fields("source-not-allowed", {"span": "git+https://nowhere"}),
            fields("wildcard", {"message": "wildcard dependency", "span": "*", "line": 1}, message="for crate 'z'")]
    good({"path": "x", "fields": said})
    """
    result = deny(tmp_path, body)
    assert result.status == "partial"
    assert [finding.location.line for finding in result.findings] == [0]
    assert "findings outside the tree dropped: '(no usable path)'" in result.notifications


def test_no_setting_and_no_code_of_the_tree_reaches_the_tool(tmp_path: Path) -> None:
    body = """
    settings = [f for f in own if f.rpartition("/")[2] in ("deny.toml", "config.toml", "rust-toolchain.toml")]
    assert not settings and os.path.getsize("b/src/lib.rs") == 0, settings
    config = [a.partition("=")[2] for a in argv if a.startswith("--config=")]
    assert open(config[0]).read().startswith("[graph]")
    assert ("--metadata-path=" in "".join(argv)) == ("./planted-" in "".join(argv))
    assert {"--offline", "--locked"} <= set(argv) and os.environ["CARGO_NET_OFFLINE"] == "true"
    good()
    """
    files = {
        ".cargo/config.toml": "",
        "rust-toolchain.toml": "",
        "b/src/lib.rs": "fn f() {}\n",
        "b/.deny.toml": "",
    }
    for path, content in files.items():
        place = tmp_path / "tree" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    assert deny(tmp_path, body).status == "complete"


@pytest.mark.slow
def test_a_workspace_that_takes_all_the_time_is_not_read_and_the_result_is_not_kept(tmp_path: Path) -> None:
    result = check("cargo-deny", tmp_path, IN_OTHER.format("signal.pause()"), wall=4, more=OTHER)
    assert dict(result.not_scanned) == dict.fromkeys(OTHER, "Timeout: timed out")
    assert not result.repeatable


TREE = MemoryFiles(
    {
        "Cargo.lock": b"",
        "Cargo.toml": b'[workspace]\nmembers = ["libs/*", "../x", 7]\n[workspace.dependencies]\nz = "1"\ny.version = "2"',
        "libs/a/Cargo.toml": b'[package]\nname = "a"\n[target."cfg(unix)".dependencies]\nb.path = "../../b"\n',
        "libs/a/b/Cargo.toml": b'[package]\nname = "deep"\n',
        "b/Cargo.toml": b'[package]\nname = "b"\n[dev-dependencies]\nc = { path = "/c" }\nd = { path = "../../d" }\n',
        "c/Cargo.toml": b"",
        "libs/e/Cargo.toml": b"[",
        "libs/g/Cargo.toml": b'[package]\nname = "b"\n',
        "libs/f/Cargo.toml": b"a" + b".a" * 300 + b" = 1\n",
        "n/Cargo.lock": b"",
    }
)


def test_a_workspace_is_its_members_and_what_they_name_as_paths() -> None:
    place = cargo_workspace.workspace("Cargo.toml", TREE.paths(), TREE)
    assert list(place.manifests) == [
        "Cargo.toml", "b/Cargo.toml", "libs/a/Cargo.toml", "libs/e/Cargo.toml", "libs/f/Cargo.toml",
        "libs/g/Cargo.toml",
    ]  # fmt: skip
    assert (place.lock, place.of_crate("a"), place.of_crate("none")) == (
        "Cargo.lock",
        "libs/a/Cargo.toml",
        "",
    )
    assert (place.inherited("z"), place.inherited("y"), place.inherited("x")) == ("1", "2", "")
    assert cargo_workspace.roots(TREE.paths()) == ("Cargo.toml",)


@pytest.mark.parametrize(
    ("line", "key"),
    [(1, ""), (2, "a"), (3, "b-c"), (5, "d"), (7, "e"), (0, ""), (9, "")],
)
def test_the_dependency_that_a_line_is_about(line: int, key: str) -> None:
    lines = ["[dependencies]", 'a = "*"', "b-c.workspace = true", "[dependencies.d]", 'version = "*"']
    lines += ["[target.'cfg(unix)'.dependencies.\"e\"]", "workspace = true"]
    assert cargo_workspace.key_at(lines, line) == key


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"", ""),
        (b"thread panicked\n", "thread panicked"),
        (b'{"type": "diagnostic", "fields": {"message": "m"}}\nodd\n', "odd"),
        (b'{"type": "log", "fields": {"message": "failed to fetch crates: x"}}', "failed to fetch crates: x"),
        (b'{"type": "log", "fields": {"message": "one\\ntwo"}}', "one two"),
        (b"[" * 100_000, "[" * 100_000),
    ],
)  # fmt: skip
def test_its_complaints_in_words(said: bytes, words: str) -> None:
    assert plain(said).decode() == words
