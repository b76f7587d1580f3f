"""Where a place that was not found may be now: a hint for whoever repairs the claim, never a result.

Names come first: a file of the same name with most folders in common. Then contents: a file of the same ending, near the
old place, in which the pattern of the claim stands. Work is bounded for each tree; what lies beyond gives no hint.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

import re2

from threatmodel.core.errors import ThreatModelError
from threatmodel.core.globs import compile_glob
from threatmodel.core.text import fold
from threatmodel.readers.content import Unusable, content_of

MAX_SEARCHED = 128 * 1024 * 1024
"""Most bytes that all hints of one tree search."""
MAX_FILES = 4_000
"""Most files that one hint searches."""
_NAMESAKES = 12
"""Most files of one name that are looked into; a name that more files have says little."""
_FEW = 3
"""A pattern that stands in more files than this says little about where it belongs."""
_SPECIAL = frozenset("*?{")


class Tree(Protocol):
    """What hints need of a source tree."""

    def paths(self) -> tuple[str, ...]: ...
    def read(self, path: str) -> bytes: ...


@dataclass(slots=True, kw_only=True)
class Moved:
    """Looks for new places in one tree."""

    tree: Tree
    _left: int = MAX_SEARCHED
    _names: dict[str, list[str]] = field(default_factory=dict)
    _folders: dict[str, list[str]] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    def of_files(self, globs: Iterable[str], pattern: str = "") -> str:
        """A hint for globs that match no file; `pattern` (RE2) is what the claim looks for in them."""
        self._index()
        for glob in globs:
            wanted = glob.rpartition("/")[2]
            if set(wanted) <= {"*"}:
                found = self._nearest(self._folders.get(_folder_name(glob), ()), glob)
                if found:
                    return _hint(found)
                continue
            named = self._named(wanted)
            if len(named) <= _NAMESAKES and pattern:
                for path in _by_likeness(named, glob):
                    if line := self._line(path, pattern):
                        return _hint(f"{path}:{line}")
            if pattern and (found := self._by_content(glob, pattern)):
                return _hint(found)
            if found := self._nearest(named, glob):
                return _hint(found)
        return ""

    def of_pattern(self, paths: Iterable[str], pattern: str) -> str:
        """A hint for a pattern that does not stand in these files."""
        self._index()
        here = tuple(paths)
        found = self._by_content(here[0], pattern, but=frozenset(here)) if here else ""
        return _hint(found) if found else ""

    def _index(self) -> None:
        if self._names:
            return
        folders: dict[str, None] = {}
        for path in self.tree.paths():
            parent, _, name = path.rpartition("/")
            self._names.setdefault(name, []).append(path)
            while parent and parent not in folders:
                folders[parent] = None
                parent = parent.rpartition("/")[0]
        for folder in sorted(folders):
            self._folders.setdefault(folder.rpartition("/")[2], []).append(folder)

    def _named(self, name: str) -> list[str]:
        """The files with this name, which may be a glob."""
        if _SPECIAL.isdisjoint(name):
            return self._names.get(name, [])
        matches = compile_glob(name).fullmatch
        return sorted(path for known, paths in self._names.items() if matches(known) for path in paths)

    def _nearest(self, paths: Sequence[str], old: str) -> str:
        """The one that has most in common with the old place; nothing where two have."""
        ranked = _by_likeness(paths, old)
        if not ranked or (len(ranked) > 1 and _likeness(ranked[0], old) == _likeness(ranked[1], old)):
            return ""
        return ranked[0]

    def _by_content(self, old: str, pattern: str, but: frozenset[str] = frozenset()) -> str:
        """The place of the pattern in a file of the same ending, in the nearest folder around the old place that has
        one. Nothing where it stands in many."""
        ending = PurePosixPath(old).suffix
        around = old.split("/")[:-1]
        seen: set[str] = set(but)
        for depth in range(len(around), 0, -1):
            folder = "/".join(around[:depth]) + "/"
            files = [
                path
                for path in self.tree.paths()
                if path.startswith(folder) and path.endswith(ending) and path not in seen
            ]
            if len(files) > MAX_FILES:
                return ""
            seen.update(files)
            found = [(path, line) for path in files if (line := self._line(path, pattern))]
            if len(found) > _FEW:
                return ""
            if found:
                best = _by_likeness([path for path, _ in found], old)[0]
                return f"{best}:{dict(found)[best]}"
        return ""

    def _line(self, path: str, pattern: str) -> int:
        """The line of the pattern outside of comments, 0 where it is not there or too much was searched already."""
        if path not in self._texts:
            try:
                self._texts[path] = self.tree.read(path).decode("utf-8", "replace")
            except ThreatModelError:
                self._texts[path] = ""
        text = self._texts[path]
        if len(text) > self._left:
            return 0
        self._left -= len(text)
        matcher = re2.compile(f"(?m){pattern}")
        if not matcher.search(text):
            return 0
        content = content_of(text.encode(), path)
        match = None if isinstance(content, Unusable) else matcher.search(content.code)
        if match is None or isinstance(content, Unusable):
            return 0
        blanks = len(match.group()) - len(match.group().lstrip())
        return content.code.count("\n", 0, match.start() + blanks) + 1


def _hint(place: str) -> str:
    return f"the likeliest new place is {fold(place)}"


def _folder_name(glob: str) -> str:
    """The last folder of a glob that is no pattern."""
    return next((p for p in reversed(glob.split("/")) if p and _SPECIAL.isdisjoint(p)), "")


def _by_likeness(paths: Iterable[str], old: str) -> list[str]:
    return sorted(paths, key=lambda path: (*(-part for part in _likeness(path, old)), path))


def _likeness(path: str, old: str) -> tuple[int, int]:
    """How many folders two paths share in order, and how few only one of them has (as a negative number)."""
    a, b = path.split("/")[:-1], old.split("/")[:-1]
    row = [0] * (len(b) + 1)
    for part in a:
        above = row[:]
        for index, other in enumerate(b):
            row[index + 1] = above[index] + 1 if part == other else max(above[index + 1], row[index])
    return row[-1], 2 * row[-1] - len(a) - len(b)
