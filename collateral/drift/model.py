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
    workflows, rules of policies and owners that of the file."""

    __pydantic_config__: ClassVar = CLOSED
    name: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of fact in some files.

    `paths` are globs. `belongs_to`: elements and flows of the model. `operations_of`: globs of ids of flows whose
    operations should name the facts. `lookup`: globs of files that are read beside them: rules in Rego (`rpc`), protobuf
    files (`policy`). `pattern`: RE2 that a whole constant must match (`constants`). `without`: sections whose second
    name is left out of keys, such as `hypervisor` for `[hypervisor.qemu]` (`toml-keys`). `keys`: keys that pin a version
    (`pins`; the usual ones otherwise).
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
    keys: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
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
            keys=self.keys,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracts:
    """`extracts.yaml`."""

    __pydantic_config__: ClassVar = CLOSED
    extracts: tuple[Source, ...]
