"""Which results of a test run are those of a test in a file.

Runners name tests in many ways, and two packages may have tests of one name. A result counts only where its names agree
with the place of the test; whatever is in doubt is absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from threatmodel.readers.junit import Outcome, Result

Verdict = Literal["passed", "failed", "skipped", "absent"]
_WORST_FIRST: tuple[Outcome, ...] = ("failed", "skipped", "passed")
"""Of the parts of a test, such as its parameters, in one run."""
_BETWEEN = re.compile(r"[/\\.:]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What test runs reported, by the name of each report."""

    reports: Mapping[str, tuple[Result, ...]] = field(default_factory=dict)

    def of(self, path: str, name: str) -> tuple[Verdict, str]:
        """What became of a test in all reports, the worst of several runs, and the report that says so."""
        found: dict[Verdict, str] = {}
        for report, results in self.reports.items():
            outcomes = {result.outcome for result in results if is_test(result, path, name)}
            if worst := next((word for word in _WORST_FIRST if word in outcomes), None):
                found.setdefault(worst, report)
        # A run that could not reach a test says nothing against one that did.
        order: tuple[Verdict, ...] = ("failed", "passed", "skipped")
        return next(((word, found[word]) for word in order if word in found), ("absent", ""))


def is_test(result: Result, path: str, name: str) -> bool:
    """Whether a result is that of the test of this name in this file."""
    if path.endswith(".go"):
        return result.name.split("/")[0] == name and _ends_with(result.classname, path.rpartition("/")[0])
    if path.endswith(".py"):
        module = path.removesuffix(".py")
        named = _holds(_parts(result.classname), _parts(module)) or _ends_with(
            result.file.removesuffix(".py"), module
        )
        return result.name.split("[")[0] == name and named
    if path.endswith(".bats"):
        place = result.file or result.classname
        return result.name == name and (_ends_with(place, path) or _ends_with(path, place))
    return _is_rust(result, path, name)


def _is_rust(result: Result, path: str, name: str) -> bool:
    """`module::tests::name` in the crate whose folder its binary or class is named after."""
    full = f"{result.classname}::{result.name}" if result.classname else result.name
    if full.rpartition("::")[2] != name:
        return False
    crate, _, inside = path.replace("-", "_").partition("/src/")
    module = [part for part in inside.removesuffix(".rs").split("/") if part not in {"mod", "lib", "main"}]
    named = re.split(r"::|/| |\$", full.replace("-", "_"))
    return bool(inside) and crate.rpartition("/")[2] in named and _holds(named, module)


def _parts(text: str) -> list[str]:
    return [part for part in _BETWEEN.split(text) if part]


def _ends_with(text: str, end: str) -> bool:
    """Whether a place ends with another one, part by part; not with an empty one."""
    parts, wanted = _parts(text), _parts(end)
    return bool(wanted) and parts[-len(wanted) :] == wanted


def _holds(parts: list[str], wanted: list[str]) -> bool:
    return any(parts[at : at + len(wanted)] == wanted for at in range(len(parts) - len(wanted) + 1))
