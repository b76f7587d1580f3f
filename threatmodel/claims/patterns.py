"""Claims on the text of files: patterns and arguments that are there or are not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import re2

from threatmodel.claims.check import ClaimCheck, Reading, files_of, line_of
from threatmodel.readers.content import Unusable
from threatmodel.readers.literals import find_arguments
from threatmodel.system import Absent, ArgumentsAbsent, Present


def present(blank: ClaimCheck, claim: Present, paths: tuple[str, ...], reading: Reading) -> ClaimCheck:
    """Verified where the pattern stands outside of comments in one of the files, or in each where the claim asks so."""
    if claim.each:
        return _in_each(blank, claim, paths, reading)
    found, unusable = _search(blank, claim.pattern, paths, reading)
    if found is not None:
        return replace(found, state="verified")
    if unusable is not None:
        return unusable
    return replace(blank, state="contradicted", path=paths[0], detail=f"not in {files_of(paths)}")


def _in_each(blank: ClaimCheck, claim: Present, paths: tuple[str, ...], reading: Reading) -> ClaimCheck:
    open_point: ClaimCheck | None = None
    for path in paths:
        found, unusable = _search(blank, claim.pattern, (path,), reading)
        if found is None and unusable is None:
            return replace(blank, state="contradicted", path=path, detail=f"not in {path}")
        open_point = open_point or unusable
    return open_point or replace(blank, state="verified", path=paths[0], detail=f"read {files_of(paths)}")


def absent(blank: ClaimCheck, claim: Absent, paths: tuple[str, ...], reading: Reading) -> ClaimCheck:
    """Verified where all files were searched and none has the pattern outside of comments."""
    found, unusable = _search(blank, claim.pattern, paths, reading)
    if found is not None:
        return replace(found, state="contradicted")
    if unusable is not None:
        return unusable
    return replace(blank, state="verified", path=paths[0], detail=f"read {files_of(paths)}")


def _search(
    blank: ClaimCheck, text: str, paths: Iterable[str], reading: Reading
) -> tuple[ClaimCheck | None, ClaimCheck | None]:
    """The first place that matches outside of comments, and the first file that could not be searched."""
    pattern = re2.compile(f"(?m){text}")
    unusable = None
    for path in paths:
        content = reading.content(path)
        if isinstance(content, Unusable):
            unusable = unusable or replace(blank, path=path, detail=content.reason)
        elif match := pattern.search(content.code):
            blanks = len(match.group()) - len(match.group().lstrip())
            at = match.start() + (blanks if match.group().strip() else 0)
            line = content.code.count("\n", 0, at) + 1
            return replace(blank, path=path, line=line, seen=line_of(content.text, line)), unusable
    return None, unusable


def arguments_absent(
    blank: ClaimCheck, claim: ArgumentsAbsent, paths: tuple[str, ...], reading: Reading
) -> ClaimCheck:
    """Verified where no file passes the arguments one after the other."""
    open_point: ClaimCheck | None = None
    for path in paths:
        content = reading.content(path)
        if isinstance(content, Unusable):
            open_point = open_point or replace(blank, path=path, detail=content.reason)
        elif passed := find_arguments(content.text, path, claim.arguments):
            found = replace(blank, path=path, line=passed.line, seen=line_of(content.text, passed.line))
            if passed.certain:
                return replace(found, state="contradicted")
            open_point = open_point or replace(found, detail="passed with a value that is not a literal")
    return open_point or replace(blank, state="verified", path=paths[0], detail=f"read {files_of(paths)}")
