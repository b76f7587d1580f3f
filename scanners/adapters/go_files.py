"""What scanners that load Go packages with the go command have in common. None of them runs code of the tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from scanners.protocol import SourceFiles

MODULES = "go-modules"
"""The name of a module cache (GOMODCACHE) beside the tree."""
ENV: Mapping[str, str] = {
    "CGO_ENABLED": "0",
    "GOCACHE": "{home}/go-build",
    "GOENV": "off",
    "GOMODCACHE": f"{{{MODULES}}}",
    "GOPATH": "{home}/go",
    "GOPROXY": "off",
    "GOSUMDB": "off",
    "GOTELEMETRY": "off",
    "GOTOOLCHAIN": "local",
}
_SETTINGS = ("go.mod", "go.sum", "go.work", "go.work.sum", "modules.txt")
_CONSTRAINT = re.compile(rb"^//(?:go:build| \+build) ", re.MULTILINE)
_HEAD = 4000
_SYSTEMS = frozenset(
    ("aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "netbsd", "openbsd", "plan9",
     "solaris", "unix", "wasip1", "windows", "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le",
     "mipsle", "ppc64", "ppc64le", "riscv64", "s390x", "wasm")
)  # fmt: skip
"""Ends of names of files that the go command takes on one platform alone."""


def wants(path: str, _tree: SourceFiles) -> bool:
    """Go files, and those that say which modules they need."""
    return path.endswith(".go") or PurePosixPath(path).name in _SETTINGS


def folder(path: str) -> str:
    """The folder of a file, a dot for the uppermost."""
    return str(PurePosixPath(path).parent)


def constrained(path: str, tree: SourceFiles) -> bool:
    """True for a Go file that the go command may leave out, by its name or by a line at its start."""
    words = PurePosixPath(path).stem.removesuffix("_test").split("_")[1:]
    return bool(_SYSTEMS & set(words[-2:])) or _CONSTRAINT.search(tree.read(path)[:_HEAD]) is not None
