"""Claims on tests: that they are there, and what became of them where results were given."""

from __future__ import annotations

from dataclasses import replace

from threatmodel.claims.check import ClaimCheck, Reading, files_of, line_of
from threatmodel.core.text import fold
from threatmodel.readers.content import Unusable
from threatmodel.readers.testcases import NamedTest, named_tests
from threatmodel.system import HasTest


def has_test(blank: ClaimCheck, claim: HasTest, paths: tuple[str, ...], reading: Reading) -> ClaimCheck:
    """Verified where a file has the test, not skipped for good, and no result that was given says otherwise."""
    found, open_point = _find(blank, claim, paths, reading)
    if found is not None:
        return _judged(found, claim, reading)
    if open_point is not None:
        return open_point
    return replace(
        blank,
        state="contradicted",
        path=paths[0],
        detail=fold(f"no test {claim.name!r} in {files_of(paths)}"),
    )


def _find(
    blank: ClaimCheck, claim: HasTest, paths: tuple[str, ...], reading: Reading
) -> tuple[ClaimCheck | None, ClaimCheck | None]:
    """The first test of the name that is not skipped, and the first place that leaves the question open."""
    open_point: ClaimCheck | None = None
    for path in paths:
        content = reading.content(path)
        if isinstance(content, Unusable):
            open_point = open_point or replace(blank, path=path, detail=content.reason)
            continue
        tests = named_tests(content.text, path, claim.name)
        if isinstance(tests, Unusable):
            open_point = open_point or replace(blank, path=path, detail=tests.reason)
            continue
        for test in tests:
            at = _at(blank, path, test, content.text)
            if not test.skipped:
                return at, None
            open_point = open_point or replace(at, detail=f"the test is {test.skipped}")
    return None, open_point


def _at(blank: ClaimCheck, path: str, test: NamedTest, text: str) -> ClaimCheck:
    return replace(blank, path=path, line=test.line, seen=line_of(text, test.line))


def _judged(at: ClaimCheck, claim: HasTest, reading: Reading) -> ClaimCheck:
    if reading.results is None:
        if claim.passes:
            return replace(at, detail="the test is there; no results of a run were given")
        return replace(at, state="verified", detail="the test is there; not run here")
    verdict, report = reading.results.of(at.path, claim.name)
    where = fold(report)
    if verdict == "failed":
        return replace(at, state="contradicted", detail=f"failed in {where}")
    if verdict == "passed":
        return replace(at, state="verified", detail=f"passed in {where}")
    detail = (
        f"the test is there; skipped in {where}"
        if verdict == "skipped"
        else ("the test is there; the results that were given do not name it")
    )
    return replace(at, state="not-checked" if claim.passes else "verified", detail=detail)
