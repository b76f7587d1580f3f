"""`Cargo.lock`, in the versions 1 to 4 of its format (https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from scanners.dependencies.component import Component, Lock, NotALock, Origin, bounded, decoded, word

_NEWEST = 4
_MOST_DOTS = 20
"""On a line. The time that the parser of TOML takes grows with the square of the parts of a key."""
_REGISTRIES = ("registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/")


def read_cargo(path: str, data: bytes) -> Lock:
    """The packages of a `Cargo.lock`, each at the line of its name.

    Raises:
        NotALock: it is no such file.
    """
    text = decoded(data)
    if max(line.count(".") for line in text.split("\n")) > _MOST_DOTS:
        raise NotALock(f"a line with more than {_MOST_DOTS} dots, which Cargo does not write")
    try:
        whole = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotALock(f"not TOML: {' '.join(str(error).split())[:200] or type(error).__name__}") from error
    version = whole.get("version", 1)
    if not isinstance(version, int) or not 1 <= version <= _NEWEST:
        raise NotALock(f"version {version!r:.40} of the format is not known")
    packages = whole.get("package", [])
    if not isinstance(packages, list) or not all(isinstance(item, dict) for item in packages):
        raise NotALock('"package" is not a list of tables')
    if not packages:
        raise NotALock("it names no package, not even its own")
    lines = _lines(text, packages)
    sums = whole.get("metadata")
    components: list[Component] = []
    gaps: list[str] = []
    for line, item in zip(lines, packages, strict=True):
        name, said = word(item.get("name")), word(item.get("version"))
        source = item.get("source", "")
        if not name or not said or (source and not word(source)):
            gaps.append(f"line {line}: a package without a name, a version or a source that can be read")
            continue
        components.append(_component(path, line, item, sums if isinstance(sums, dict) else {}))
    return Lock(path=path, ecosystem="crates.io", components=bounded(components), gaps=tuple(gaps))


def _component(path: str, line: int, item: Mapping[str, Any], sums: Mapping[str, Any]) -> Component:
    name, version, source = item["name"], item["version"], item.get("source", "")
    checksum = word(item.get("checksum", sums.get(f"checksum {name} {version} ({source})")))
    listed = item.get("dependencies")
    origin: Origin = "other"
    if not source:
        origin = "local"
    elif source in _REGISTRIES:
        origin = "registry"
    elif source.startswith("git+"):
        origin = "git"
    return Component(
        ecosystem="crates.io",
        name=name,
        version=version,
        origin=origin,
        address="" if origin == "registry" else source,
        digests=(f"sha256:{checksum}",) if _is_sha256(checksum) else (),
        requires=tuple(found for entry in listed if (found := word(entry)))
        if isinstance(listed, list)
        else (),
        path=path,
        line=line,
    )


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and all(char in "0123456789abcdef" for char in text)


def _lines(text: str, packages: list[dict[str, Any]]) -> list[int]:
    """The line of each package's name; that of its head where the name does not stand there as Cargo writes it.

    Raises:
        NotALock: the heads do not stand on lines of their own.
    """
    lines = text.split("\n")
    heads = [number for number, line in enumerate(lines, 1) if line.strip() == "[[package]]"]
    if len(heads) != len(packages):
        raise NotALock("not written as Cargo writes it: the places of its packages are not known")
    found = []
    for head, end, item in zip(heads, [*heads, len(lines) + 1][1:], packages, strict=True):
        wanted = f'name = "{item.get("name")}"'
        body = range(head + 1, min(end, head + 10))
        found.append(next((number for number in body if lines[number - 1].strip() == wanted), head))
    return found
