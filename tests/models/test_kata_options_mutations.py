"""Controls that an option switches lose their state `verified` when what makes the option work is taken out."""

from __future__ import annotations

import pytest

from tests.models.mutations import Row, check_control_falls, kata_with, rows
from threatmodel.source.tree import SourceTree
from threatmodel.system import Project

pytestmark = pytest.mark.slow

OTHERS = {
    "no-block-devices": {"block_rootfs": "off"},
    "arm": {"runtime": "go", "arch": "arm64"},
}
HYPERVISOR = "src/libs/kata-types/src/config/hypervisor/mod.rs"
DEVICES = "src/runtime-rs/crates/hypervisor/src/device/device_manager.rs"
TGO = "src/runtime/config/configuration-{}.toml.in"

ROWS: tuple[Row, ...] = (
    # control, configuration, path, old text, new text
    (
        "block-device-use-off", "no-block-devices", HYPERVISOR,
        'if self.disable_block_device_use {\n            self.block_device_driver = "".to_string();',
        "if self.disable_block_device_use {",
    ),
    ("block-device-use-off", "no-block-devices", DEVICES, '"unsupported driver type {}",', '"driver type {}",'),
    (
        "guest-image-read-only", "arm", "src/runtime/virtcontainers/qemu_arm64.go",
        "func (q *qemuArm64) setIgnoreSharedMemoryMigrationCaps(",
        "func (q *qemuArm64) appendNvdimmImage() {}\n\nfunc (q *qemuArm64) setIgnoreSharedMemoryMigrationCaps(",
    ),
    ("vm-cache-off", "qemu-tdx", TGO.format("qemu-tdx"), "vm_cache_number = 0", "vm_cache_number = 4"),
    ("vm-cache-off", "qemu-coco-dev", TGO.format("qemu-coco-dev"), "vm_cache_number = 0", "vm_cache_number = 4"),
)  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Project:
    return kata_with(OTHERS)


@rows(ROWS)
def test_control_falls_with_its_defence(project: Project, source: SourceTree, row: Row) -> None:
    check_control_falls(project, source, row)
