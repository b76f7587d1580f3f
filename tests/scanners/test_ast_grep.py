"""Rules of ast-grep: each fires on its case and is quiet beside it, by the real tool."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanners.adapters.ast_grep import our_rules, without_comments
from scanners.registry import select
from scanners.run.scheduler import DEFAULT_LIMITS
from tests.scanners.support import TOOLS, make_tree, run_scan

CASES: dict[str, tuple[str, str]] = {
    "rust-unsafe-impl-send-sync": (
        "unsafe impl<T> Send for Box<T> {}\n",
        "unsafe impl GlobalAlloc for A {}\nimpl Send for B {}\nunsafe impl AsSendable for C {}\n",
    ),
    "rust-box-from-raw": (
        "fn f(p: *mut u8) { let _ = unsafe { Box::<u8>::from_raw(p) }; }\n",
        "fn f(p: *mut u8) { let _ = Box::new(1); let _ = File::from_raw_fd(3); let _ = Box::into_raw(b); }\n",
    ),
    "rust-unchecked-access": (
        "fn f() { unsafe { v.get_unchecked(3); } }\n",
        "fn f() { v.get(3); fn get_unchecked_name() {} get_unchecked_name(); }\n",
    ),
    "go-defer-in-loop": (
        "package a\n\nfunc f() {\n\tfor _, p := range ps {\n\t\tif p != nil {\n\t\t\tdefer p.Close()\n\t\t}\n\t}\n}\n",
        "package a\n\nfunc f() {\n\tfor _, p := range ps {\n\t\tfunc() { defer p.Close() }()\n\t}\n\tdefer g()\n}\n",
    ),
    "go-recover-dropped": (
        "package a\n\nfunc f() {\n\tdefer func() {\n\t\trecover()\n\t}()\n}\n",
        "package a\n\nfunc f() {\n\tdefer func() {\n\t\tif r := recover(); r != nil {\n\t\t\tlog(r)\n\t\t}\n\t}()\n}\n",
    ),
}


def test_every_rule_has_cases_and_says_what_it_is_about() -> None:
    assert set(CASES) == set(our_rules())
    for rule, stride in our_rules().values():
        assert rule.cwe
        assert stride
        assert rule.description.endswith(".")


@pytest.mark.tools
@pytest.mark.skipif(not (TOOLS / "ast-grep").is_file(), reason="ast-grep is not in .venv-scanners")
def test_each_fires_and_is_quiet(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {}
    for rule, (firing, quiet) in CASES.items():
        ending = "go" if rule.startswith("go-") else "rs"
        files |= {f"{rule}/firing.{ending}": firing, f"{rule}/quiet.{ending}": quiet}
    ignored = CASES["rust-box-from-raw"][0].replace("fn f", "// ast-grep-ignore\nfn f")
    files |= {"ignored.rs": ignored, "empty.go": "", "sgconfig.yml": "ruleDirs: []\n", ".gitignore": "*\n"}
    make_tree(tmp_path / "tree", files)
    (result,) = run_scan(tmp_path, select(["ast-grep"], ()), tools=(TOOLS,), limits=DEFAULT_LIMITS)
    assert (result.status, result.reason) == ("complete", "")
    found = {(finding.location.path, finding.rule) for finding in result.findings}
    expected = {(path, path.split("/")[0]) for path in files if "/firing." in path}
    assert found == expected | {("ignored.rs", "rust-box-from-raw")}


def test_comments_that_switch_rules_off_are_changed_at_the_same_length() -> None:
    before = b"// ast-grep-ignore: rule\nx\n"
    after = without_comments(before)
    assert b"ast-grep-ignore" not in after
    assert len(after) == len(before)
