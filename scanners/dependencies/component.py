"""What a lock file says: components, and what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from packaging.utils import canonicalize_name

Ecosystem = Literal["crates.io", "Go", "PyPI"]
"""Names as in the OSV schema."""
Origin = Literal["registry", "git", "local", "other"]
"""The ecosystem's own registry, a git repository, a folder of the tree, or another place."""
MOST_BYTES = 8 << 20
"""Of a lock file."""
MOST_COMPONENTS = 50_000
"""Of a lock file."""
STANDARD_LIBRARY = "stdlib"
"""The name that Go's vulnerability database has for the standard library."""
_KIND = {"crates.io": "cargo", "Go": "golang", "PyPI": "pypi"}
_LONGEST = 1000


class NotALock(ValueError):
    """A file is no lock file of its kind, or is too large; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A package in a version, at a line of a lock file. Its texts are untrusted."""

    ecosystem: Ecosystem
    name: str
    version: str
    """Empty where the lock file names none."""
    origin: Origin
    address: str = ""
    """Where it comes from, where that is not the ecosystem's registry: as the lock file says it."""
    digests: tuple[str, ...] = ()
    """As the lock file has them, each with the name of its kind: `sha256:…`, `h1:…`."""
    requires: tuple[str, ...] = ()
    """Components of the same lock file, as it names them: `name`, `name version` or `name version (source)`."""
    path: str
    line: int

    @property
    def purl(self) -> str:
        """The package URL (https://github.com/package-url/purl-spec); empty for a folder of the tree, which no registry
        has, and for what has no version."""
        if self.origin == "local" or not self.version:
            return ""
        name = {"crates.io": self.name, "Go": self.name.lower(), "PyPI": canonicalize_name(self.name)}[
            self.ecosystem
        ]
        parts = "/".join(quote(part, safe="") for part in name.split("/"))
        more = ""
        if self.origin == "git":
            place, _, commit = self.address.partition("#")
            more = f"?vcs_url={quote(place.partition('?')[0] + (f'@{commit}' if commit else ''), safe='')}"
        elif self.origin == "other":
            more = f"?repository_url={quote(self.address.split('+', 1)[-1], safe='')}"
        version = self.version
        if self.ecosystem == "Go" and self.name != STANDARD_LIBRARY:
            version = f"v{version}"
        return f"pkg:{_KIND[self.ecosystem]}/{parts}@{quote(version, safe='')}{more}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lock file that was read. `gaps` are what it does not tell, or what was not understood, each in words."""

    path: str
    ecosystem: Ecosystem
    components: tuple[Component, ...]
    gaps: tuple[str, ...] = ()


def decoded(data: bytes) -> str:
    """The text of a lock file.

    Raises:
        NotALock: it is too large, or not UTF-8.
    """
    if len(data) > MOST_BYTES:
        raise NotALock(f"larger than {MOST_BYTES} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotALock(f"not UTF-8 at byte {error.start}") from error


def word(value: object) -> str:
    """A name, version or address; empty where it is none that can be printed on one line."""
    return value if isinstance(value, str) and len(value) <= _LONGEST and value.isprintable() else ""


def bounded(components: list[Component]) -> tuple[Component, ...]:
    """
    Raises:
        NotALock: there are too many.
    """
    if len(components) > MOST_COMPONENTS:
        raise NotALock(f"more than {MOST_COMPONENTS} components")
    return tuple(components)
