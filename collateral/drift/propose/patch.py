"""A proposal as a patch that `git apply` takes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from collateral.drift.propose.stubs import Proposal

_PLAIN = re.compile(r"[^\s\"\\]+")


def model_root(model: Path) -> str:
    """What stands before the paths of the model's files: its folder below the top of the repository that it lies in, with
    a slash; empty where it lies in none, so that paths are relative to the model's folder."""
    folder = model.resolve()
    folder = folder.parent if folder.is_file() else folder
    for top in (folder, *folder.parents):
        if (top / ".git").exists():
            inside = folder.relative_to(top).as_posix()
            return "" if inside == "." else f"{inside}/"
    return ""


def patch_text(proposal: Proposal, root: str) -> str:
    """Lines that `git apply` goes over, with what has no place, then the difference of each file. `root` as of
    `model_root`."""
    lines = [f"# {line}" for line in proposal.head]
    for path, (before, after) in sorted(proposal.files.items()):
        lines += _difference(root + path, before, after)
    return "\n".join(lines) + "\n"


def _difference(path: str, before: str, after: str) -> Iterator[str]:
    yield f"diff --git {_name('a/' + path)} {_name('b/' + path)}"
    old, new = _lines(before), _lines(after)
    names = (f"{_name('a/' + path)}", f"{_name('b/' + path)}")
    for line in difflib.unified_diff(old, new, *names, n=3, lineterm=""):
        yield from line.split("\n") if line.startswith((" ", "+", "-")) and "\n" in line else (line,)


def _lines(text: str) -> list[str]:
    """The lines. A last one without a line end carries what a patch says of it."""
    lines = text.split("\n")
    if lines[-1] == "":
        return lines[:-1]
    return [*lines[:-1], f"{lines[-1]}\n\\ No newline at end of file"]


def _name(path: str) -> str:
    """A path as git writes it."""
    if _PLAIN.fullmatch(path):
        return path
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
