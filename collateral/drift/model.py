"""`extracts.yaml` of a model: which files of the source tell its surface, and to what of the model that belongs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collateral.records import CLOSED
from threatmodel.core.diagnostics import Place
from threatmodel.extract import Kind, Spec

EXTRACTS = "extracts.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the model makes of a fact that it names nowhere else. `name`: of the fact, as the output gives it; for
    workflows, rules of policies, owners and names in code that of the file."""

    __pydantic_config__: ClassVar = CLOSED
    name: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of fact in some files.

    `paths` are globs. `belongs_to`: elements and flows of the model. `operations_of`: globs of ids of flows whose
    operations should name the facts. `known`: globs of facts that the model need not name. `lookup`: globs of files that
    are read beside them: rules in Rego (`rpc`), protobuf files (`policy`), declarations of constants (`gated-keys`,
    `implementations`). `pattern`: RE2 that a whole text or name must match. `without`: sections whose second name is left
    out of keys, such as `hypervisor` for `[hypervisor.qemu]`; `makefile`: what fills templates, with `given` (NAME=value)
    set from outside (`toml-keys`). `keys`: keys that pin a version (`pins`; the usual ones otherwise). `implements`:
    traits of Rust, types or methods of Go (`guards`, `implementations`). `gates`: functions that allow or refuse
    (`guards`, `gated-keys`); `checks`: RE2, other functions that check (`gated-keys`). `returns`: the method whose texts
    are told; `registry`: a static that lists types (`implementations`).
    """

    __pydantic_config__: ClassVar = CLOSED
    id: str
    kind: Kind
    about: str = ""
    paths: tuple[str, ...]
    belongs_to: tuple[str, ...]
    operations_of: tuple[str, ...] = ()
    lookup: tuple[str, ...] = ()
    pattern: str = ""
    without: tuple[str, ...] = ()
    makefile: str = ""
    given: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    implements: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    checks: str = ""
    returns: str = ""
    registry: str = ""
    known: tuple[str, ...] = ()
    place: Place | None = None

    @property
    def spec(self) -> Spec:
        """What the extractor needs of it."""
        return Spec(
            kind=self.kind,
            paths=self.paths,
            lookup=self.lookup,
            pattern=self.pattern,
            without=self.without,
            makefile=self.makefile,
            given=self.given,
            keys=self.keys,
            implements=self.implements,
            gates=self.gates,
            checks=self.checks,
            returns=self.returns,
            registry=self.registry,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracts:
    """`extracts.yaml`."""

    __pydantic_config__: ClassVar = CLOSED
    extracts: tuple[Source, ...]
