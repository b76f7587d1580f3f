"""`advisories.yaml` and `third-party-advisories.yaml` read, and held against the model."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeVar

from collateral.advisories.model import (
    ADVISORIES,
    THIRD_PARTY,
    AdvisoriesFile,
    Advisory,
    Entry,
    ThirdParty,
    ThirdPartyFile,
)
from collateral.records import TREE_PATH, is_date, is_source, matches, problem, read_record, record_schema
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.scores import NoVector, score_of
from threatmodel.core.yamlpos import Document, Route
from threatmodel.readers.locked import LOCKS
from threatmodel.system import Project

_TAG = r"(?!.*(?:\.\.|//|\.lock(?:/|$)|[./]$))[0-9A-Za-z][0-9A-Za-z._/+-]{0,99}"
_CHECKS = {
    "id": matches(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}", "an id"),
    "aliases": matches(
        r"(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3}|GO-\d{4}-\d{4,})", "a CVE, GHSA or GO id"
    ),
    "published": is_date,
    "source": is_source,
    "cwe": matches(r"CWE-\d+", "a CWE"),
    "cvss": matches(r"CVSS:(?:3\.[01]|4\.0)(?:/[A-Za-z]{1,4}:[A-Za-z]{1,8})+", "a CVSS vector"),
    "fix_commits": matches(r"[0-9a-f]{8,40}", "a commit"),
    "fixed": matches(r"[0-9][0-9A-Za-z.+-]*", "a version"),
    "introduced": matches(r"[0-9][0-9A-Za-z.+-]*", "a version"),
    "last": matches(r"[0-9][0-9A-Za-z.+-]*", "a version"),
    "path": matches(TREE_PATH, "a path of the source"),
    "last_affected": matches(_TAG, "a tag"),
    "first_fixed": matches(_TAG, "a tag"),
    "threats": matches(r"[A-Z][A-Z0-9-]*-\d+@[A-Za-z0-9][A-Za-z0-9._-]*", "the id of a threat"),
}


EntriesFile = TypeVar("EntriesFile", bound=AdvisoriesFile | ThirdPartyFile)


def read_advisories(data: bytes, path: str, project: Project) -> tuple[Advisory, ...]:
    """The advisories of `advisories.yaml`, in the order of the file. Raises as `read_entries` does."""
    return read_entries(AdvisoriesFile, data, path, project).advisories


def read_entries(kind: type[EntriesFile], data: bytes, path: str, project: Project) -> EntriesFile:
    """A file of advisories.

    Raises:
        InvalidInput: Y001, D040, D041, D042 of the form; D043 a name that the model does not have, or an id twice;
            D055 keys that need each other, D056 a threat at none of the advisory's elements and flows, D057 something is
            missing and `unknown` does not say so, or the other way round, D058 a score is not that of the vector.
    """
    read, document = read_record(kind, data, path, _CHECKS)
    known = {
        "elements": project.element_ids,
        "flows": project.flow_ids,
        "crossed": {b.id for s in project.systems for b in s.boundaries},
        "adversary": {a.id for a in project.adversaries},
        "configuration": {s.configuration.name for s in project.systems},
        "claims": {c.id for c in project.controls},
    }
    problems: list[Diagnostic] = []
    seen: set[str] = set()
    places: list[tuple[Route, tuple[str, ...]]] = [
        (("advisories", i), entry.ids) for i, entry in enumerate(read.advisories)
    ]
    places += [(("left_out", i), (item.id,)) for i, item in enumerate(read.left_out)]
    for at, ids in places:
        problems += [problem(document, at, "D043", f'"{id_}" stands twice') for id_ in ids if id_ in seen]
        seen.update(ids)
    for index, entry in enumerate(read.advisories):
        route: Route = ("advisories", index)
        named = {
            "elements": entry.elements,
            "flows": entry.flows,
            "crossed": entry.crossed,
            "adversary": (entry.adversary,),
            "configuration": (entry.configuration,) if entry.configuration else (),
            "claims": entry.claims if isinstance(entry, Advisory) else (),
        }
        for key, ids in named.items():
            problems += unknown(ids, known[key], document, (*route, key), key)
        problems += _history(entry, project, document, route)
        problems += _pins(entry, document, route) if isinstance(entry, ThirdParty) else []
        problems += _silent(entry, document, route)
        problems += _scores(entry, document, route)
    if problems:
        raise InvalidInput(*problems)
    return read


def _pins(entry: ThirdParty, document: Document, route: Route) -> list[Diagnostic]:
    """What is wrong with the places of the version."""
    problems = []
    if bool(entry.pins) == bool(entry.unpinned):
        problems.append(problem(document, route, "D055", "pins or unpinned: give one of the two"))
    for index, pin in enumerate(entry.pins):
        at = (*route, "pins", index)
        locked = pin.path.endswith(LOCKS)
        if bool(pin.key) == bool(pin.package):
            problems.append(problem(document, at, "D055", "key or package: give one of the two"))
        elif pin.package and not locked:
            problems.append(problem(document, at, "D055", f'"package" needs a {" or ".join(LOCKS)}'))
    return problems


def _history(advisory: Entry, project: Project, document: Document, route: Route) -> list[Diagnostic]:
    """What is wrong with the keys that a backtest goes by."""
    needed: list[tuple[str, object, str, object]] = [
        ("options", advisory.options, "configuration", advisory.configuration),
        ("threats", advisory.threats, "configuration", advisory.configuration),
    ]
    if isinstance(advisory, Advisory):
        needed += [
            ("last_affected", advisory.last_affected, "first_fixed", advisory.first_fixed),
            ("first_fixed", advisory.first_fixed, "last_affected", advisory.last_affected),
            ("claims", advisory.claims, "last_affected", advisory.last_affected),
        ]
    problems = [
        problem(document, (*route, key), "D055", f'"{key}" needs "{other}"')
        for key, value, other, there in needed
        if value and not there
    ]
    problems += [
        problem(document, (*route, "ranges", i), "D055", "fixed or last: give one of the two at most")
        for i, item in enumerate(advisory.ranges)
        if item.fixed and item.last
    ]
    values = {option.name: option.values for option in project.options}
    for name, value in advisory.options.items():
        at = (*route, "options", name)
        problems += unknown((name,), values, document, at, "options")
        if name in values and value not in values[name]:
            message = f'{name}: the model has no value "{value}"'
            problems.append(problem(document, at, "D043", message, f"one of {', '.join(values[name])}"))
    places = {*advisory.elements, *advisory.flows}
    problems += [
        problem(
            document,
            (*route, "threats", i),
            "D056",
            f"threats: {id_} is at no element or flow of the advisory",
            nearest(id_.partition("@")[2], places),
        )
        for i, id_ in enumerate(advisory.threats)
        if id_.partition("@")[2] not in places
    ]
    return problems


def _silent(advisory: Entry, document: Document, route: Route) -> list[Diagnostic]:
    """What the entry lacks without a word, and what it has although it says that it lacks it."""
    said = {key: i for i, item in enumerate(advisory.unknown) for key in item.keys}
    problems = [
        problem(document, (*route, "unknown", said[key]), "D057", f"unknown: {key} is known here")
        for key in sorted(said.keys() - advisory.lacking)
    ]
    if silent := sorted(advisory.lacking - said.keys()):
        message = f"nothing is said of {', '.join(silent)}"
        problems.append(problem(document, route, "D057", message, 'say under "unknown" why'))
    return problems


def _scores(advisory: Entry, document: Document, route: Route) -> list[Diagnostic]:
    """What is wrong with vector, score and severity."""
    written = document.value[route[0]][route[1]]
    wrong = [key for key in ("score", "score_published") if not _is_score(written.get(key))]
    if wrong:
        return [problem(document, (*route, k), "D042", f"{k} is not a number from 0 to 10") for k in wrong]
    if not advisory.cvss:
        if advisory.score_published is None:
            return []
        return [problem(document, (*route, "score_published"), "D055", '"score_published" needs "cvss"')]
    try:
        score = score_of(advisory.cvss)
    except NoVector as error:
        return [problem(document, (*route, "cvss"), "D042", f"cvss is not a vector: {error}")]
    problems = []
    if advisory.score != score.value:
        message = f"score: the vector has {score.value}"
        hint = "what was published otherwise is score_published"
        problems.append(problem(document, (*route, "score"), "D058", message, hint))
    if advisory.severity and advisory.severity != score.severity:
        message = f"severity: the vector has {score.severity}"
        problems.append(problem(document, (*route, "severity"), "D058", message))
    if advisory.score_published == score.value:
        message = "score_published: it is that of the vector"
        problems.append(problem(document, (*route, "score_published"), "D058", message, "leave it out"))
    return problems


def _is_score(value: object) -> bool:
    """True for a score of CVSS, and for none. What is no number here would not be one in the files either."""
    return value is None or (type(value) in {int, float} and 0 <= value <= 10)  # type: ignore[operator]  # a number


def load_advisories(model: Path, project: Project, shown: str = "") -> tuple[Advisory, ...]:
    """The `advisories.yaml` of a model; none where it has none. `shown` is the name of the model in messages.

    Raises:
        InvalidInput: as of `read_entries`.
    """
    read = load_entries(AdvisoriesFile, model, project, shown)
    return read.advisories if read else ()


def load_entries(
    kind: type[EntriesFile], model: Path, project: Project, shown: str = ""
) -> EntriesFile | None:
    """The file of this kind of a model; None where it has none. `shown` is the name of the model in messages.

    Raises:
        InvalidInput: as of `read_entries`.
    """
    file = ADVISORIES if kind is AdvisoriesFile else THIRD_PARTY
    path = model / file
    name = f"{shown}/{file}" if shown else file
    return read_entries(kind, path.read_bytes(), name, project) if path.is_file() else None


def unknown(
    ids: Collection[str], known: Collection[str], document: Document, route: Route, key: str
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


def third_party_schema() -> dict[str, Any]:
    """The JSON Schema of `third-party-advisories.yaml`."""
    return record_schema("third-party-advisories-input", ThirdPartyFile)
