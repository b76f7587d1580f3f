"""The scanner of lock files: components held against a folder of vulnerabilities. It starts no tool.

The folder is one that somebody names (`--tool-data osv=DIR`). Without one nothing is known, so the scan is skipped. Where
the folder has no entry for an ecosystem nothing is known of it either: its lock files count as not scanned.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import metadata, resources

from scanners.adapters.judge import NOTHING_RAN, Account, Claim, conclude, failed
from scanners.dependencies.component import STANDARD_LIBRARY, Lock, Origin
from scanners.dependencies.locks import is_lock, read_locks
from scanners.dependencies.matching import Match, judge, names
from scanners.dependencies.osv import Database, Unusable, load
from scanners.finding import SEVERITIES, Confidence, RuleInfo, ScanResult, Severity, level_of_score
from scanners.protocol import Description, Launch, RawOutput, SourceFiles, ToolEnv, Work
from threatmodel.core.canonical import digest, sha256
from threatmodel.core.scores import NoVector, score_of

_DATA = "osv"
_SHOWN = 5
_NO_WEAKNESS = frozenset({"notice", "unmaintained"})
"""Words of RustSec for what tells of no flaw."""
_UNDATED = "undated"
_SAID: tuple[tuple[Origin, str], ...] = (
    ("registry", "of its registry"),
    ("git", "from git, held against the database by name and version"),
    ("local", "folders of the tree, not held against it"),
    ("other", "of other registries, not held against it"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Output(RawOutput):
    database: Database


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyScanner:
    """Lock files against vulnerabilities in the OSV format. `data` and `needs` have the name of their folder
    (`ToolEnv.data`)."""

    name: str = "dependencies"
    data: tuple[str, ...] = field(default=(_DATA,), init=False)
    needs: tuple[str, ...] = field(default=(_DATA,), init=False)

    def describe(self, env: ToolEnv, launch: Launch) -> Description:  # noqa: ARG002  of the protocol
        database, reason = _database(env)
        return Description(
            version=_version(database) if database else "",
            tool_digest=_own_digest(),
            ruleset_digest=database.digest if database else "",
            licence="Apache-2.0",
            needs_network=False,
            available=database is not None,
            reason=reason,
        )

    def plan(self, tree: SourceFiles) -> tuple[str, ...]:
        return tuple(path for path in tree.paths() if is_lock(path))

    def run(self, work: Work) -> RawOutput:
        database, reason = _database(work.env)
        if database is None:
            raise FileNotFoundError(reason)
        return _Output(
            files=work.files,
            outcome=NOTHING_RAN,
            report=None,
            report_problem="",
            command=(),
            database=database,
        )

    def parse(self, raw: RawOutput, tree: SourceFiles, description: Description) -> ScanResult:
        if not isinstance(raw, _Output):
            return failed(self.name, description, "it was given no database", raw)
        if raw.database.digest != description.ruleset_digest:
            return failed(self.name, description, "the database changed while it was read", raw)
        return conclude(self.name, description, raw, _account(raw.files, tree, raw.database), tree)


def _database(env: ToolEnv) -> tuple[Database | None, str]:
    """The database that somebody named, or why there is none."""
    folder = env.data.get(_DATA)
    if folder is None:
        return None, f"no database of vulnerabilities was given: --tool-data {_DATA}=DIR"
    try:
        database = load(folder)
    except Unusable as error:
        return None, f"the folder given as {_DATA} cannot be used: {error}"
    if not database.holdings:
        return None, f"the folder given as {_DATA} has no entry that could be used"
    return database, ""


def _version(database: Database) -> str:
    """The days of the database, the oldest first: one for each ecosystem."""
    return ", ".join(sorted({holding.newest or _UNDATED for holding in database.holdings.values()}))


def _own_digest() -> str:
    """Digest of this package's code and of what it compares and parses versions with."""
    own = [
        [item.name, sha256(item.read_bytes())]
        for item in resources.files(__package__ or "").iterdir()
        if item.name.endswith(".py")
    ]
    used = [[name, metadata.version(name)] for name in ("cvss", "packaging", "semver")]
    return digest([sorted(own), used, platform.python_version()])


def _account(files: Iterable[str], tree: SourceFiles, database: Database) -> Account:
    locks = read_locks(tree, tuple(files))
    problems = dict(locks.unread)
    scanned: set[str] = set()
    matches: list[Match] = []
    for lock in locks.read:
        if lock.ecosystem not in database.holdings and any(
            item.origin != "local" for item in lock.components
        ):
            problems[lock.path] = f"the database has no entry for {lock.ecosystem}"
            continue
        scanned.add(lock.path)
        gaps = [*lock.gaps, *_elsewhere(lock)]
        for component in lock.components:
            if component.origin in ("registry", "git"):
                judged = judge(component, database)
                matches += judged.matches
                gaps += [
                    f"{component.name} {component.version}: not decided: {why}" for why in judged.undecided
                ]
        if gaps:
            problems[lock.path] = "; ".join(_some(gaps))
    return Account(
        scanned=frozenset(scanned),
        problems=problems,
        claims=tuple(_claim(match) for match in matches),
        rules=tuple(_rule(match) for match in matches),
        notes=(*_database_notes(database), *_component_notes(locks.read, database)),
        degraded=bool(database.broken),
    )


def _some(texts: list[str]) -> list[str]:
    more = len(texts) - _SHOWN
    return [*texts[:_SHOWN], f"{more} more"] if more > 0 else texts


def _elsewhere(lock: Lock) -> list[str]:
    """Components that no database of the ecosystem is about."""
    count = sum(item.origin == "other" for item in lock.components)
    return (
        [f"{count} components come from another registry, which the database is not about"] if count else []
    )


def _database_notes(database: Database) -> list[str]:
    notes = [
        f"database of {holding.newest or 'an unknown date'}, {holding.entries} entries for {ecosystem}"
        for ecosystem, holding in sorted(database.holdings.items())
    ]
    if database.withdrawn:
        notes.append(f"database: {database.withdrawn} withdrawn entries were left out")
    if database.broken:
        named = _some([f"{name} ({why})" for name, why in database.broken])
        notes.append(f"{len(database.broken)} entries of the database could not be read: {'; '.join(named)}")
    return notes


def _component_notes(locks: Iterable[Lock], database: Database) -> list[str]:
    """What was held against the database, and what was not."""
    kinds = Counter((lock.ecosystem, item.origin) for lock in locks for item in lock.components)
    notes = []
    for ecosystem in sorted({ecosystem for ecosystem, _ in kinds}):
        parts = [f"{kinds[ecosystem, origin]} {said}" for origin, said in _SAID if kinds[ecosystem, origin]]
        if ecosystem not in database.holdings:
            parts = [
                f"{sum(kinds[ecosystem, origin] for origin, _ in _SAID)}, none held against the database"
            ]
        notes.append(f"components of {ecosystem}: {', '.join(parts)}")
    return notes


def _claim(match: Match) -> Claim:
    component = match.component
    aliases = names(match)
    parts = [
        f"{component.name} {component.version}: {_title(match)}",
        f"fixed in {', '.join(match.fixed)}" if match.fixed else "no fixed version is recorded",
    ]
    if match.guessed:
        parts.append("the database knows the affected versions in other numbers only")
    if component.origin == "git":
        parts.append("it comes from git, so a fix may be in it")
    if component.name == STANDARD_LIBRARY and component.ecosystem == "Go":
        parts.append("go.mod asks for this Go at least; a newer one may build it")
    also = f" (also {', '.join(_some(list(aliases)))})" if aliases else ""
    return Claim(
        rule=match.entries[0].id,
        message="; ".join(parts) + also,
        severity=_severity(match),
        confidence=_confidence(match),
        cwe=_weaknesses(match),
        stride="",
        path=component.path,
        line=component.line,
        column=1,
        end_line=0,
        end_column=0,
    )


def _rule(match: Match) -> RuleInfo:
    first = match.entries[0]
    return RuleInfo(
        id=first.id,
        title=_title(match)[:200],
        description=first.details or _title(match),
        cwe=_weaknesses(match),
        help_uri=first.address or f"https://osv.dev/vulnerability/{first.id}",
        severity=_severity(match),
        digest=digest([entry.digest for entry in match.entries]),
    )


def _title(match: Match) -> str:
    return next((entry.summary for entry in match.entries if entry.summary), match.entries[0].id)


def _weaknesses(match: Match) -> tuple[str, ...]:
    numbers = {cwe for entry in match.entries for cwe in entry.cwe}
    return tuple(sorted(numbers, key=lambda cwe: int(cwe.removeprefix("CWE-"))))


def _severity(match: Match) -> Severity:
    """The worst level that a CVSS vector of the entries gives; `warning` where there is none."""
    levels = {level for entry in match.entries for vector in entry.vectors if (level := _level(vector))}
    if levels:
        return min(levels, key=SEVERITIES.index)
    informational = all(entry.informational in _NO_WEAKNESS for entry in match.entries)
    return "note" if informational else "warning"


def _level(vector: str) -> Severity | None:
    try:
        return level_of_score(score_of(vector).value)
    except NoVector:
        return None


def _confidence(match: Match) -> Confidence:
    """High where a release of a registry lies in a range; a commit may have a fix, and a Go may be newer."""
    component = match.component
    least = component.ecosystem == "Go" and component.name == STANDARD_LIBRARY
    return "low" if match.guessed or least or component.origin == "git" else "high"
