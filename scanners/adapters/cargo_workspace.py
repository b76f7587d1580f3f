"""Workspaces of cargo as a tree has them: the manifests that belong to a lock file. Everything is untrusted."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from scanners.adapters.judge import mapping, normal_path, text
from scanners.protocol import SourceFiles

MANIFEST, LOCK = "Cargo.toml", "Cargo.lock"
_MOST = 1 << 20
"""Bytes of a manifest."""
_MOST_DOTS = 200
"""On a line. The time that the parser of TOML takes grows with the square of the parts of a key."""
_KEY = re.compile(r'\s*["\']?([A-Za-z0-9_-]{1,200})["\']?\s*[.=]')
_HEADER = re.compile(r'\s*\[[^\]]*\.\s*["\']?([A-Za-z0-9_-]{1,200})["\']?\s*\]')


@dataclass(frozen=True, slots=True)
class Workspace:
    """A root manifest with a lock file beside it, and the manifests that it may lead to, with their content."""

    root: str
    manifests: Mapping[str, Mapping[str, Any]]

    @property
    def lock(self) -> str:
        return str(PurePosixPath(self.root).with_name(LOCK))

    def of_crate(self, name: str) -> str:
        """The manifest of the crate; empty where there is none, or more than one."""
        found = [path for path, manifest in self.manifests.items() if package(manifest)[0] == name]
        return found[0] if len(found) == 1 else ""

    def inherited(self, key: str) -> str:
        """The version that the workspace names for a dependency of its members; empty where it names none."""
        shared = mapping(mapping(self.manifests.get(self.root)).get("workspace")).get("dependencies")
        said = mapping(shared).get(key)
        return text(mapping(said).get("version") if isinstance(said, dict) else said, 200)


def roots(files: Iterable[str]) -> tuple[str, ...]:
    """The manifests that a lock file stands beside."""
    known = frozenset(files)
    manifests = (str(PurePosixPath(path).with_name(MANIFEST)) for path in sorted(known) if is_lock(path))
    return tuple(path for path in manifests if path in known)


def is_lock(path: str) -> bool:
    return PurePosixPath(path).name == LOCK


def workspace(root: str, files: Iterable[str], tree: SourceFiles) -> Workspace:
    """The workspace of a root manifest: its members and whatever its manifests name as a path, as far as the tree has it.
    That is more than cargo reads, never less, but for patterns over several folders."""
    known = frozenset(path for path in files if not is_lock(path))
    found: dict[str, Mapping[str, Any]] = {}
    waiting = [root]
    while waiting:
        path = waiting.pop()
        if path in found or path not in known:
            continue
        found[path] = _manifest(path, tree)
        folder = posixpath.dirname(path)
        waiting += [_beside(folder, name) for name in _paths(found[path])]
        members = mapping(found[path].get("workspace")).get("members")
        for pattern in members if isinstance(members, list) else ():
            waiting += _matching(_beside(folder, text(pattern, 1000)), known)
    return Workspace(root, {path: found[path] for path in sorted(found)})


def package(manifest: Mapping[str, Any]) -> tuple[str, str]:
    """Name and version of a manifest's crate; an empty version is that of the workspace, an empty name means no crate."""
    said = mapping(manifest.get("package") or manifest.get("project"))
    return text(said.get("name"), 200), text(said.get("version"), 200)


def key_at(lines: list[str], line: int) -> str:
    """The name of the dependency that a line of a manifest is about; empty where that cannot be told."""
    if not 1 <= line <= len(lines):
        return ""
    found = _KEY.match(lines[line - 1])
    if found and found[1] not in ("workspace", "version"):
        return found[1]
    headers = (
        _HEADER.fullmatch(text) for text in reversed(lines[: line - 1]) if text.lstrip().startswith("[")
    )
    header = next(headers, None)
    return header[1] if header else ""


def _manifest(path: str, tree: SourceFiles) -> Mapping[str, Any]:
    """A manifest; an empty one where it cannot be read."""
    said = tree.read(path)[:_MOST].decode("utf-8", "replace")
    if max(line.count(".") for line in said.split("\n")) > _MOST_DOTS:
        return {}
    try:
        return tomllib.loads(said)
    except (ValueError, RecursionError):
        return {}


def _paths(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Whatever stands under the key `path`."""
    waiting: list[Any] = [manifest]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("path"), str):
                yield value["path"]
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _beside(folder: str, name: str) -> str:
    """The manifest of a folder that another one names; empty outside of the tree."""
    return normal_path(posixpath.normpath(posixpath.join(folder, name, MANIFEST)))


def _matching(pattern: str, known: frozenset[str]) -> list[str]:
    parts = pattern.split("/")
    return [
        path
        for path in known
        if path.count("/") == len(parts) - 1
        and all(fnmatchcase(part, wanted) for part, wanted in zip(path.split("/"), parts, strict=True))
    ]
