"""Parts of a bundle that a model may have records for: an earlier threat model, needs for storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from collateral.assessment import Assessment
from collateral.model_at import ModelAt
from collateral.predecessor.files import predecessor_file
from collateral.storage import StorageNeeds, Wider, beyond, load_storage, widen
from collateral.storage.files import StorageFile, storage_file
from threatmodel.analysis import analyse
from threatmodel.claims import ledger_of
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.plain import to_plain
from threatmodel.system import Project

if TYPE_CHECKING:
    from collateral.bundle.parts import Making

PREDECESSOR = "data/predecessor.json"
STORAGE = "data/storage-needs.json"
OPTIONAL = frozenset({PREDECESSOR, STORAGE})
"""Files that only bundles of models with such records have."""
Files = Mapping[str, bytes]


def predecessor(making: Making, _before: Files) -> Files:
    """`data/predecessor.json`, where the model records an earlier threat model."""
    if making.predecessor is None:
        return {}
    file = predecessor_file(making.predecessor, making.a.project, making.a.threats)
    return {PREDECESSOR: dump_bytes(to_plain(file))}


def storage(making: Making, _before: Files) -> Files:
    """`data/storage-needs.json`, where the model records needs for storage."""
    return {STORAGE: dump_bytes(to_plain(making.storage))} if making.storage else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """The record, and the model in configurations for the ways that none of its own has."""

    needs: StorageNeeds
    wider: Wider


def read_storage_needs(model: Path, project: Project) -> Storage | None:
    """What the model records of storage; None where it has no such record.

    Raises:
        InvalidInput: as of `load_storage` and `widen`.
    """
    needs = load_storage(model, project)
    if needs is None:
        return None
    at = ModelAt(model)
    return Storage(needs=needs, wider=widen(needs, project, broken=at.broken, load=at.project))


def judged_storage(found: Storage, a: Assessment) -> StorageFile:
    """The record with what each way brings, as the edition may show it. Ways that no named configuration has are judged
    by the same claims."""
    threats = analyse(
        found.wider.project,
        a.rules,
        ledger_of(found.wider.project, a.ledger.checks).states,
        as_of=a.date.date(),
        risk=a.manifest.risk,
    )
    return storage_file(found.needs, a.project, a.threats, beyond(found.needs, found.wider, threats))
