"""The real bandit and semgrep on a small tree that tries to hide things from them."""

from __future__ import annotations

import pytest

from scanners.finding import ScanResult
from scanners.registry import BUILT_IN
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
    bandit, semgrep = run_scan(folder, BUILT_IN, tools=(TOOLS,), limits=DEFAULT_LIMITS)
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
