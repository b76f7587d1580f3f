"""Controls that an option switches lose their state `verified` when what makes the option work is taken out."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.models.test_kata_mutations import RELEASE, ROOT, Mutant, _state
from threatmodel.load.loader import load_model
from threatmodel.rules.catalogue import load_vocabulary
from threatmodel.source.spec import open_source
from threatmodel.source.tree import SourceTree
from threatmodel.system import Configuration, Project

SOURCE = os.environ.get("KATA_SOURCE", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SOURCE, reason="KATA_SOURCE does not name a git repository of Kata Containers"),
]

OTHERS = {
    "no-block-devices": {"block_rootfs": "off"},
    "arm": {"runtime": "go", "arch": "arm64"},
}
HYPERVISOR = "src/libs/kata-types/src/config/hypervisor/mod.rs"
DEVICES = "src/runtime-rs/crates/hypervisor/src/device/device_manager.rs"
TGO = "src/runtime/config/configuration-{}.toml.in"

ROWS: tuple[tuple[str, str, str, str, str], ...] = (
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
    extra = [Configuration(name=name, options=options) for name, options in OTHERS.items()]
    return load_model(ROOT / "models/kata", "models/kata", load_vocabulary(), extra=extra).project


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SourceTree]:
    folder = SOURCE.partition("@")[0]
    with open_source(f"{folder}@{RELEASE}", cache=tmp_path_factory.mktemp("cache"), base=ROOT) as tree:
        yield tree


@pytest.mark.parametrize(
    ("control", "configuration", "path", "old", "new"),
    ROWS,
    ids=[f"{row[0]}-{row[1]}-{number}" for number, row in enumerate(ROWS)],
)
def test_control_falls_with_its_defence(
    project: Project, source: SourceTree, control: str, configuration: str, path: str, old: str, new: str
) -> None:
    text = source.read(path).decode()
    assert old in text, "the row describes a text that this release does not have"
    assert _state(project, control, configuration, source) == "verified"
    assert _state(project, control, configuration, Mutant(source, path, text.replace(old, new))) != "verified"
