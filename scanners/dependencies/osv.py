"""A folder of vulnerabilities in the OSV format (https://ossf.github.io/osv-schema/), read once. It is untrusted."""

from __future__ import annotations

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import orjson

from scanners.adapters.judge import cwe_list, https, mapping, text
from scanners.dependencies.component import Ecosystem, word
from threatmodel.core.canonical import sha256

MOST_BYTES = 16 << 20
"""Of one entry."""
MOST_FILES = 500_000
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_DAY = "1970"
"""What is older is no date: some databases write the year 1 where they know none."""
_EVENTS = frozenset({"introduced", "fixed", "last_affected", "limit"})
_ECOSYSTEMS: tuple[Ecosystem, ...] = get_args(Ecosystem)


class Unusable(Exception):
    """A folder is no database; the text says why."""


@dataclass(frozen=True, slots=True)
class Range:
    """A range of versions: SEMVER or ECOSYSTEM, and its events in the order of the file."""

    kind: str
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """Versions of a package that have the flaw. `guessed`: the database says that it knows them in other numbers only."""

    versions: frozenset[str]
    ranges: tuple[Range, ...]
    guessed: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A vulnerability. Its texts are bounded, no more."""

    id: str
    aliases: tuple[str, ...]
    summary: str
    details: str
    cwe: tuple[str, ...]
    vectors: tuple[str, ...]
    """CVSS."""
    informational: str
    """A word of RustSec for what is no vulnerability: `unmaintained`, `unsound`, `notice`."""
    address: str
    digest: str


@dataclass(frozen=True, slots=True)
class Holding:
    """What the database has for an ecosystem. `newest` is the day on which an entry was last modified; empty: no entry
    says so."""

    entries: int
    newest: str


@dataclass(frozen=True, slots=True)
class Database:
    """Entries by ecosystem and package, withdrawn ones left out, and those that could not be read, with the reason."""

    digest: str
    packages: Mapping[tuple[str, str], tuple[tuple[Entry, Affected], ...]]
    holdings: Mapping[str, Holding]
    withdrawn: int
    broken: tuple[tuple[str, str], ...]


def load(folder: Path) -> Database:
    """The database of a folder: every `.json` file below it is an entry. Links are not followed, and named.

    Raises:
        Unusable: the folder or one below cannot be read, or it has too many files, or none.
    """
    whole = hashlib.sha256()
    packages: dict[tuple[str, str], list[tuple[Entry, Affected]]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    newest: dict[str, str] = defaultdict(str)
    broken: list[tuple[str, str]] = []
    withdrawn = 0
    files = 0
    for name, data in _files(folder):
        files += 1
        said = data if isinstance(data, bytes) else b""
        whole.update(os.fsencode(name) + b"\0" + hashlib.sha256(said).digest())
        try:
            if isinstance(data, str):
                raise ValueError(data)
            if len(data) > MOST_BYTES:
                raise ValueError(f"larger than {MOST_BYTES} bytes")
            value = orjson.loads(data)
            if mapping(value).get("withdrawn"):
                withdrawn += 1
                continue
            entry, affected = _read(value, data)
        except ValueError as error:
            broken.append((text(name, 200), " ".join(str(error).split())[:200]))
            continue
        for ecosystem, package, item in affected:
            packages[ecosystem, package].append((entry, item))
        for ecosystem in {item[0] for item in affected}:
            counts[ecosystem] += 1
            newest[ecosystem] = max(newest[ecosystem], _day(value.get("modified")))
    if not files:
        raise Unusable("it has no .json file")
    return Database(
        digest=whole.hexdigest(),
        packages={key: tuple(found) for key, found in packages.items()},
        holdings={name: Holding(counts[name], newest[name]) for name in sorted(counts)},
        withdrawn=withdrawn,
        broken=tuple(broken),
    )


def _files(folder: Path) -> Iterator[tuple[str, bytes | str]]:
    """Names below the folder, and the content of each file or why it cannot be read; of a file that is too large one
    byte too many.

    Raises:
        Unusable: a folder cannot be read, or there are too many files.
    """
    found = 0
    for place, folders, names in os.walk(folder, onerror=_refuse):
        folders.sort()
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]  # noqa: PTH114, PTH118
        for name in sorted((*links, *(name for name in names if name.endswith(".json")))):
            found += 1
            if found > MOST_FILES:
                raise Unusable(f"it has more than {MOST_FILES} files")
            path = os.path.join(place, name)  # noqa: PTH118  thousands of files
            yield os.path.relpath(path, folder), _content(path)


def _content(path: str) -> bytes | str:
    if os.path.islink(path):  # noqa: PTH114
        return "a link, which is not followed"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _refuse(error: OSError) -> None:
    raise Unusable(f"a folder of it cannot be read: {error.strerror}") from error


def _day(value: object) -> str:
    found = _DAY.match(value) if isinstance(value, str) else None
    return found[0] if found and found[0] >= _FIRST_DAY else ""


def _read(value: object, data: bytes) -> tuple[Entry, list[tuple[Ecosystem, str, Affected]]]:
    """An entry, and what it says of packages of the ecosystems that we know.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    id_ = value.get("id")
    if not isinstance(id_, str) or not _ID.fullmatch(id_):
        raise ValueError("no id of an OSV entry")
    listed = _list(value.get("affected"), "affected")
    affected: list[tuple[Ecosystem, str, Affected]] = []
    special = mapping(value.get("database_specific"))
    vectors = _list(value.get("severity"), "severity")
    informational = special.get("informational")
    for item in listed:
        package = mapping(item.get("package"))
        ecosystem = next((known for known in _ECOSYSTEMS if known == package.get("ecosystem")), None)
        if ecosystem is None:
            continue
        if not (name := word(package.get("name"))):
            raise ValueError("a package without a name")
        affected.append((ecosystem, name, _affected(item)))
        vectors += _list(item.get("severity"), "severity")
        informational = informational or mapping(item.get("database_specific")).get("informational")
    cwe = special.get("cwe_ids")
    aliases = value.get("aliases")
    entry = Entry(
        id=id_,
        aliases=tuple(
            sorted({name for name in aliases if isinstance(name, str) and _ID.fullmatch(name)} - {id_})
            if isinstance(aliases, list)
            else ()
        ),
        summary=" ".join(text(value.get("summary"), 300).split()),
        details=text(value.get("details"), 2000),
        cwe=cwe_list(cwe if isinstance(cwe, list) else ()),
        vectors=tuple(dict.fromkeys(text(item.get("score"), 200) for item in vectors)),
        informational=text(informational, 40),
        address=_address(value),
        digest=sha256(data),
    )
    return entry, affected


def _affected(item: Mapping[str, Any]) -> Affected:
    versions = item.get("versions") or []
    if not isinstance(versions, list) or not all(isinstance(version, str) for version in versions):
        raise ValueError('"versions" is not a list of texts')
    ranges = []
    for given in _list(item.get("ranges"), "ranges"):
        events: list[tuple[str, str]] = []
        for event in _list(given.get("events"), "events"):
            for kind, version in event.items():
                if kind not in _EVENTS or not isinstance(version, str):
                    raise ValueError(f"an event that is not known: {text(kind, 40)}")
                events.append((kind, version))
        if given.get("type") in ("SEMVER", "ECOSYSTEM"):
            if not any(kind == "introduced" for kind, _ in events):
                raise ValueError("a range without an introduced version")
            ranges.append(Range(given["type"], tuple(events)))
    return Affected(
        versions=frozenset(versions),
        ranges=tuple(ranges),
        guessed=bool(mapping(item.get("ecosystem_specific")).get("custom_ranges")),
    )


def _address(value: Mapping[str, Any]) -> str:
    listed = _list(value.get("references"), "references")
    chosen = [item for item in listed if item.get("type") == "ADVISORY"]
    return next((found for item in chosen if (found := https(item.get("url")))), "")


def _list(value: object, name: str) -> list[dict[str, Any]]:
    """
    Raises:
        ValueError: it is no list of objects.
    """
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError(f'"{name}" is not a list of objects')
    return list(value)
