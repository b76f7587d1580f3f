"""OpenVEX 0.2.0 (https://github.com/openvex/spec): what the published advisories of a model mean for one release."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal, Protocol
from urllib.parse import quote

from packaging.version import InvalidVersion, Version

from collateral.assessment import Assessment
from collateral.triage import JUSTIFICATIONS
from threatmodel.core.canonical import digest
from threatmodel.core.evidence import public_source
from threatmodel.core.text import fold

CONTEXT = "https://openvex.dev/ns/v0.2.0"
Affects = Literal["affected", "fixed", "not-affected", "unknown"]
WORST: tuple[Affects, ...] = ("affected", "unknown", "fixed", "not-affected")
"""The answers, the worst first."""
_GITHUB = re.compile(r"https://github\.com/([A-Za-z0-9-]+)/([A-Za-z0-9._-]+?)(?:\.git)?/?")


class Advisory(Protocol):
    """What a published advisory must say of itself. `ids`: the name to use first, the others are aliases."""

    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def title(self) -> str: ...
    @property
    def source(self) -> str:
        """The public address of the advisory."""

    @property
    def fixed(self) -> tuple[str, ...]:
        """The releases with the fix, as far as they are known."""

    @property
    def justification(self) -> str:
        """Why a release is not affected, a word of OpenVEX; empty where nobody said so in public."""

    def affects(self, release: str) -> Affects: ...


def affects(release: str, ranges: Iterable[tuple[str, str] | tuple[str, str, str]]) -> Affects:
    """What ranges of versions (introduced, fixed, last affected) say of a release; empty: not known. `fixed` itself has
    the fix, the last affected one has the flaw; above that a range says nothing.

    A release that no range knows how to judge is `unknown`: a lower bound that nobody named, a name that is no version.
    """
    here = _version(release)
    if here is None:
        return "unknown"
    found: set[Affects] = set()
    for introduced, fixed, *more in ranges:
        first, last = _version(introduced), _version(fixed)
        end = _version(more[0]) if more else None
        if last is not None and here >= last:
            found.add("fixed")
        elif end is not None and here > end:
            found.add("not-affected")
        elif first is None or (fixed and last is None) or (more and more[0] and end is None):
            found.add("unknown")
        else:
            found.add("affected" if here >= first else "not-affected")
    return next((word for word in WORST if word in found), "unknown")


def _version(text: str) -> Version | None:
    try:
        return Version(text.removeprefix("v"))
    except InvalidVersion:
        return None


def openvex(a: Assessment, advisories: Iterable[Advisory]) -> dict[str, Any]:
    """The document for the release of the assessment; empty without advisories, because the format wants one."""
    product = {"@id": purl(a)}
    statements = [_statement(advisory, a.release, product) for advisory in advisories]
    if not statements:
        return {}
    statements.sort(key=lambda item: (item["vulnerability"]["name"], item["status"]))
    name = fold(a.project.name)
    body = {
        "@context": CONTEXT,
        "author": f"threatmodel {a.tool_version}"
        + ("" if a.manifest.adopted else f" (draft, not adopted by {name})"),
        "timestamp": a.date.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "version": 1,
        "tooling": f"threatmodel {a.tool_version}",
        "statements": statements,
    }
    parts = (a.project.id, a.release, digest(body))
    return {**body, "@id": ":".join(("urn:threatmodel:openvex", *(quote(part, safe="") for part in parts)))}


def purl(a: Assessment) -> str:
    """The release as a package URL: that of its repository where it is on GitHub, else a generic one."""
    address = a.manifest.project.get("source", "").rpartition("@")[0]
    version = quote(a.release, safe="")
    if match := _GITHUB.fullmatch(address):
        return f"pkg:github/{match[1].lower()}/{match[2].lower()}@{version}"
    return f"pkg:generic/{quote(a.project.id, safe='')}@{version}"


def _statement(advisory: Advisory, release: str, product: dict[str, str]) -> dict[str, Any]:
    name, *aliases = [_line(id_) for id_ in advisory.ids]
    vulnerability: dict[str, Any] = {"name": name, "description": _line(advisory.title)}
    if aliases:
        vulnerability["aliases"] = sorted(set(aliases) - {name})
    source = advisory.source
    statement: dict[str, Any] = {"vulnerability": vulnerability, "products": [product]}
    found = advisory.affects(release) if public_source(source) else "unknown"
    fixed = " or ".join(_line(version) for version in advisory.fixed)
    if found == "affected":
        action = (
            f"Update to {fixed} or later; see {source}"
            if fixed
            else f"No fixed release is known; see {source}"
        )
        return statement | {"status": "affected", "action_statement": action}
    if found == "fixed":
        return statement | {"status": "fixed", "status_notes": f"Fixed in {fixed or release}; see {source}"}
    if found == "not-affected" and advisory.justification in JUSTIFICATIONS:
        about = {"justification": advisory.justification, "status_notes": f"See {source}"}
        return statement | {"status": "not_affected", **about}
    why = {
        "not-affected": "The published range does not name this release, and nobody has said in public why",
        "unknown": "The published range does not say whether this release is affected",
    }[found]
    return statement | {"status": "under_investigation", "status_notes": f"{why}; see {source}"}


def _line(text: str) -> str:
    return fold(" ".join(text.split()))
