"""Path globs as CODEOWNERS-like patterns: `*` stays in a folder, `**` crosses folders, `{a,b}` alternates."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import re2

_SPECIAL = frozenset("*?{")


def _translate(glob: str) -> str:
    out: list[str] = []
    depth = 0
    index = 0
    while index < len(glob):
        char = glob[index]
        if glob.startswith("**/", index):
            out.append("(?:[^/]+/)*")
            index += 3
            continue
        if glob.startswith("**", index):
            out.append(".*")
            index += 2
            continue
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "{":
            depth += 1
            out.append("(?:")
        elif char == "}" and depth:
            depth -= 1
            out.append(")")
        elif char == "," and depth:
            out.append("|")
        else:
            out.append(re.escape(char))
        index += 1
    if depth:
        raise ValueError(f"unbalanced brace in glob {glob!r}")
    return "".join(out)


@dataclass(frozen=True, slots=True)
class Glob:
    """A glob ready to match. `fullmatch` gives something true where the whole relative path matches."""

    fullmatch: Callable[[str], object]


def _steps_stay_few(glob: str) -> bool:
    """Whether a backtracking matcher stays linear: one star in a segment, one `**` as a segment, one brace."""
    if glob.count("{") > 1 or ("{" in glob and "/" in glob[glob.find("{") : glob.rfind("}") + 1]):
        return False
    segments = glob.split("/")
    return segments.count("**") <= 1 and all(part == "**" or part.count("*") <= 1 for part in segments)


def _linear(glob: str) -> Callable[[str], object]:
    """A matcher for globs that could make `re` try for hours; slower for each path."""
    options = re2.Options()
    options.log_errors = False
    try:
        matches: Callable[[bytes], object] = re2.compile(
            f"(?s){_translate(glob)}".encode("utf-8", "replace"), options
        ).fullmatch
    except re2.error as error:
        raise ValueError(f"glob {glob!r} is too long: {error}") from error
    return lambda path: matches(path.encode("utf-8", "replace")) is not None


@functools.lru_cache(maxsize=4096)
def compile_glob(glob: str) -> Glob:
    """The glob as a matcher of relative paths with forward slashes, in time linear in the path.

    Raises:
        ValueError: a brace is not closed.
    """
    if _SPECIAL.isdisjoint(glob):
        return Glob(glob.__eq__)
    if not _steps_stay_few(glob):
        return Glob(_linear(glob))
    return Glob(re.compile(_translate(glob), re.DOTALL).fullmatch)


def select(paths: Iterable[str], glob: str) -> tuple[str, ...]:
    """The paths that the glob matches, in the order given."""
    if _SPECIAL.isdisjoint(glob):  # a path: equal ones are counted without a call for each
        return (glob,) * tuple(paths).count(glob)
    pattern = compile_glob(glob)
    return tuple(path for path in paths if pattern.fullmatch(path))
