"""Versions of packages in lock files: `Cargo.lock` (TOML) and `go.mod` (https://go.dev/ref/mod#go-mod-file)."""

from __future__ import annotations

import tomllib

from threatmodel.readers.values import Found, Unreadable

LOCKS = ("Cargo.lock", "go.mod")
"""Names of the files that are known."""


def locked_versions(data: bytes, path: str, package: str) -> tuple[Found, ...]:
    """The versions of a package, with the line of each (0 where the package stands several times); none where it is not
    there.

    Raises:
        Unreadable: not one of the two files, not of its form, or the package is replaced by another.
    """
    name = path.rpartition("/")[2]
    if name not in LOCKS:
        raise Unreadable(f"{path} is not {' or '.join(LOCKS)}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is not UTF-8 at byte {error.start}") from error
    return _cargo(text, path, package) if name == "Cargo.lock" else _go(text, path, package)


def _cargo(text: str, path: str, package: str) -> tuple[Found, ...]:
    try:
        packages = tomllib.loads(text).get("package", [])
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path}: {error}") from error
    if not isinstance(packages, list):
        raise Unreadable(f"{path} has no list of packages")
    versions = [
        str(p.get("version", "")) for p in packages if isinstance(p, dict) and p.get("name") == package
    ]
    lines = [n for n, line in enumerate(text.split("\n"), 1) if line.strip() == f'name = "{package}"']
    line = lines[0] + 1 if len(lines) == 1 else 0
    return tuple(Found(version, line) for version in versions)


def _go(text: str, path: str, package: str) -> tuple[Found, ...]:
    block = ""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        words = line.partition("//")[0].split()
        if not block and len(words) == 2 and words[1] == "(":
            block = words[0]
        elif block and words == [")"]:
            block = ""
        elif words:
            verb, *rest = [block, *words] if block else words
            if verb == "replace" and "=>" in rest and rest[0] == package:
                raise Unreadable(f"{path} replaces {package} on line {number}")
            if verb == "require" and len(rest) == 2 and rest[0] == package:
                found.append(Found(rest[1], number))
    return tuple(found)
