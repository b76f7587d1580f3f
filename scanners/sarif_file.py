"""Results of any tool from a SARIF 2.1.0 file (OASIS), as results of this program: untrusted, and judged like them.

A SARIF file tells what a tool found, seldom what it read. So its results are `partial`, with the reason, unless the file
says that the tool failed. Files that it lists as targets of the analysis count as read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from scanners.adapters.judge import (
    NOTHING_RAN,
    Account,
    Claim,
    Unusable,
    conclude,
    cwe_list,
    failed,
    https,
    items,
    mapping,
    normal_path,
    text,
)
from scanners.finding import RuleInfo, ScanResult, Severity, level_of_score
from scanners.protocol import Description, RawOutput, SourceFiles
from threatmodel.core.canonical import sha256
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput

MAX_BYTES = 256 << 20
_MOST_RUNS = 100
_NAME = re.compile(r"[^a-z0-9]+")
_CWE = re.compile(r"cwe[-/: ]*0*([1-9][0-9]{0,5})\b", re.IGNORECASE)
_LEVELS: Mapping[str, Severity] = {"error": "error", "warning": "warning", "note": "note", "none": "note"}
_FINDS = frozenset({"", "fail", "open", "review"})
"""Kinds of a result that tell of a problem; `pass`, `notApplicable` and `informational` do not."""
_SECRETS = (
    "betterleaks",
    "detect-secrets",
    "ggshield",
    "gitguardian",
    "gitleaks",
    "kingfisher",
    "noseyparker",
    "trufflehog",
)
"""Starts of names of tools all of whose results are secrets; other tools tag the rules."""
_UNREAD = "the file does not say which files the tool read"


def read_sarif(
    name: str, data: bytes, tree: SourceFiles, taken: Collection[str] = ()
) -> tuple[ScanResult, ...]:
    """One result for each run of the file, by name. Several runs of a tool, and those of names that are `taken`, are told
    apart by a number.

    Raises:
        InvalidInput: S020, it is not SARIF 2.1.0.
    """
    paths = _Paths(tree)
    results: dict[str, ScanResult] = {}
    for run in _runs(name, data):
        driver = mapping(mapping(run.get("tool")).get("driver"))
        base = "sarif-" + (_NAME.sub("-", text(driver.get("name"), 60).lower()).strip("-") or "unnamed")
        scanner, number = base, 2
        while scanner in results or scanner in taken:
            scanner, number = f"{base}-{number}", number + 1
        results[scanner] = _result(scanner, name, sha256(data), run, tree, paths)
    return tuple(results[scanner] for scanner in sorted(results))


def _runs(name: str, data: bytes) -> tuple[dict[str, Any], ...]:
    def wrong(message: str) -> InvalidInput:
        hint = "give a SARIF 2.1.0 file, as tools write it for code scanning"
        return InvalidInput(Diagnostic(code="S020", message=message, place=Place(name), hint=hint))

    if len(data) > MAX_BYTES:
        raise wrong(f"larger than {MAX_BYTES} bytes")
    try:
        log = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise wrong(f"not JSON: {type(error).__name__}") from error
    runs = log.get("runs") if isinstance(log, dict) else None
    if not isinstance(runs, list) or not all(isinstance(run, dict) for run in runs):
        raise wrong("no list of runs")
    if not runs:
        raise wrong("it has no run, so no tool has looked")
    if log.get("version") != "2.1.0":
        raise wrong(f"version {text(log.get('version'), 40) or 'missing'}, not 2.1.0")
    if len(runs) > _MOST_RUNS:
        raise wrong(f"more than {_MOST_RUNS} runs")
    return tuple(runs)


class _Paths:
    """Places of a SARIF file as paths of the tree."""

    def __init__(self, tree: SourceFiles) -> None:
        self._known = frozenset(tree.paths())
        self.guessed = False
        """An address was absolute, and its end was looked up in the tree."""

    def __call__(self, location: Mapping[str, Any], bases: Mapping[str, Any]) -> str:
        """The path, as it stands where it is not in the tree."""
        address = text(location.get("uri"), 8000)
        base = text(mapping(bases.get(text(location.get("uriBaseId"), 200))).get("uri"), 8000)
        scheme, whole = _parts(address.replace("\\", "/"))
        if not scheme and not whole.startswith("/"):
            if (found := normal_path(whole)) in self._known:
                return found
            whole = _parts(base)[1].rstrip("/") + "/" + whole if base else whole
        parts = [part for part in whole.split("/") if part not in ("", ".")]
        if ".." in parts:
            return ""
        for start in range(1 if len(parts) > 1 else 0, len(parts)):
            if (found := "/".join(parts[start:])) in self._known:
                self.guessed = True
                return found
        return "/".join(parts)


def _parts(address: str) -> tuple[str, str]:
    """Scheme and path of an address; nothing where it is none."""
    try:
        split = urlsplit(address)
    except ValueError:
        return "", ""
    return split.scheme, unquote(split.path)


def _result(
    scanner: str, name: str, digest: str, run: Mapping[str, Any], tree: SourceFiles, paths: _Paths
) -> ScanResult:
    driver = mapping(mapping(run.get("tool")).get("driver"))
    version = text(driver.get("semanticVersion"), 40) or text(driver.get("version"), 40) or "unknown"
    description = Description(
        version=version,
        tool_digest="",
        ruleset_digest=digest,
        licence="",
        needs_network=False,
        available=True,
    )
    raw = _raw(name)
    why = _failed(run)
    if why and not run.get("results"):
        return failed(scanner, description, why, raw)
    paths.guessed = False
    try:
        account = _account(run, paths, why)
    except Unusable as error:
        return failed(scanner, description, str(error), raw)
    return conclude(scanner, description, raw, account, tree)


def _raw(name: str) -> RawOutput:
    return RawOutput(
        files=(),
        outcome=NOTHING_RAN,
        report=None,
        report_problem="",
        command=("read", PurePosixPath(name).name),
    )


def _failed(run: Mapping[str, Any]) -> str:
    """Why the tool itself says that it failed; empty where it does not."""
    for invocation in _objects(run.get("invocations")):
        if invocation.get("executionSuccessful") is False:
            said = [_message(note.get("message")) for note in _notes(invocation)]
            told = next((words for words in said if words), "")
            return "the tool says that it failed" + (f": {told[:300]}" if told else "")
    return ""


def _account(run: Mapping[str, Any], paths: _Paths, why: str) -> Account:
    bases = mapping(run.get("originalUriBaseIds"))
    rules = _rules(run)
    claims: list[Claim] = []
    left_out = 0
    if not isinstance(run.get("results"), list):
        raise Unusable("it has no list of results, which means that the tool did not look")
    for item in items(run.get("results"), "results"):
        if text(item.get("kind"), 20) not in _FINDS or item.get("baselineState") == "absent":
            continue
        if item.get("suppressions"):
            left_out += 1
            continue
        claims.append(_claim(item, run, rules, bases, paths))
    claims = _secrets(claims, run, rules)
    notes = [_UNREAD] if not (read := _read(run, bases, paths)) else []
    if why:
        notes.append(why)
    if repeated := len(claims) - len(set(claims)):
        notes.append(f"{repeated} results that repeat another were left out")
    if left_out:
        notes.append(f"{left_out} results that the file says are suppressed were left out")
    if paths.guessed:
        notes.append("paths that are not relative to the tree were matched by their ends")
    for invocation in _objects(run.get("invocations")):
        for note in _notes(invocation):
            if note.get("level") == "error" and (said := _message(note.get("message"))):
                notes.append(said[:300])
    return Account(
        scanned=frozenset(read),
        problems={},
        claims=tuple(claims),
        rules=tuple(rules.values()),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def _read(run: Mapping[str, Any], bases: Mapping[str, Any], paths: _Paths) -> set[str]:
    """Files that the tool lists as targets of its analysis."""
    return {
        path
        for artifact in _objects(run.get("artifacts"))
        if "analysisTarget" in _several(artifact.get("roles"))
        if (path := paths(mapping(artifact.get("location")), bases))
    }


def _rules(run: Mapping[str, Any]) -> dict[str, RuleInfo]:
    tool = mapping(run.get("tool"))
    found: dict[str, RuleInfo] = {}
    for part in (mapping(tool.get("driver")), *_objects(tool.get("extensions"))):
        for rule in _objects(part.get("rules")):
            id_ = text(rule.get("id"), 200)
            if id_ and id_ not in found:
                found[id_] = _rule(id_, rule)
    return found


def _rule(id_: str, rule: Mapping[str, Any]) -> RuleInfo:
    title = _message(rule.get("shortDescription")) or text(rule.get("name"), 200) or id_
    level = text(mapping(rule.get("defaultConfiguration")).get("level"), 20)
    return RuleInfo(
        id=id_,
        title=title[:200],
        description=(_message(rule.get("fullDescription")) or title)[:2000],
        cwe=_weaknesses(rule),
        help_uri=https(rule.get("helpUri")),
        severity=_score(rule) or _LEVELS.get(level, "warning"),
    )


def _weaknesses(rule: Mapping[str, Any]) -> tuple[str, ...]:
    """CWE numbers in tags and properties, as CodeQL, Snyk, gosec and others write them."""
    properties = mapping(rule.get("properties"))
    said = [value for key in ("tags", "cwe", "CWE") for value in _several(properties.get(key))]
    for relation in _objects(rule.get("relationships")):
        target = mapping(relation.get("target"))
        if text(mapping(target.get("toolComponent")).get("name"), 20).upper() == "CWE":
            said.append(f"CWE-{text(target.get('id'), 20)}")
    return cwe_list(match[1] for tag in said if isinstance(tag, str) and (match := _CWE.search(tag)))


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _score(holder: Mapping[str, Any]) -> Severity | None:
    """The level of `security-severity`, a CVSS score from 0 to 10, as code scanning reads it."""
    given = mapping(holder.get("properties")).get("security-severity")
    try:
        score = float(given) if isinstance(given, str | int | float) else -1.0
    except ValueError:
        return None
    if not 0.0 <= score <= 10.0:
        return None
    return level_of_score(score)


def _claim(
    item: Mapping[str, Any],
    run: Mapping[str, Any],
    rules: Mapping[str, RuleInfo],
    bases: Mapping[str, Any],
    paths: _Paths,
) -> Claim:
    identity = _rule_id(item, run)
    rule = rules.get(identity)
    place = mapping(next(_objects(item.get("locations")), {}).get("physicalLocation"))
    region = mapping(place.get("region"))
    level = _LEVELS.get(text(item.get("level"), 20))
    return Claim(
        rule=identity,
        message=_message(item.get("message")) or (rule.title if rule else identity),
        severity=_score(item) or level or (rule.severity if rule else "warning"),
        confidence="medium",
        cwe=rule.cwe if rule else (),
        stride="",
        path=paths(_artifact(place, run), bases),
        line=_number(region.get("startLine")),
        column=_number(region.get("startColumn")),
        end_line=_number(region.get("endLine", region.get("startLine"))),
        end_column=_number(region.get("endColumn")),
    )


def _secrets(claims: Iterable[Claim], run: Mapping[str, Any], rules: Mapping[str, RuleInfo]) -> list[Claim]:
    """The claims, those of secrets marked: their lines are shown nowhere, and their messages may quote them."""
    tool = mapping(run.get("tool"))
    every = text(mapping(tool.get("driver")).get("name"), 60).lower().startswith(_SECRETS)
    tagged = {
        text(rule.get("id"), 200)
        for part in (mapping(tool.get("driver")), *_objects(tool.get("extensions")))
        for rule in _objects(part.get("rules"))
        if "secret" in _several(mapping(rule.get("properties")).get("tags"))
    }
    titles = {id_: rule.title for id_, rule in rules.items()}
    return [
        replace(claim, secret=True, message=titles.get(claim.rule, claim.rule))
        if every or claim.rule in tagged
        else claim
        for claim in claims
    ]


def _artifact(place: Mapping[str, Any], run: Mapping[str, Any]) -> Mapping[str, Any]:
    """The artifact's location, looked up in the run's list where only its number is given."""
    given = mapping(place.get("artifactLocation"))
    index, listed = given.get("index"), run.get("artifacts")
    if (
        "uri" not in given
        and isinstance(index, int)
        and isinstance(listed, list)
        and 0 <= index < len(listed)
    ):
        return mapping(mapping(listed[index]).get("location"))
    return given


def _rule_id(item: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    given = text(item.get("ruleId"), 200) or text(mapping(item.get("rule")).get("id"), 200)
    index = item.get("ruleIndex", mapping(item.get("rule")).get("index"))
    listed = mapping(mapping(run.get("tool")).get("driver")).get("rules")
    if not given and isinstance(index, int) and isinstance(listed, list) and 0 <= index < len(listed):
        given = text(mapping(listed[index]).get("id"), 200)
    return given or "(no rule)"


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _message(value: object) -> str:
    found = mapping(value)
    return " ".join((text(found.get("text")) or text(found.get("markdown"))).split())


def _notes(invocation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from _objects(invocation.get("toolExecutionNotifications"))
    yield from _objects(invocation.get("toolConfigurationNotifications"))


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """The objects of a list; nothing where it is none."""
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()
