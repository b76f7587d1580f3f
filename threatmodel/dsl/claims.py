"""Claims as an author writes them, next to the control that they prove."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from threatmodel.dsl.session import current
from threatmodel.system import (
    Absent,
    ArgumentsAbsent,
    Attested,
    FileExists,
    HasTest,
    Present,
    Proposed,
    Value,
    Version,
)

Paths = str | Iterable[str]
WhenOption = Mapping[str, str | Iterable[str]] | None


def _paths(paths: Paths) -> tuple[str, ...]:
    return (paths,) if isinstance(paths, str) else tuple(paths)


def when_options(when: WhenOption) -> dict[str, tuple[str, ...]]:
    """`{"runtime": "rust"}` or `{"hypervisor": ["qemu", "clh"]}` in one form."""
    return {key: _paths(value) for key, value in (when or {}).items()}


def _common(paths: Paths, when: WhenOption, source: str) -> dict[str, Any]:
    return {
        "paths": _paths(paths),
        "when": when_options(when),
        "source": source,
        "place": current().place(),
    }


def file_exists(paths: Paths, *, when: WhenOption = None, source: str = "") -> FileExists:
    """At least one file of the source tree matches each glob."""
    return FileExists(**_common(paths, when, source))


def present(
    paths: Paths, pattern: str, *, each: bool = False, when: WhenOption = None, source: str = ""
) -> Present:
    """The pattern (RE2 syntax; `^` and `$` match at lines) is in at least one of the files; `each`: in all of them."""
    return Present(pattern=pattern, each=each, **_common(paths, when, source))


def absent(
    paths: Paths,
    pattern: str = "",
    *,
    arguments: Iterable[str] = (),
    when: WhenOption = None,
    source: str = "",
) -> Absent | ArgumentsAbsent:
    """The files exist and do not hold the pattern, or the string literals `arguments` one after the other."""
    common = _common(paths, when, source)
    words = tuple(arguments)
    if bool(pattern) == bool(words):
        current().report(
            "M004", "absent: give a pattern or arguments, one of the two", common["place"], "see `absent`"
        )
    return ArgumentsAbsent(arguments=words, **common) if words else Absent(pattern=pattern, **common)


def value(
    path: str,
    key: str,
    equals: str | int | bool | Iterable[str],
    *,
    when: WhenOption = None,
    source: str = "",
) -> Value:
    """The key (dotted) of a TOML, YAML or JSON file has this value."""
    plain = equals if isinstance(equals, str | int | bool) else tuple(equals)
    return Value(key=key, equals=plain, **_common(path, when, source))


def version(path: str, key: str, specifier: str, *, when: WhenOption = None, source: str = "") -> Version:
    """The version at the key (dotted) of a TOML, YAML or JSON file satisfies the specifier (PEP 440), `>=1.10`."""
    return Version(key=key, specifier=specifier, **_common(path, when, source))


def has_test(
    paths: Paths, name: str, *, passes: bool = False, when: WhenOption = None, source: str = ""
) -> HasTest:
    """A test of this name (Go, Rust, bats, pytest) is in one of the files and is not skipped for good. With `passes`, the
    JUnit results that were given have to say that it passed."""
    return HasTest(name=name, passes=passes, **_common(paths, when, source))


def attested(by: str, date: str, expires: str, evidence: str, *, when: WhenOption = None) -> Attested:
    """A named person vouches, with a public source or a commit as `evidence`; dates are ISO 8601."""
    return Attested(by=by, date=date, expires=expires, evidence=evidence, **_common((), when, ""))


def proposed(statement: str, *, evidence: str, when: WhenOption = None) -> Proposed:
    """What no machine can see in the tree and nobody vouches for yet; `evidence` is a public source that tells of it."""
    return Proposed(statement=statement, evidence=evidence, **_common((), when, ""))
