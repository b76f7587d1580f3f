"""Defences of snapshots. None of them stands against somebody who may write the files."""

from __future__ import annotations

from threatmodel.dsl import Control, present

from .jail import DOCS

SNAPSHOT = "src/vmm/src/snapshot/mod.rs"

size_limit = Control(
    "snapshot-size-limit",
    "A state file over 10 MB is refused",
    provides=["bounded-allocation", "bounded-request-size"],
    claims=[
        present(SNAPSHOT, r"const SNAPSHOT_DESERIALIZATION_BYTES_LIMIT: usize = 10_000_000;"),
        present(SNAPSHOT, r"(?s)if bytes_read > SNAPSHOT_DESERIALIZATION_BYTES_LIMIT \{\s*return Err\("),
    ],
)
format_checked = Control(
    "snapshot-format-checked",
    "Checksum, magic number and version of a state file are checked, and its content becomes typed values",
    provides=["input-validation", "type-safe-parser"],
    description="The checksum is a CRC of 64 bits: it finds accidents. Firecracker's documents say that it trusts the "
    "files; memory file and disks are not covered by it",
    claims=[
        present(SNAPSHOT, r"(?s)if computed_checksum != 0 \{\s*return Err\(SnapshotError::Crc64\);"),
        present(SNAPSHOT, r"if snapshot\.header\.magic != SNAPSHOT_MAGIC_ID \{"),
        present(SNAPSHOT, r"snapshot\.header\.version\.major != SNAPSHOT_VERSION\.major"),
        present(SNAPSHOT, r"bitcode::deserialize\(buf\)\?"),
    ],
    references=[f"{DOCS}/snapshotting/snapshot-support.md"],
)
private_memory = Control(
    "snapshot-private-memory",
    "The memory file is mapped private: the guest's writes do not reach it, and no page lies beyond its end",
    provides=["private-mapping"],
    claims=[
        present("src/vmm/src/vstate/memory.rs", r"(?s)libc::MAP_PRIVATE,\s*Some\(file\),"),
        present("src/vmm/src/vstate/memory.rs", r"if memory_size > file_size \{"),
    ],
    references=[f"{DOCS}/snapshotting/snapshot-support.md"],
)
