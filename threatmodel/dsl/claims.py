"""Claims as an author writes them, next to the control that they prove."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from threatmodel.dsl.session import current
from threatmodel.system import (
    Absent,
    ArgumentsAbsent,
    Attested,
    ConfigDefault,
    Constant,
    FileExists,
    HasTest,
    KernelConfig,
    KeySet,
    Present,
    Proposed,
    RpcSet,
    Semgrep,
    Value,
    Version,
)

_NAME = re.compile(r"[^\W\d]\w*(?:(?:::|\.)[^\W\d]\w*)*")
_OPTION = re.compile(r"(?:CONFIG_)?[A-Z0-9][A-Za-z0-9_]*")
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


def constant(
    paths: Paths, name: str, *, equals: str | int | bool, when: WhenOption = None, source: str = ""
) -> Constant:
    """A constant of Go, Rust or C has this value wherever the files declare it.

    One that stands inside of something has its name before it: `module::NAME`, `Type::NAME`, `function.name` in Go.
    """
    common = _common(paths, when, source)
    if not _NAME.fullmatch(name):
        current().report(
            "M004", f"constant: {name!r} is no name", common["place"], "write NAME or module::NAME"
        )
    return Constant(name=name, equals=equals, **common)


def config_default(
    template: Paths,
    key: str,
    *,
    equals: str | int | bool | Iterable[str],
    makefile: str = "",
    given: Mapping[str, str] | None = None,
    when: WhenOption = None,
    source: str = "",
) -> ConfigDefault:
    """A key (dotted) of a TOML template has this value once the makefile has put in what stands as `@NAME@`.

    `given` are variables that make gets from outside, `{"ARCH": "x86_64"}`. A key in a comment is not set.
    """
    common = _common(template, when, source)
    plain = equals if isinstance(equals, str | int | bool) else tuple(equals)
    if not all(key.split(".")):
        current().report("M004", f"config_default: {key!r} is no key", common["place"], "write table.key")
    if given and not makefile:
        words = "config_default: given says nothing without a makefile"
        current().report("M004", words, common["place"], "name the makefile")
    return ConfigDefault(key=key, equals=plain, makefile=makefile, given=dict(given or {}), **common)


def kernel_config(
    paths: Paths, option: str, *, equals: str, when: WhenOption = None, source: str = ""
) -> KernelConfig:
    """An option of a Linux kernel configuration, or of its fragments, is `y`, `m`, `n`, a text or a number.

    `n` holds where a file says that the option is not set, not where none names it.
    """
    common = _common(paths, when, source)
    if not _OPTION.fullmatch(option):
        current().report(
            "M004", f"kernel_config: {option!r} is no option", common["place"], "write CONFIG_NAME"
        )
    return KernelConfig(option=option.removeprefix("CONFIG_"), equals=equals, **common)


def rpc_set(
    paths: Paths,
    services: str | Iterable[str],
    *,
    operations_of: Paths,
    except_: Iterable[str] = (),
    when: WhenOption = None,
    source: str = "",
) -> RpcSet:
    """The methods of protobuf services are the operations of the flows with these ids (globs), in each way.

    `except_`: methods and operations that count on neither side.
    """
    common = _common(paths, when, source)
    named, flows = _paths(services), _paths(operations_of)
    if not all(named) or not named or not flows:
        current().report(
            "M004",
            "rpc_set: give services and the flows with their methods",
            common["place"],
            "see `rpc_set`",
        )
    return RpcSet(services=named, operations_of=flows, without=tuple(sorted(except_)), **common)


def key_set(
    paths: Paths,
    pattern: str,
    *,
    keys: Iterable[str] = (),
    operations_of: Paths = (),
    except_: Iterable[str] = (),
    when: WhenOption = None,
    source: str = "",
) -> KeySet:
    """The texts of constants that the pattern (RE2) matches whole are these keys, or the operations of these flows.

    The first group of the pattern, where it has one, is what is compared. `except_` counts on neither side.
    """
    common = _common(paths, when, source)
    listed, flows = tuple(sorted(keys)), _paths(operations_of)
    if bool(listed) == bool(flows):
        current().report(
            "M004", "key_set: give keys or operations_of, one of the two", common["place"], "see `key_set`"
        )
    return KeySet(pattern=pattern, keys=listed, operations_of=flows, without=tuple(sorted(except_)), **common)


def semgrep(
    rule: str, paths: Paths, *, matches: bool = False, when: WhenOption = None, source: str = ""
) -> Semgrep:
    """The semgrep rule `pack/id` matches in none of the files, or with `matches` in at least one. The pack is one of the
    toolkit or a folder `rules/<pack>` of the model."""
    return Semgrep(rule=rule, matches=matches, **_common(paths, when, source))


def attested(by: str, date: str, expires: str, evidence: str, *, when: WhenOption = None) -> Attested:
    """A named person vouches, with a public source or a commit as `evidence`; dates are ISO 8601."""
    return Attested(by=by, date=date, expires=expires, evidence=evidence, **_common((), when, ""))


def proposed(statement: str, *, evidence: str, when: WhenOption = None) -> Proposed:
    """What no machine can see in the tree and nobody vouches for yet; `evidence` is a public source that tells of it."""
    return Proposed(statement=statement, evidence=evidence, **_common((), when, ""))
