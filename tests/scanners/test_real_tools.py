"""The real bandit and semgrep on a small tree that tries to hide things from them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from scanners.finding import ScanResult
from scanners.kit import databases
from scanners.registry import DEFAULT, select
from scanners.run.scheduler import DEFAULT_LIMITS
from tests.scanners.support import TOOLS, make_tree, run_scan

pytestmark = [
    pytest.mark.tools,
    pytest.mark.skipif(not (TOOLS / "semgrep").is_file(), reason="no scanners in .venv-scanners"),
]

GO = 'package a\n\nimport "os/exec"\n\nfunc f(s string) {\n\texec.Command("sh", "-c", s).Run()%s\n}\n'
GO_TEST = """package a

import "crypto/tls"

func f(c *tls.Config) {
\tc.InsecureSkipVerify = true
}
"""
TREE: dict[str, str | bytes] = {
    "src/run.go": GO % "",
    "src/hidden.go": GO % " // nosemgrep",
    "tests/run_test.go": GO_TEST,
    "vendor/v.go": GO % "",
    "lib.py": "import subprocess\n\n\ndef f(s):\n    subprocess.call(s, shell=True)  # nosec\n",
    ".github/tool.py": "import subprocess\n\n\ndef f(s):\n    subprocess.call(s, shell=True)\n",
    "bad.py": "def f(:\n",
    "scripts/run": '#!/bin/bash\neval "$1"\n',
    "broken.sh": "if [ ; then\n  eval $1 2>\n((\n",
    ".bandit": "[bandit]\nskips: B602,B404\nexclude: /\n",
    "pyproject.toml": '[tool.bandit]\nskips = ["B602"]\n',
    ".semgrepignore": "*\n",
    ".gitignore": "src/\n",
    "rules.yaml": "rules: []\n",
    "big.go": "package a\n" + "// " + "filler " * 160_000 + "\n",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[ScanResult, ScanResult]:
    folder = tmp_path_factory.mktemp("real")
    make_tree(folder / "tree", TREE)
    bandit, semgrep = run_scan(folder, DEFAULT, tools=(TOOLS,), limits=DEFAULT_LIMITS)
    return bandit, semgrep


def places(result: ScanResult, rule: str) -> set[str]:
    return {finding.location.path for finding in result.findings if finding.rule == rule}


def test_bandit_sees_what_the_tree_hides_and_names_what_it_could_not_parse(
    results: tuple[ScanResult, ScanResult],
) -> None:
    bandit, _ = results
    assert places(bandit, "B602") == {"lib.py", ".github/tool.py"}
    assert bandit.status == "partial"
    assert [path for path, _ in bandit.not_scanned] == ["bad.py"]
    assert bandit.files_planned == (".github/tool.py", "bad.py", "lib.py")


def test_semgrep_sees_what_the_tree_hides(results: tuple[ScanResult, ScanResult]) -> None:
    _, semgrep = results
    assert places(semgrep, "go-shell-command") == {"src/run.go", "src/hidden.go", "vendor/v.go"}
    assert places(semgrep, "go-tls-verification-off") == {"tests/run_test.go"}
    assert places(semgrep, "bash-eval-variable") >= {"scripts/run"}
    assert "big.go" in semgrep.files_scanned
    assert set(semgrep.files_planned) >= {path for path in TREE if path.endswith((".go", ".py", ".sh"))}


def test_semgrep_is_partial_because_of_the_script_that_it_cannot_parse(
    results: tuple[ScanResult, ScanResult],
) -> None:
    _, semgrep = results
    assert semgrep.status == "partial", semgrep
    assert "broken.sh" in dict(semgrep.not_scanned)
    assert set(dict(semgrep.not_scanned)) <= {"broken.sh", "bad.py"}


def test_a_tool_that_is_known_by_its_metadata_is_described_without_a_run(
    results: tuple[ScanResult, ScanResult],
) -> None:
    for result in results:
        assert result.version[0].isdigit()
        assert len(result.tool_digest) == 64


MORE: dict[str, str] = {
    ".github/workflows/a.yml": (
        "on: pull_request_target\njobs:\n  a:\n    runs-on: x\n    steps:\n"
        "      - run: echo ${{ github.event.issue.title }}"
        " # zizmor: ignore[template-injection] actionlint:ignore expression\n"
    ),
    ".github/workflows/broken.yml": ": [\n",
    ".github/zizmor.yml": "rules:\n  template-injection:\n    disable: true\n",
    "zizmor.yml": "rules:\n  template-injection:\n    disable: true\n",
    "run.sh": "#!/bin/sh\n# shellcheck disable=SC2034\nx=1\n",
    "broken.sh": "if then fi (\n",
    ".shellcheckrc": "disable=all\n",
    "lib.py": "exec(input())  # noqa\n",
    "broken.py": "def (\n",
    "pyproject.toml": '[tool.ruff]\nexclude = ["*.py"]\n[tool.ruff.lint]\nignore = ["S102"]\n',
    "Dockerfile": "FROM a:latest\n# hadolint ignore=DL3007\nFROM b:latest\n#trivy:ignore:DS-0001\n",
    ".trivyignore": "DS-0001\nDS001\n",
    "trivy.yaml": "severity: [CRITICAL]\n",
    "Dockerfile.in": "@FROM@\n",
    ".hadolint.yaml": "ignored: [DL3007]\n",
    ".github/actionlint.yaml": "paths:\n  '**/*':\n    ignore: ['.*']\n",
    "node_modules/key.js": f"a\ntoken = '{'ghp_'}7bQm1XfL5dWz9RkC3tYv8NpJ2hGs6aKeUo4i' // gitleaks:allow\n",
    "cmd/a.go": 'package a\n\nimport "os/exec"\n\nfunc f(s string) { exec.Command("sh", s).Run() } //#nosec\n',
    "broken.go": "package a\n\nfunc f( {\n",
    "archive.txt": "PK\x03\x04",
    ".gitleaks.toml": "[allowlist]\npaths = ['.*']\n",
    ".gitleaksignore": "node_modules/key.js:github-pat:2\n",
}


@pytest.mark.parametrize(
    ("name", "rule", "places", "broken"),
    [
        ("zizmor", "template-injection", [(".github/workflows/a.yml", 6)], ".github/workflows/broken.yml"),
        (
            "actionlint",
            "expression-untrusted",
            [(".github/workflows/a.yml", 6)],
            ".github/workflows/broken.yml",
        ),
        ("gitleaks", "github-pat", [("node_modules/key.js", 2)], "archive.txt"),
        ("gosec", "G204", [("cmd/a.go", 5)], "broken.go"),
        ("trivy-config", "DS-0001", [("Dockerfile", 1), ("Dockerfile", 3)], "Dockerfile.in"),
        ("shellcheck", "SC2034", [("run.sh", 3)], "broken.sh"),
        ("ruff", "S102", [("lib.py", 1)], "broken.py"),
        ("hadolint", "DL3007", [("Dockerfile", 1), ("Dockerfile", 3)], "Dockerfile.in"),
    ],
)
def test_other_tools_see_what_the_tree_hides_and_name_what_they_could_not_parse(
    name: str, rule: str, places: list[tuple[str, int]], broken: str, tmp_path: Path
) -> None:
    program = name.removesuffix("-config")
    if not (TOOLS / program).is_file() and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    if name == "gosec" and shutil.which("go") is None:
        pytest.skip("go is not installed")
    make_tree(tmp_path / "tree", MORE)
    tools = (TOOLS, *(Path(found).parent for found in [shutil.which(program), shutil.which("go")] if found))
    (result,) = run_scan(tmp_path, select([name], ()), tools=tools, limits=DEFAULT_LIMITS)
    assert result.status == "partial", result
    assert list(dict(result.not_scanned)) == [broken]
    assert [(f.location.path, f.location.line) for f in result.findings if f.rule == rule] == places


def installed(*names: str) -> tuple[Path, ...]:
    """The folders of these programs; the test is skipped where one is not installed."""
    folders = [TOOLS]
    for name in names:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"{name} is not installed")
        folders.append(Path(found).parent)
    return tuple(folders)


def test_cargo_audit_finds_releases_with_an_advisory_and_names_what_it_could_not_read(tmp_path: Path) -> None:
    tools = installed("cargo-audit")
    lock = 'version = 3\n\n[[package]]\nname = "smallvec"\nversion = "0.6.{}"\nsource = "registry+{}"\n'
    index = "https://github.com/rust-lang/crates.io-index"
    tree = {
        "old/Cargo.lock": lock.format(1, index),
        "new/Cargo.lock": lock.format(3, index),
        "odd/Cargo.lock": "[",
        "old/.cargo/audit.toml": '[advisories]\nignore = ["RUSTSEC-2018-0003"]\n',
    }
    make_tree(tmp_path / "tree", tree)
    data = {"rustsec": make_tree(tmp_path / "db", databases.RUSTSEC)}
    scanners = select(["cargo-audit"], ())
    (result,) = run_scan(tmp_path, scanners, tools=tools, limits=DEFAULT_LIMITS, data=data)
    assert result.status == "partial", result
    assert list(dict(result.not_scanned)) == ["odd/Cargo.lock"]
    assert [(f.location.path, f.location.line, f.rule) for f in result.findings] == [
        ("old/Cargo.lock", 4, "RUSTSEC-2018-0003")
    ]
    assert result.findings[0].message == "smallvec 0.6.1: Memory; fixed in >=0.6.3"
    assert "advisories: 1, the newest of 2018-07-19" in result.notifications


GIT = "git+https://example.org/elsewhere?rev=0123456789012345678901234567890123456789"
CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"
CARGO_HOME = f"""[source.crates-io]
replace-with = "here"

[source."{GIT}"]
git = "https://example.org/elsewhere"
rev = "{GIT[-40:]}"
replace-with = "here"

[source.here]
directory = """
DENIED = {
    "deny.toml": '[sources]\nunknown-git = "allow"\n[advisories]\nignore = ["RUSTSEC-2018-0003"]\n',
    ".cargo/config.toml": '[build]\nrustc = "./run"\n[source.crates-io]\nreplace-with = "gone"\n',
    "rust-toolchain.toml": '[toolchain]\nchannel = "1.0.0"\n',
    "run": "#!/bin/sh\nexit 1\n",
    "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\nexclude = ["far", "odd"]\n[workspace.dependencies]\nb.path = "b"\n',
    "Cargo.lock": f"""version = 4

[[package]]
name = "a"
version = "0.1.0"
dependencies = [
 "b",
 "elsewhere",
 "smallvec",
]

[[package]]
name = "b"
version = "0.1.0"

[[package]]
name = "elsewhere"
version = "1.0.0"
source = "{GIT}#{GIT[-40:]}"

[[package]]
name = "smallvec"
version = "0.6.2"
source = "{CRATES_IO}"
""",
    "a/Cargo.toml": f"""[package]
name = "a"
version = "0.1.0"

[dependencies]
b.workspace = true
elsewhere = {{ git = "https://example.org/elsewhere", rev = "{GIT[-40:]}" }}
smallvec = "*"
""",
    "a/src/lib.rs": "not rust\n",
    "b/Cargo.toml": '[package]\nname = "b"\nversion = "0.1.0"\n',
    "b/src/lib.rs": "",
    "b/build.rs": 'fn main() { panic!("run") }\n',
    "odd/Cargo.toml": "[",
    "odd/Cargo.lock": "version = 4\n",
    "far/Cargo.toml": '[package]\nname = "far"\nversion = "0.1.0"\n[dependencies]\nserde = "1"\n',
    "far/Cargo.lock": f"""version = 4

[[package]]
name = "far"
version = "0.1.0"
dependencies = [
 "serde",
]

[[package]]
name = "serde"
version = "1.0.200"
source = "{CRATES_IO}"
""",
    "far/src/main.rs": "",
}


def cargo_home(folder: Path) -> Path:
    """A home of cargo with the two crates."""
    files = {"config.toml": CARGO_HOME + json.dumps(str(folder / "here"))}
    for name, version in {"smallvec": "0.6.2", "elsewhere": "1.0.0"}.items():
        files |= {
            f"here/{name}/Cargo.toml": f'[package]\nname = "{name}"\nversion = "{version}"\n',
            f"here/{name}/.cargo-checksum.json": '{"files": {}, "package": null}',
            f"here/{name}/src/lib.rs": "",
        }
    return make_tree(folder, files)


def test_cargo_deny_sees_what_the_tree_allows_runs_nothing_and_names_workspaces_that_do_not_resolve(
    tmp_path: Path,
) -> None:
    tools = installed("cargo-deny", "cargo", "rustc")
    make_tree(tmp_path / "tree", DENIED)
    data = {
        "rustsec": make_tree(tmp_path / "db", databases.RUSTSEC),
        "cargo-home": cargo_home(tmp_path / "cargo"),
    }
    scanners = select(["cargo-deny"], ())
    (result,) = run_scan(tmp_path, scanners, tools=tools, limits=DEFAULT_LIMITS, data=data)
    if "rustup" in result.reason:
        pytest.skip("only rustup's own programs are found, which need a home")
    assert result.status == "partial", result
    assert {path: why.split(": ", 1)[1][:60] for path, why in result.not_scanned} == {
        path: f"cargo does not resolve the workspace: {why}"[:60]
        for path, why in {
            "far/Cargo.lock": "no matching package named `serde` found",
            "far/Cargo.toml": "no matching package named `serde` found",
            "odd/Cargo.lock": "unquoted keys cannot be empty",
            "odd/Cargo.toml": "unquoted keys cannot be empty",
        }.items()
    }
    assert [(f.location.path, f.location.line, f.rule) for f in result.findings] == [
        ("Cargo.lock", 17, "source-not-allowed"),
        ("Cargo.lock", 22, "RUSTSEC-2018-0003"),
        ("a/Cargo.toml", 8, "wildcard"),
    ]
    assert result.notifications == (
        "2 dependencies on folders or git without a version left out",
        "4 crates of 1 workspaces were looked at",
        "advisories: 1, the newest of 2018-07-19",
    )


def test_cargo_deny_fails_with_a_database_that_does_not_know_a_planted_release(tmp_path: Path) -> None:
    tools = installed("cargo-deny", "cargo", "rustc")
    make_tree(tmp_path / "tree", {"Cargo.toml": DENIED["b/Cargo.toml"], "src/lib.rs": ""})
    make_tree(
        tmp_path / "tree", {"Cargo.lock": 'version = 4\n\n[[package]]\nname = "b"\nversion = "0.1.0"\n'}
    )
    database = make_tree(tmp_path / "db", databases.RUSTSEC)
    (advisory,) = database.glob("crates/*/*.md")
    advisory.write_text(advisory.read_text().replace("0.6.3", "0.6.0"))
    for data, status in (({}, "complete"), ({"rustsec": database}, "failed")):
        (result,) = run_scan(
            tmp_path, select(["cargo-deny"], ()), tools=tools, limits=DEFAULT_LIMITS, data=data, work=status
        )
        if "rustup" in result.reason:
            pytest.skip("only rustup's own programs are found, which need a home")
        assert result.status == status, result


def test_clippy_sees_what_attributes_hide_runs_nothing_and_names_crates_that_need_others(
    tmp_path: Path,
) -> None:
    tools = installed("clippy-driver", "rustc")
    hidden = "#![allow(clippy::all, clippy::unwrap_used)]\nmod part;\npub fn f(a: Option<u8>) -> u8 { a.unwrap() }\n"
    tree = {
        "Cargo.toml": '[package]\nname = "a"\nedition = "2018"\n[lints.clippy]\nall = "allow"\n',
        "clippy.toml": "disallowed-methods = []\n",
        "build.rs": 'fn main() { panic!("run") }\n',
        "src/lib.rs": hidden,
        "src/part.rs": "pub fn g(a: Option<u8>) -> u8 { a.unwrap() }\n",
        "src/alone.rs": "fn f() {}\n",
        "b/src/main.rs": "use nix::x;\nfn main() {}\n",
    }
    make_tree(tmp_path / "tree", tree)
    (result,) = run_scan(tmp_path, select(["clippy"], ()), tools=tools, limits=DEFAULT_LIMITS)
    if "rustup" in result.reason:
        pytest.skip("only rustup's own programs are found, which need a home")
    assert result.status == "partial", result
    assert dict(result.not_scanned) == {
        "b/src/main.rs": "its crate does not compile alone: unresolved import `nix`",
        "src/alone.rs": "not reported as read by the scanner",
    }
    found = {f.location.path for f in result.findings if f.rule == "clippy::unwrap_used"}
    assert found == {"src/lib.rs", "src/part.rs"}


def test_govulncheck_tells_a_call_from_an_import_and_names_modules_that_do_not_compile(
    tmp_path: Path,
) -> None:
    tools = installed("govulncheck", "go")
    module = {
        "go.mod": "module example.org/m\n\ngo 1.20\n\nrequire golang.org/x/text v0.3.0\n",
        "vendor/modules.txt": "# golang.org/x/text v0.3.0\n## explicit\ngolang.org/x/text/language\n",
        "vendor/golang.org/x/text/language/a.go": "package language\n\nfunc Parse(s string) {}\n\nfunc Safe() {}\n",
    }
    code = 'package main\n\nimport "golang.org/x/text/language"\n\nfunc main() {{\n\tlanguage.{}\n}}\n'
    calls = {"called": 'Parse("a")', "imported": "Safe()", "broken": "None()"}
    tree = {f"{name}/{path}": text for name in calls for path, text in module.items()}
    tree |= {f"{name}/main.go": code.format(call) for name, call in calls.items()}
    make_tree(tmp_path / "tree", tree)
    data = {"govulndb": make_tree(tmp_path / "db", databases.GOVULNDB)}
    scanners = select(["govulncheck"], ())
    (result,) = run_scan(tmp_path, scanners, tools=tools, limits=DEFAULT_LIMITS, data=data)
    assert result.status == "partial", result
    assert "undefined: language.None" in dict(result.not_scanned)["broken/main.go"]
    assert {path for path in result.files_scanned if path.endswith("main.go")} == {
        "called/main.go",
        "imported/main.go",
    }
    assert [(f.location.path, f.location.line, f.severity) for f in result.findings] == [
        ("called/main.go", 6, "error"),
        ("imported/go.mod", 5, "warning"),
    ]


def test_osv_scanner_looks_up_what_it_has_a_database_for_and_names_the_rest(tmp_path: Path) -> None:
    tools = installed("osv-scanner")
    module = "module example.org/m\n\ngo 1.20\n\nrequire golang.org/x/text v0.3.{}\n"
    tree = {
        "old/go.mod": module.format(0),
        "new/go.mod": module.format(8),
        "Cargo.lock": "version = 3\n",
        "old/osv-scanner.toml": '[[IgnoredVulns]]\nid = "GO-2021-0113"\n',
        ".gitignore": "old\n",
    }
    make_tree(tmp_path / "tree", tree)
    data = {"osv-archives": make_tree(tmp_path / "db", databases.OSV_ARCHIVES)}
    (result,) = run_scan(tmp_path, select(["osv-scanner"], ()), tools=tools, limits=DEFAULT_LIMITS, data=data)
    assert result.status == "partial", result
    assert list(dict(result.not_scanned)) == ["Cargo.lock"]
    assert [(f.location.path, f.location.line, f.message) for f in result.findings] == [
        ("old/go.mod", 5, "golang.org/x/text 0.3.0: Odd tags")
    ]


def test_trivy_finds_secrets_in_files_that_its_rules_leave_out_by_name(tmp_path: Path) -> None:
    tools = installed("trivy")
    token = f"a\ntoken = '{'ghp_'}7bQm1XfL5dWz9RkC3tYv8NpJ2hGs6aKeUo4i'\n"
    make_tree(
        tmp_path / "tree",
        {
            "test/README.md": token,
            "vendor/a.txt": token,
            "trivy-secret.yaml": "disable-rules: [github-pat]\n",
        },
    )
    (result,) = run_scan(tmp_path, select(["trivy-secret"], ()), tools=tools, limits=DEFAULT_LIMITS)
    assert result.status == "complete", result
    assert [(f.location.path, f.location.line, f.rule, f.snippet) for f in result.findings] == [
        ("test/README.md", 2, "github-pat", ""),
        ("vendor/a.txt", 2, "github-pat", ""),
    ]
    assert "7bQm1XfL" not in repr(result)
