"""Claims: statements about a source tree that a machine can check, and statements of people.

Paths are globs of `threatmodel.core.globs`. `when` limits a claim to configurations whose options have
the values named; an empty mapping means every configuration. `source` names the source tree, empty for
the model's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from threatmodel.core.diagnostics import Place

When = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    paths: tuple[str, ...]
    when: When = field(default_factory=dict)
    source: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileExists(_Claim):
    """At least one file matches each glob."""

    kind: Literal["file-exists"] = "file-exists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present(_Claim):
    """The pattern (RE2 syntax, multi-line) matches in at least one of the files, or in each of them."""

    pattern: str
    each: bool = False
    kind: Literal["present"] = "present"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent(_Claim):
    """The files exist and the pattern (RE2 syntax, multi-line) matches in none of them."""

    pattern: str
    kind: Literal["absent"] = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentsAbsent(_Claim):
    """The files exist and none holds these string literals one after the other.

    `"--sandbox", "none"` in any syntax, or `"--sandbox=none"`.
    """

    arguments: tuple[str, ...]
    kind: Literal["arguments-absent"] = "arguments-absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value(_Claim):
    """The key (dotted) of the TOML, YAML or JSON file has this value."""

    key: str
    equals: str | int | bool | tuple[str, ...]
    kind: Literal["value"] = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(_Claim):
    """The version at the key (dotted) of the TOML, YAML or JSON file satisfies the PEP 440 specifier."""

    key: str
    specifier: str
    kind: Literal["version"] = "version"


@dataclass(frozen=True, slots=True, kw_only=True)
class HasTest(_Claim):
    """A test of this name (Go, Rust, bats, pytest) is in one of the files and is not skipped for good. With `passes`, the
    results that were given have to say that it passed."""

    name: str
    passes: bool = False
    kind: Literal["test"] = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(_Claim):
    """The constant of a Go, Rust or C file has this value wherever the files declare it.

    `name` is `module::NAME` in Rust and `function.name` in Go where it does not stand at the top of its file.
    """

    name: str
    equals: str | int | bool
    kind: Literal["constant"] = "constant"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigDefault(_Claim):
    """The key (dotted) of a template of a TOML file has this value once a makefile has put its variables in.

    `given`: variables of make that are set from outside. A key in a comment is not set.
    """

    key: str
    equals: str | int | bool | tuple[str, ...]
    makefile: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["config-default"] = "config-default"


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelConfig(_Claim):
    """The option of a Linux kernel configuration, or of its fragments, is `y`, `m`, `n`, a text or a number."""

    option: str
    equals: str
    kind: Literal["kernel-config"] = "kernel-config"


@dataclass(frozen=True, slots=True, kw_only=True)
class RpcSet(_Claim):
    """The methods of protobuf services are the operations of the flows whose ids match. `without` counts on no side."""

    services: tuple[str, ...]
    operations_of: tuple[str, ...]
    without: tuple[str, ...] = ()
    kind: Literal["rpc-set"] = "rpc-set"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet(_Claim):
    """The texts of constants that the pattern matches whole are these keys, or the operations of the flows that match.

    `pattern` is RE2; its first group, where it has one, is what is compared. `without` counts on no side.
    """

    pattern: str
    keys: tuple[str, ...] = ()
    operations_of: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    kind: Literal["key-set"] = "key-set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Semgrep(_Claim):
    """The semgrep rule `pack/id` matches in one of the files, or without `matches` in none of them."""

    rule: str
    matches: bool = False
    kind: Literal["semgrep"] = "semgrep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested(_Claim):
    """A named person vouches. Counts only with a public source or a commit; until `expires` (ISO date)."""

    by: str
    date: str
    expires: str
    evidence: str
    kind: Literal["attested"] = "attested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed(_Claim):
    """What no machine can see in the tree and nobody vouches for yet. `evidence`: a public place that tells about it."""

    statement: str
    evidence: str
    kind: Literal["proposed"] = "proposed"


Claim = (
    FileExists
    | Present
    | Absent
    | ArgumentsAbsent
    | Value
    | Version
    | HasTest
    | Constant
    | ConfigDefault
    | KernelConfig
    | RpcSet
    | KeySet
    | Semgrep
    | Attested
    | Proposed
)
