"""Programs that a source tree names itself: in the files of its package managers, or by a file that starts one."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from threatmodel.core.text import fold

MOST = 20
_MANIFEST_BYTES = 1 << 20
_DEPTH = 3
_NAME = 60
_STARTERS = (
    re.compile(r"(?P<folder>(?:[^/]+/){0,2}cmd/(?P<name>[^/]+))/main\.go"),
    re.compile(r"(?P<folder>(?:[^/]+/)?(?P<name>[^/]+))/__main__\.py"),
)
_NOT_OURS = frozenset(
    {"test", "tests", "testing", "vendor", "node_modules", "examples", "third_party", "testdata"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """`seen_in` is the file that shows it; `folder` holds its source and nothing else, empty where none does so."""

    id: str
    name: str
    seen_in: str
    folder: str = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    name: str
    seen_in: str
    folder: str = ""


def find_programs(
    paths: Iterable[str],
    read: Callable[[str], bytes],
    identify: Callable[[str], str],
    reserved: Iterable[str] = (),
) -> tuple[tuple[Program, ...], tuple[str, ...]]:
    """At most twenty programs by name, and the manifests that could not be read.

    `identify` makes an id of a name; an id of `reserved`, or one that stands already, gets a number.
    """
    ours = [path for path in sorted(paths) if not _NOT_OURS & set(path.lower().split("/")[:-1])]
    known, unread = frozenset(ours), []
    found: list[_Seen] = []
    for path in ours:
        folder, _, name = path.rpartition("/")
        reader = _READERS.get(name)
        if reader and path.count("/") < _DEPTH:
            try:
                data = read(path)
                if len(data) > _MANIFEST_BYTES:
                    raise ValueError(path)
                found += reader(data.decode("utf-8"), folder, path, known)
            except (ValueError, RecursionError, TypeError, AttributeError):
                unread.append(path)
    named = {seen.name for seen in found}
    for path in ours:
        for pattern in _STARTERS:
            match = pattern.fullmatch(path)
            if match and match["name"] not in named:
                found.append(_Seen(match["name"], path, match["folder"]))
    taken, programs = set(reserved), []
    for seen in sorted(set(found), key=lambda item: (item.name, item.seen_in))[:MOST]:
        wanted = id_ = identify(seen.name)
        number = 1
        while id_ in taken:
            number += 1
            id_ = f"{wanted}-{number}"
        taken.add(id_)
        name = fold(" ".join(seen.name.split()))[:_NAME]
        programs.append(Program(id=id_, name=name, seen_in=seen.seen_in, folder=seen.folder))
    return tuple(programs), tuple(unread)


def _pyproject(text: str, _folder: str, path: str, _known: frozenset[str]) -> Iterator[_Seen]:
    raw: dict[str, Any] = tomllib.loads(text)
    poetry = raw.get("tool", {}).get("poetry", {})
    for table in (raw.get("project", {}).get("scripts", {}), poetry.get("scripts", {})):
        yield from (_Seen(name, path) for name in _texts(table))


def _package_json(text: str, _folder: str, path: str, _known: frozenset[str]) -> Iterator[_Seen]:
    raw = json.loads(text)
    programs = raw.get("bin", {})
    if isinstance(programs, str):
        programs = {str(raw.get("name", "")).rpartition("/")[2]: programs}
    yield from (_Seen(name, path) for name in _texts(programs))


def _cargo(text: str, folder: str, path: str, known: frozenset[str]) -> Iterator[_Seen]:
    raw: dict[str, Any] = tomllib.loads(text)
    names = [item["name"] for item in raw.get("bin", []) if isinstance(item.get("name"), str)]
    main = f"{folder}/src/main.rs" if folder else "src/main.rs"
    package = raw.get("package", {}).get("name")
    if not names and isinstance(package, str) and main in known:
        names = [package]
    alone = folder if len(names) == 1 else ""
    yield from (_Seen(name, path, alone) for name in names if name)


def _go_mod(text: str, folder: str, path: str, known: frozenset[str]) -> Iterator[_Seen]:
    module = re.search(r"^module\s+\"?([^\s\"]+)", text, flags=re.MULTILINE)
    main = f"{folder}/main.go" if folder else "main.go"
    if module and main in known:
        yield _Seen(module[1].rpartition("/")[2], path, folder)


def _texts(table: Mapping[str, Any]) -> list[str]:
    return [name for name in table if name.strip()]


_READERS: Mapping[str, Callable[[str, str, str, frozenset[str]], Iterator[_Seen]]] = {
    "pyproject.toml": _pyproject,
    "package.json": _package_json,
    "Cargo.toml": _cargo,
    "go.mod": _go_mod,
}
