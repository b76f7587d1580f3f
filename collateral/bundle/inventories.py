"""Parts of a bundle that a model may have records for: an earlier threat model, needs for storage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from collateral.predecessor.files import predecessor_file
from collateral.storage.files import storage_file
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.plain import to_plain

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
    if making.storage is None:
        return {}
    file = storage_file(making.storage, making.a.project, making.a.threats)
    return {STORAGE: dump_bytes(to_plain(file))}
