"""Fake programs for the adapters of file tools, and the trees that they read."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import replace
from pathlib import Path

from scanners.adapters.file_tool import FileTool
from scanners.finding import ScanResult
from scanners.registry import select
from tests.scanners.support import LIMITS, make_tree, run_scan

PRELUDE = """
import atexit, json, os, signal, sys
argv = sys.argv[1:]
if argv == ["--version"]:
    print("9.8.7")
    raise SystemExit(0)
named = [argv[argv.index(o) + 1] for o in ("--output-file", "--report-path", "-out") if o in argv]
named += [a.split("=")[2].split(",")[0] for a in argv if a.startswith("--emit=")]
out = named[0] if named else ""
below = sorted(os.path.relpath(os.path.join(d, f), ".") for d, _, fs in os.walk(".") for f in fs)
own_files = {"cargo-deny": "/Cargo.toml", "govulncheck": "/main.go", "osv-scanner": "/go.mod"}.get(tool, "")
planted = [f for f in below if f.startswith("planted-") and f.endswith(own_files)]
own = [f for f in below if not f.startswith("planted-")]
def say(value):
    text = json.dumps(value)
    open(out, "w").write(text) if out else sys.stdout.write(text)
def finding(path, rule):
    return {
        "shellcheck": {"file": "./" + path, "line": 1, "endLine": 1, "column": 1, "endColumn": 2, "level": "error",
                       "code": int("".join(c for c in rule if c.isdigit()) or 0), "message": "m"},
        "hadolint": {"file": "./" + path, "line": 1, "column": 1, "level": "error", "code": rule, "message": "m"},
        "ruff": {"filename": os.path.abspath(path), "code": rule, "message": "m",
                 "location": {"row": 1, "column": 1}, "end_location": {"row": 1, "column": 2}},
        "actionlint": {"filepath": "./" + path, "line": 1, "column": 1, "end_column": 2, "kind": rule, "message": "m"},
        "gitleaks": {"File": path, "StartLine": 1, "EndLine": 1, "StartColumn": 1, "EndColumn": 2, "RuleID": rule,
                     "Description": "m", "Match": "REDACTED", "Secret": "REDACTED"},
        "ast-grep": {"ruleId": rule, "file": path, "range": {"start": {"line": 0, "column": 0},
                                                             "end": {"line": 0, "column": 1}}},
        "cargo-audit": {"path": path, "advisory": {"id": rule}, "package": {"name": "a", "version": "1"}},
        "cargo-deny": {"path": path, "fields": deny(path, rule)},
        "clippy": {"code": {"code": rule}, "message": "m", "level": "warning", "path": path,
                   "spans": [{"is_primary": True, "file_name": path, "line_start": 1, "line_end": 1}]},
        "gosec": {"file": os.path.abspath(path), "rule_id": rule, "details": "m", "line": "1", "column": "1",
                  "severity": "HIGH", "confidence": "HIGH", "cwe": {"id": "78"}},
        "govulncheck": {"path": path, "finding": {"osv": rule, "trace": [
            {"module": "b", "version": "v1", "package": "b/c", "function": "F"},
            {"module": "m", "position": {"filename": os.path.basename(path), "line": 1, "column": 1}}]}},
        "osv-scanner": {"source": {"path": os.path.abspath(path)}, "packages": [
            {"package": {"name": "a", "version": "1", "ecosystem": "Go"}, "groups": [{"ids": [rule]}]}]},
        "trivy-config": {"Target": path, "Class": "config", "Misconfigurations": [
            {"ID": rule, "Message": "m", "Severity": "HIGH", "CauseMetadata": {"StartLine": 1, "EndLine": 1}}]},
        "trivy-secret": {"Target": path, "Class": "secret", "Secrets": [
            {"RuleID": rule, "Title": "m", "Severity": "HIGH", "StartLine": 1, "EndLine": 1}]},
        "zizmor": {"ident": rule, "desc": "d", "determinations": {"severity": "High", "confidence": "High"},
                   "locations": [{"symbolic": {"kind": "Primary", "annotation": "m",
                     "key": {"Local": {"verbatim_path": "./" + path}}},
                     "concrete": {"location": {"start_point": {"row": 0, "column": 0},
                                               "end_point": {"row": 0, "column": 1}}}}]},
    }[tool]
def fields(code, label, **more):
    return {"code": code, "severity": "error", "message": "m", "labels": [label], **more}
def deny(path, rule):
    crate = "planted" if path.startswith("planted-") else "a"
    wildcard = {"message": "wildcard dependency", "span": "*", "line": 1, "column": 1}
    found = [fields("wildcard", wildcard, message=f"found 1 wildcard dependency for crate '{crate}'")]
    source = [fields("source-not-allowed", {"span": "git+https://example.org/g?rev=1"})]
    lock = {"span": "smallvec 0.6.2 registry"}
    advisory = [fields("vulnerability", lock, advisory={"id": "RUSTSEC-2018-0003", "title": "t"})]
    if path.startswith("planted-"):
        return found + source + advisory
    return source if path.endswith("Cargo.lock") else found
def message(kind, fields):
    sys.stderr.write(json.dumps({"type": kind, "fields": fields}) + "\\n")
def end(code):
    def now():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    atexit.register(now)
def report(found, named=("a = 1",), less=0):
    if tool == "cargo-deny":
        folder = os.path.dirname(argv[argv.index("--manifest-path") + 1].removeprefix("./"))
        here = [i for i in found if isinstance(i, int) or os.path.dirname(i["path"]) == folder]
        named = ("planted = 1.0.0",) if folder.startswith("planted-") else named
        said = [{"code": "not-allowed", "severity": "error", "message": f"crate '{n}' is not explicitly allowed"}
                for n in named]
        for item in here:
            if isinstance(item, int):
                sys.stderr.write(f"{item}\\n")
            else:
                said += item["fields"]
        for fields in said:
            message("diagnostic", fields)
        none = {"errors": 0, "warnings": 0}
        bans = {"errors": len(said) - less, "warnings": 0}
        message("summary", {"bans": bans, "sources": none, "advisories": none})
        end(2)
        return
    if tool == "ast-grep":
        found = finished + found
    if tool == "clippy":
        path = argv[-1].removeprefix("./")
        for item in found:
            if isinstance(item, int) or item["path"] == path:
                sys.stderr.write(json.dumps(item) + "\\n")
        open(out, "w").write(f"x.d: {path}\\n\\n{path}:\\n")
        return
    if tool == "govulncheck":
        folder = os.path.normpath(argv[argv.index("-C") + 1])
        sys.stdout.write(json.dumps({"SBOM": {"modules": [{"path": "m"}], "roots": ["m"]}}) + "\\n")
        for item in found:
            if isinstance(item, int) or os.path.dirname(item["path"]) == folder:
                sys.stdout.write(json.dumps(item) + "\\n")
        return
    if tool.startswith("trivy"):
        say({"Results": found + finished})
        return
    if tool == "osv-scanner":
        say({"results": found})
        return
    if tool == "cargo-audit":
        path = argv[-1].removeprefix("./")
        found = [item for item in found if item == 1 or item == 2 or item["path"] == path]
        say({"vulnerabilities": {"list": found}, "warnings": {}})
        return
    say({"comments": found} if tool == "shellcheck" else {"Issues": found} if tool == "gosec" else found)
finished = []
def done(paths):
    if tool == "ast-grep":
        finished.extend(finding(path, "read-rust") for path in paths)
    if tool == "trivy-config":
        finished.extend({"Target": path, "Class": "config"} for path in paths)
    for path in paths:
        if tool == "zizmor":
            sys.stderr.write(f" INFO audit: zizmor: x completed ./{path}\\n")
        if tool == "actionlint":
            sys.stderr.write(f"verbose: Found total 1 errors in 0 ms for ./{path}\\n")
        if tool == "gitleaks":
            sys.stderr.write(f"9:44PM TRC scanning path path={path}\\n")
        if tool == "gosec" and path.endswith(".go"):
            sys.stderr.write(f"[gosec] 2026/11/26 21:44:30 Checking file: {os.path.abspath(path)}\\n")
        if tool == "trivy-secret":
            sys.stderr.write(f'2026-11-26T22:52:34Z\\tDEBUG\\t[secret] Using streaming scanner\\tfile_path="{path}"\\n')
        if tool == "osv-scanner":
            sys.stderr.write(f"Scanned {os.path.abspath(path)} file and found 1 package\\n")
        if tool == "ruff":
            sys.stderr.write(f"[t][ruff::diagnostics][DEBUG] Checking: {os.path.abspath(path)}\\n")
    if tool == "gitleaks":
        sys.stderr.write(f"9:44PM INF scanned ~{sum(os.path.getsize(f) for f in paths)} bytes (x) in 1s\\n")
PLANTED = {"shellcheck": "SC2034", "hadolint": "DL3007", "ruff": "S102", "zizmor": "template-injection",
           "ast-grep": "rust-box-from-raw",
           "actionlint": "expression-untrusted", "gitleaks": "github-pat", "gosec": "G204",
           "cargo-audit": "RUSTSEC-2018-0003", "cargo-deny": "wildcard", "clippy": "clippy::unwrap_used",
           "govulncheck": "GO-2021-0113", "osv-scanner": "GO-1", "trivy-config": "DS-0001",
           "trivy-secret": "github-pat"}
def good(*extra, but=(), without=()):
    done([f for f in below if f not in without])
    report([finding(f, PLANTED[tool]) for f in planted if f not in but] + list(extra))
"""
TREES: dict[str, dict[str, str]] = {
    "actionlint": {
        ".github/workflows/a.yml": "on: push\n",
        "b/.github/workflows/b.yaml": "on: push\n",
        ".github/x.yml": "a: b\n",
    },
    "ast-grep": {"a/one.go": "package a\n", "two.rs": "fn f() {}\n", "x.py": "x = 1\n"},
    "cargo-audit": {
        "Cargo.lock": '[[package]]\nname = "a"\nversion = "1"\n',
        "b/Cargo.lock": 'name = "a"\nversion = "1"\n',
        "Cargo.toml": "",
    },
    "cargo-deny": {
        "Cargo.lock": '[[package]]\nname = "a"\nversion = "1"\nsource = "git+https://example.org/g?rev=1#1"\n',
        "Cargo.toml": '[package]\nname = "a"\nversion = "1"\n',
        "deny.toml": "",
    },
    "clippy": {"a/src/lib.rs": "x\n", "src/main.rs": "x\n", "x.py": "x = 1\n"},
    "gitleaks": {"a/go.sum": "one\n", "b.yaml": "two: 2\n", "x.bin": "\0", "empty": ""},
    "shellcheck": {"a/one.sh": "true\n", "two": "#!/bin/bash\ntrue\n", "x.py": "x = 1\n"},
    "gosec": {"a/one.go": "package a\n", "b/two.go": "package b\n", "x.sh": "true\n"},
    "govulncheck": {"a/go.mod": "module m\n", "a/one.go": "package m\n", "x.py": "x = 1\n"},
    "hadolint": {"Dockerfile": "FROM a\n", "b/x.Dockerfile": "FROM a\n", "x.py": "x = 1\n"},
    "osv-scanner": {"go.mod": "module a\n", "b/go.mod": "module b\n", "x.py": "x = 1\n"},
    "ruff": {"a/one.py": "x = 1\n", "two": "#!/usr/bin/env python3\nx = 1\n", "x.sh": "true\n"},
    "trivy-config": {
        "Dockerfile": "FROM a\n",
        "b/pod.yaml": "apiVersion: v1\nkind: Pod\n",
        "x.yaml": "kind: {{ x }}\napiVersion: v1\n",
    },
    "trivy-secret": {"test/a.md": "one one one\n", "b": "two two two\n", "x.bin": "\0" * 20, "empty": "x"},
    "zizmor": {
        ".github/workflows/a.yml": "on: push\n",
        "b/action.yaml": "name: b\n",
        "x.yml": "a: b\n",
    },
}
NAMES = tuple(sorted(TREES))
PROGRAMS = {"clippy": "clippy-driver", "trivy-config": "trivy", "trivy-secret": "trivy"}
ONE_BY_ONE = frozenset({"cargo-audit", "clippy"})
"""Programs that are started for each file."""


def check(
    name: str, tmp_path: Path, body: str | None, wall: float = 20, more: dict[str, str] | None = None
) -> ScanResult:
    """Scan a tree of two files that the tool reads and one that it does not, and check what always holds."""
    make_tree(tmp_path / "tree", {**TREES[name], **(more or {})})
    if body is not None:
        path = tmp_path / "bin" / PROGRAMS.get(name, name)
        path.parent.mkdir()
        path.write_text(f"#!{sys.executable}\ntool = {name!r}\n{PRELUDE}\n{textwrap.dedent(body)}\n")
        path.chmod(0o755)
        for helper in ("cargo", "go", "rustc"):
            (path.parent / helper).write_text("")
            (path.parent / helper).chmod(0o755)
    limits = replace(LIMITS, wall_seconds=wall)
    (scanner,) = select([name], ())
    folder = tmp_path / "data"
    folder.mkdir(exist_ok=True)
    data = dict.fromkeys(scanner.data if isinstance(scanner, FileTool) else (), folder)
    (result,) = run_scan(tmp_path, (scanner,), tools=(tmp_path / "bin",), limits=limits, data=data)
    assert len(result.files_planned) == 2 + len(more or {})
    missed = {path for path, _ in result.not_scanned}
    assert set(result.files_planned) == missed | set(result.files_scanned)
    assert not missed & set(result.files_scanned)
    assert "planted-" not in repr(result.findings) + repr(result.not_scanned)
    assert str(tmp_path) not in repr(result)
    return result
