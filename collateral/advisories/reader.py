"""`advisories.yaml` read, and held against the model."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from collateral.advisories.model import ADVISORIES, AdvisoriesFile, Advisory
from collateral.records import is_date, is_source, matches, problem, read_record, record_schema
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.yamlpos import Document
from threatmodel.system import Project

_CHECKS = {
    "id": matches(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}", "an id"),
    "aliases": matches(
        r"(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3}|GO-\d{4}-\d{4,})", "a CVE, GHSA or GO id"
    ),
    "published": is_date,
    "source": is_source,
    "cwe": matches(r"CWE-\d+", "a CWE"),
    "cvss": matches(r"CVSS:[34]\.[01](?:/[A-Za-z]+:[A-Za-z]+)+", "a CVSS vector"),
    "fix_commits": matches(r"[0-9a-f]{8,40}", "a commit"),
    "fixed": matches(r"[0-9][0-9A-Za-z.+-]*", "a version"),
    "introduced": matches(r"[0-9][0-9A-Za-z.+-]*", "a version"),
}


def read_advisories(data: bytes, path: str, project: Project) -> tuple[Advisory, ...]:
    """The advisories, in the order of the file.

    Raises:
        InvalidInput: Y001, D040, D041, D042 of the form; D043 a name that the model does not have, or an id twice.
    """
    read, document = read_record(AdvisoriesFile, data, path, _CHECKS)
    known = {
        "elements": {e.id for s in project.systems for e in s.elements},
        "flows": {f.id for s in project.systems for f in s.flows},
        "crossed": {b.id for s in project.systems for b in s.boundaries},
        "adversary": {a.id for a in project.adversaries},
    }
    problems: list[Diagnostic] = []
    seen: set[str] = set()
    for index, advisory in enumerate(read.advisories):
        for id_ in advisory.ids:
            if id_ in seen:
                problems.append(problem(document, ("advisories", index), "D043", f'"{id_}" stands twice'))
            seen.add(id_)
        named = {
            "elements": advisory.elements,
            "flows": advisory.flows,
            "crossed": advisory.crossed,
            "adversary": (advisory.adversary,),
        }
        for key, ids in named.items():
            problems += unknown(ids, known[key], document, ("advisories", index, key), key)
        if not _is_score(document.value["advisories"][index].get("score")):
            route = ("advisories", index, "score")
            problems.append(problem(document, route, "D042", "score is not a number from 0 to 10"))
    if problems:
        raise InvalidInput(*problems)
    return read.advisories


def _is_score(value: object) -> bool:
    """True for a score of CVSS, and for none. What is no number here would not be one in the files either."""
    return value is None or (type(value) in {int, float} and 0 <= value <= 10)  # type: ignore[operator]  # a number


def load_advisories(model: Path, project: Project, shown: str = "") -> tuple[Advisory, ...]:
    """The `advisories.yaml` of a model; none where it has none. `shown` is the name of the model in messages.

    Raises:
        InvalidInput: as of `read_advisories`.
    """
    path = model / ADVISORIES
    name = f"{shown}/{ADVISORIES}" if shown else ADVISORIES
    return read_advisories(path.read_bytes(), name, project) if path.is_file() else ()


def unknown(
    ids: Collection[str], known: Collection[str], document: Document, route: tuple[str | int, ...], key: str
) -> list[Diagnostic]:
    """A problem for each id that the model does not have."""
    return [
        problem(document, route, "D043", f'{key}: the model has no "{id_}"', nearest(id_, known))
        for id_ in ids
        if id_ not in known
    ]


def advisories_schema() -> dict[str, Any]:
    """The JSON Schema of `advisories.yaml`."""
    return record_schema("advisories-input", AdvisoriesFile)
