"""Examples of the scanners that are built in."""

from __future__ import annotations

from collections.abc import Mapping

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
_BUILT_IN: Mapping[str, Example] = {
    "actionlint": Example(
        files={".github/workflows/a.yml": _WORKFLOW, ".github/workflows/b.yaml": _WORKFLOW},
        other={"a.yml": _WORKFLOW},
        broken={".github/workflows/c.yml": b"on: [\n"},
    ),
    "bandit": _PYTHON,
    "gitleaks": Example(
        files={
            "a.txt": b"token = ghp_" + b"A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"[:36] + b"\n",
            "b.txt": b"token = ghp_" + b"Z9y8X7w6V5u4T3s2R1q0P9o8N7m6L5k4J3i2"[:36] + b"\n",
        },
        other={"c.bin": b"\0\1\2"},
        never_broken="it reads text line by line",
    ),
    "hadolint": Example(
        files={"Dockerfile": b"FROM a:latest\n", "b/x.Dockerfile": b"FROM b:latest\n"},
        other={"a.txt": b"FROM a:latest\n"},
        broken={"Dockerfile.in": b"@FROM@\n"},
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
