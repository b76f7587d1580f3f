"""Claims on the values of keys in TOML, YAML and JSON files."""

from __future__ import annotations

from dataclasses import replace

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion
from packaging.version import Version as ParsedVersion

from threatmodel.claims.check import SEEN_MAX, ClaimCheck, Reading, worst
from threatmodel.core.text import fold
from threatmodel.readers.content import why_unusable
from threatmodel.readers.values import Unreadable, value_at
from threatmodel.system import Value, Version


def value(blank: ClaimCheck, claim: Value, paths: tuple[str, ...], reading: Reading) -> ClaimCheck:
    """Verified where the key has the value in each file."""
    return _worst(blank, claim, paths, reading)


def version(blank: ClaimCheck, claim: Version, paths: tuple[str, ...], reading: Reading) -> ClaimCheck:
    """Verified where the version at the key satisfies the specifier in each file."""
    return _worst(blank, claim, paths, reading)


def _worst(blank: ClaimCheck, claim: Value | Version, paths: tuple[str, ...], reading: Reading) -> ClaimCheck:
    return worst(_value_in(replace(blank, path=path), claim, reading) for path in paths)


def _value_in(at: ClaimCheck, claim: Value | Version, reading: Reading) -> ClaimCheck:
    data = reading.tree.read(at.path)
    if reason := why_unusable(data):
        return replace(at, detail=reason)
    try:
        found = value_at(data, at.path, claim.key)
    except Unreadable as error:
        return replace(at, detail=fold(str(error)))
    if found is None:
        return replace(at, state="not-found", detail=f"no key {claim.key}")
    at = replace(at, line=found.line, seen=fold(f"{claim.key} = {found.value!r}")[:SEEN_MAX])
    if isinstance(claim, Version):
        return _judge_version(at, claim, found.value)
    return judge_value(at, claim.equals, found.value)


def judge_value(at: ClaimCheck, wanted: str | int | bool | tuple[str, ...], found: object) -> ClaimCheck:
    """Verified where the value is the wanted one; `1` is not `true`."""
    plain = tuple(str(item) for item in found) if isinstance(found, list) else found
    same = plain == wanted and isinstance(plain, bool) == isinstance(wanted, bool)
    return replace(at, state="verified" if same else "contradicted")


def _judge_version(at: ClaimCheck, claim: Version, found: object) -> ClaimCheck:
    if isinstance(found, float):
        return replace(at, detail=f"{found!r} is a number: 1.10 and 1.1 are the same, write it as text")
    try:
        parsed = ParsedVersion(str(found).removeprefix("v"))
    except InvalidVersion:
        return replace(at, detail=f"{found!r} is not a version")
    holds = SpecifierSet(claim.specifier).contains(parsed, prereleases=True)
    return replace(at, state="verified" if holds else "contradicted")
