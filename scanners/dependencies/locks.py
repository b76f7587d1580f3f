"""Which files of a tree are lock files, and what they say."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from dataclasses import dataclass

from scanners.dependencies.cargo import read_cargo
from scanners.dependencies.component import Ecosystem, Lock, NotALock
from scanners.dependencies.gomod import read_gomod
from scanners.dependencies.requirements import is_requirements, read_requirements
from scanners.protocol import SourceFiles
from threatmodel.core.errors import ThreatModelError

NO_READER = frozenset(
    {
        "Cartfile.resolved", "Gemfile.lock", "MODULE.bazel.lock", "Package.resolved", "Pipfile.lock", "Podfile.lock",
        "bun.lock", "bun.lockb", "buildscript-gradle.lockfile", "cabal.project.freeze", "composer.lock", "conan.lock",
        "deno.lock", "gems.locked", "gradle.lockfile", "mix.lock", "npm-shrinkwrap.json", "package-lock.json",
        "packages.lock.json", "paket.lock", "pdm.lock", "pnpm-lock.yaml", "poetry.lock", "pubspec.lock", "pylock.toml",
        "renv.lock", "stack.yaml.lock", "uv.lock", "yarn.lock",
    }
)  # fmt: skip
"""Names of lock files of kinds that are not read, and that are told as such."""
_NO_READER = "a lock file of a kind that is not read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Locks:
    """What the lock files of a tree say. `unread` are those that say nothing, with the reason."""

    read: tuple[Lock, ...]
    unread: tuple[tuple[str, str], ...]


def ecosystem_of(path: str) -> Ecosystem | None:
    """The ecosystem of a lock file that can be read; None for every other file."""
    name = posixpath.basename(path)
    if name == "Cargo.lock":
        return "crates.io"
    if name == "go.mod":
        return "Go"
    return "PyPI" if is_requirements(path) else None


def is_lock(path: str) -> bool:
    """True for a lock file of any kind, those that are not read too."""
    return ecosystem_of(path) is not None or posixpath.basename(path) in NO_READER


def read_locks(tree: SourceFiles, paths: Collection[str], *, sums: bool = False) -> Locks:
    """The lock files at these paths of the tree, by path; with `sums` the digests of modules in the `go.sum` beside."""
    read: list[Lock] = []
    unread: list[tuple[str, str]] = []
    beside = frozenset(tree.paths()) if sums else frozenset[str]()
    for path in sorted(paths):
        if ecosystem_of(path) is None:
            unread.append((path, _NO_READER))
            continue
        try:
            read.append(_read(tree, path, frozenset(paths), beside))
        except NotALock as error:
            unread.append((path, f"not read: {error}"))
        except (OSError, ThreatModelError) as error:
            unread.append((path, f"cannot be read: {type(error).__name__}"))
    return Locks(read=tuple(read), unread=tuple(unread))


def _read(tree: SourceFiles, path: str, paths: frozenset[str], beside: frozenset[str]) -> Lock:
    """
    Raises:
        NotALock: it is none, or too large.
        OSError, ThreatModelError: it cannot be read.
    """
    data = tree.read(path)
    match ecosystem_of(path):
        case "crates.io":
            return read_cargo(path, data)
        case "Go":
            sums = f"{path.removesuffix('.mod')}.sum"
            return read_gomod(path, data, tree.read(sums) if sums in beside else None)
        case _:
            return read_requirements(path, data, paths)
