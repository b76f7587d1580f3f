"""Path globs as CODEOWNERS-like patterns: `*` stays in a folder, `**` crosses folders, `{a,b}` alternates."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable


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


@functools.lru_cache(maxsize=4096)
def compile_glob(glob: str) -> re.Pattern[str]:
    """The glob as a pattern to be matched with `fullmatch` against a relative path with forward slashes.

    Raises:
        ValueError: a brace is not closed.
    """
    return re.compile(_translate(glob), re.DOTALL)


def select(paths: Iterable[str], glob: str) -> tuple[str, ...]:
    """The paths that the glob matches, in the order given."""
    pattern = compile_glob(glob)
    return tuple(path for path in paths if pattern.fullmatch(path))
