"""Examples of the scanners that are built in."""

from __future__ import annotations

from collections.abc import Mapping

from scanners.kit import databases
from scanners.protocol import Example, Scanner

_WORKFLOW = b"""name: a
on: push
permissions: {}
jobs:
  a:
    runs-on: ubuntu-24.04
    steps:
      - run: echo ${{ github.event.issue.title }}
"""


def example_of(scanner: Scanner) -> Example | None:
    """The example that a scanner carries in its attribute `example`, or ours of a built-in one."""
    own = getattr(scanner, "example", None)
    return own if isinstance(own, Example) else _BUILT_IN.get(scanner.name)


_PYTHON = Example(
    files={"a/one.py": b"exec(input())\n", "two.py": b"import subprocess\nsubprocess.call(x, shell=True)\n"},
    other={"README.md": b"exec(input())\n"},
    broken={"broken.py": b"def f(:\n"},
)
_TOKENS = Example(
    files={
        "a.txt": b"token = ghp_" + b"A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"[:36] + b"\n",
        "b.txt": b"token = ghp_" + b"Z9y8X7w6V5u4T3s2R1q0P9o8N7m6L5k4J3i2"[:36] + b"\n",
    },
    other={"c.bin": b"\0\1\2"},
    never_broken="it reads text line by line",
)
_GO = (
    b'package a\n\nimport "os/exec"\n\nfunc F(s string) error { return exec.Command("sh", "-c", s).Run() }\n'
)
_RUST = b"pub fn f(a: Option<u8>) -> u8 { a.unwrap() }\n"
_CRATE = (
    b'version = 3\n\n[[package]]\nname = "smallvec"\nversion = "0.6.%d"\n'
    b'source = "registry+https://github.com/rust-lang/crates.io-index"\n'
)
_MODULE = b"module example.org/%s\n\ngo 1.20\n\nrequire golang.org/x/text v0.3.0\n"
_CALL = b'package main\n\nimport "golang.org/x/text/language"\n\nfunc main() {\n\tlanguage.Parse("%s")\n}\n'
_BUILT_IN: Mapping[str, Example] = {
    "actionlint": Example(
        files={".github/workflows/a.yml": _WORKFLOW, ".github/workflows/b.yaml": _WORKFLOW},
        other={"a.yml": _WORKFLOW},
        broken={".github/workflows/c.yml": b"on: [\n"},
    ),
    "bandit": _PYTHON,
    "cargo-audit": Example(
        files={"Cargo.lock": _CRATE % 1, "b/Cargo.lock": _CRATE % 2},
        other={"Cargo.toml": b""},
        broken={"c/Cargo.lock": b"[\n"},
        data={"rustsec": databases.RUSTSEC},
    ),
    "cargo-deny": Example(
        files={
            f"{name}/{file}": content
            for name in ("a", "b")
            for file, content in (
                ("Cargo.lock", databases.cargo_lock(name)),
                ("Cargo.toml", databases.cargo_toml(name)),
            )
        },
        other={
            "a/src/lib.rs": b"",
            "b/src/main.rs": b"",
            "deny.toml": b'[sources]\nunknown-git = "allow"\n',
            ".cargo/config.toml": b'[build]\nrustc = "gone"\n',
        },
        broken={"c/Cargo.lock": databases.cargo_lock("c"), "c/Cargo.toml": b"[\n"},
        data={"cargo-home": databases.CARGO_HOME, "rustsec": databases.RUSTSEC},
    ),
    "clippy": Example(
        files={"a/src/lib.rs": _RUST, "b/src/lib.rs": _RUST + b"\n"},
        other={"a.txt": _RUST},
        broken={"c/src/lib.rs": b"fn (\n"},
    ),
    "dependencies": Example(
        files={
            "Cargo.lock": _CRATE % 1,
            "a/go.mod": _MODULE % b"a",
            "requirements.txt": b"jinja2==2.9\n",
        },
        other={"Cargo.toml": b""},
        broken={"c/Cargo.lock": b"[\n", "c/go.mod": b"require (\n", "c/requirements.txt": b"jinja2\n"},
        data={"osv": databases.OSV},
    ),
    "gitleaks": _TOKENS,
    "gosec": Example(
        files={"a/one.go": _GO, "b/two.go": _GO + b"\n"},
        other={"a.txt": _GO},
        broken={"c/three.go": b"package a\n\nfunc f( {\n"},
    ),
    "govulncheck": Example(
        files={
            "a/go.mod": _MODULE % b"a",
            "a/go.sum": databases.GO_SUM,
            "a/main.go": _CALL % b"a",
            "b/go.mod": _MODULE % b"b",
            "b/go.sum": databases.GO_SUM,
            "b/main.go": _CALL % b"b",
        },
        other={"a.txt": _CALL % b"c"},
        broken={
            "c/go.mod": _MODULE % b"c",
            "c/go.sum": databases.GO_SUM,
            "c/main.go": b"package main\n\nfunc f( {\n",
        },
        quiet=frozenset({"a/go.mod", "a/go.sum", "b/go.mod", "b/go.sum"}),
        data={"go-modules": databases.GO_MODULES, "govulndb": databases.GOVULNDB},
    ),
    "hadolint": Example(
        files={"Dockerfile": b"FROM a:latest\n", "b/x.Dockerfile": b"FROM b:latest\n"},
        other={"a.txt": b"FROM a:latest\n"},
        broken={"Dockerfile.in": b"@FROM@\n"},
    ),
    "osv-scanner": Example(
        files={"go.mod": _MODULE % b"a", "b/go.mod": _MODULE % b"b"},
        other={"a.txt": _MODULE % b"c"},
        broken={"c/go.mod": b"require (\n"},
        data={"osv-archives": databases.OSV_ARCHIVES},
    ),
    "ruff": _PYTHON,
    "semgrep": Example(
        files={
            "a/one.go": b'package a\n\nimport "os/exec"\n\nfunc f(s string) {\n\texec.Command("sh", "-c", s).Run()\n}\n',
            "two.sh": b'#!/bin/bash\neval "$1"\n',
        },
        broken={"broken.sh": b"if [ ; then\n  eval $1 2>\n((\n"},
    ),
    "shellcheck": Example(
        files={"a/one.sh": b"#!/bin/sh\nunused=1\n", "two": b"#!/bin/bash\nunused=1\n"},
        other={"a.py": b"unused=1\n"},
        broken={"broken.sh": b"if then fi (\n"},
    ),
    "trivy-config": Example(
        files={"Dockerfile": b"FROM a:latest\n", "b/x.Dockerfile": b"FROM b:latest\n"},
        other={"a.txt": b"FROM a:latest\n"},
        broken={"Dockerfile.in": b"@FROM@\n"},
    ),
    "trivy-secret": _TOKENS,
    "zizmor": Example(
        files={
            ".github/workflows/a.yml": _WORKFLOW,
            "b/action.yml": (
                b"name: b\ndescription: b\nruns:\n  using: composite\n  steps:\n"
                b"    - run: echo ${{ inputs.b }}\n      shell: bash\n"
            ),
        },
        other={"a.yml": _WORKFLOW},
        broken={".github/workflows/c.yml": b": [\n"},
    ),
}
