"""Requirements files of pip (https://pip.pypa.io/en/stable/reference/requirements-file-format/), as far as they pin."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container, Iterator

from packaging.requirements import InvalidRequirement, Requirement

from scanners.dependencies.component import Component, Lock, bounded, decoded, word

_COMMENT = re.compile(r"(?:^|\s)#.*$")
_HASH = re.compile(r"(?:^|\s)--hash[= ]([a-z0-9]+:[0-9a-f]+)(?=\s|$)")
_ELSEWHERE = ("-r", "-c", "--requirement", "--constraint")
_EDITABLE = ("-e", "--editable")
_LONGEST = 50_000
_SHOWN = 60


def is_requirements(path: str) -> bool:
    """True for the names that requirements files have by custom."""
    folder, name = posixpath.split(path)
    return name.endswith(".txt") and (
        name.startswith(("requirements", "constraints"))
        or name.removesuffix(".txt").endswith(("requirements", "constraints"))
        or posixpath.basename(folder) == "requirements"
    )


def read_requirements(path: str, data: bytes, paths: Container[str] = ()) -> Lock:
    """The packages of a requirements file. What does not pin one version is a gap; so is another file that it names,
    unless it is one of the `paths` of the tree and has the name of a requirements file, so that it is read anyway.

    Raises:
        NotALock: it is too large, not UTF-8, or has too many lines that pin.
    """
    components: list[Component] = []
    gaps: list[str] = []
    for number, line in _logical(decoded(data)):
        option = re.split(r"[= ]", line, maxsplit=1)[0]
        if option.startswith(_ELSEWHERE):
            other = line[len(option) :].strip("= ")
            there = posixpath.normpath(posixpath.join(posixpath.dirname(path), other))
            if not (there in paths and is_requirements(there)):
                gaps.append(f"line {number} names another file, which is not read: {_shown(other)}")
        elif option.startswith(_EDITABLE):
            gaps.append(f"line {number} names a folder or repository, not a version: {_shown(line)}")
        elif not option.startswith("-"):
            found = _pinned(path, number, line)
            if isinstance(found, str):
                gaps.append(f"line {number} {found}: {_shown(line)}")
            else:
                components.append(found)
    return Lock(path=path, ecosystem="PyPI", components=bounded(components), gaps=tuple(gaps))


def _shown(line: str) -> str:
    return line[:_SHOWN] if line[:_SHOWN].isprintable() else "(text that cannot be printed)"


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, joined where they go on, each with the number of its first."""
    start, parts = 0, list[str]()
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        start = start or number
        goes_on = line.endswith("\\") and not line.lstrip().startswith("#")
        parts.append(line[:-1] if goes_on else _COMMENT.sub("", line))
        if goes_on:
            continue
        if whole := " ".join("".join(parts).split()):
            yield start, whole
        start, parts = 0, []
    if whole := " ".join("".join(parts).split()):
        yield start, whole


def _pinned(path: str, number: int, line: str) -> Component | str:
    """The component, or why the line pins none."""
    digests = tuple(sorted(set(_HASH.findall(line))))
    bare = re.split(r"\s--?[a-z]", line, maxsplit=1)[0]
    if len(line) > _LONGEST:
        return "is too long"
    try:
        wanted = Requirement(bare)
    except (InvalidRequirement, RecursionError):
        return "was not understood"
    if wanted.url:
        return "names an address, not a version"
    pins = [item for item in wanted.specifier if item.operator in ("==", "===")]
    if len(pins) != 1 or pins[0].version.endswith(".*") or not word(pins[0].version):
        return "does not pin one version"
    return Component(
        ecosystem="PyPI",
        name=wanted.name,
        version=pins[0].version,
        origin="registry",
        digests=digests,
        path=path,
        line=number,
    )
