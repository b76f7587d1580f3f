"""Files of a deployment as options of a model, and what the differences open and close."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import jsonschema
import pytest

from collateral.bundle.exports import schema
from collateral.deployed import (
    Advice,
    Comparison,
    DeployedKeys,
    Difference,
    Note,
    Settings,
    ThreatStep,
    read_settings,
    to_options,
)
from collateral.deployed.keys import KeyRule, keys_schema, read_keys
from collateral.deployed.view import deployed_view
from collateral.outputs import DeployedFile
from collateral.report.compare import About, compare_view, html
from tests.cli.harness import Cli
from tests.collateral.support import make_workspace
from threatmodel.analysis.configdiff import compare_configurations
from threatmodel.core.diagnostics import Place
from threatmodel.core.errors import InvalidInput, UsageError
from threatmodel.load import load_model
from threatmodel.rules import load_vocabulary

ROOT = Path(__file__).parents[2]
KATA = ROOT / "models/kata"
KEYS = """
hypervisors: {qemu: qemu}
marks: {rust: [runtime.name], go: [runtime.old]}
rules: []
known: {rust: [path name], go: [path old]}
"""
QEMU = """\
[hypervisor.qemu]
path = "/q"
rootless = true
enable_annotations = ["iommu"]
[hypervisor.clh]
rootless = false
[runtime]
name = "virt_container"
"""
RULES = DeployedKeys(
    hypervisors={"qemu": "qemu", "clh": "clh"},
    marks={"rust": ("runtime.name",), "go": ("runtime.old",)},
    known={"rust": ("path name rootless enable_annotations iommu_platform",), "go": ("path old",)},
    rules=(
        KeyRule(option="rootless", key="hypervisor.rootless", values={"true": "on", "false": "off"}),
        KeyRule(option="iommu", key="hypervisor.iommu_platform", values={"true": "on"}),
        KeyRule(
            option="dax", key="hypervisor.path", values={"": "off"}, other="on", when={"rootless": ("on",)}
        ),
    ),
    snapshotters=(KeyRule(option="image", key="snapshotter", values={"overlayfs": "overlay"}),),
)


def settings(folder: Path, text: str = QEMU, **files: str) -> Settings:
    (folder / "c.toml").write_text(text, encoding="utf-8")
    drop = folder / "drop"
    drop.mkdir(exist_ok=True)
    for name, body in files.items():
        (drop / f"{name}.toml" if name.startswith("d") else folder / name).write_text(body, encoding="utf-8")
    return read_settings(
        folder / "c.toml",
        "c.toml",
        drop_ins=drop if any(name.startswith("d") for name in files) else None,
        manager=folder / "manager" if "manager" in files else None,
        annotations=folder / "pod" if "pod" in files else None,
    )


def matches(expressions: Sequence[str], text: str) -> bool:
    return any(re.search(expression, text) for expression in expressions)


def test_keys_of_the_used_hypervisor_with_their_lines(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert (found.hypervisors, found.used) == (("qemu", "clh"), "qemu")
    assert {key: (s.text, str(s.place)) for key, s in found.settings.items()} == {
        "hypervisor.path": ("/q", "c.toml:2"),
        "hypervisor.rootless": ("true", "c.toml:3"),
        "hypervisor.enable_annotations": ("iommu", "c.toml:4"),
        "runtime.name": ("virt_container", "c.toml:8"),
    }


def test_the_last_file_that_drops_in_wins(tmp_path: Path) -> None:
    more = {"d2": "[hypervisor.qemu]\nrootless = false\n", "d1": "[hypervisor.qemu]\nrootless = true\n"}
    assert str(settings(tmp_path, **more).settings["hypervisor.rootless"].place) == "d2.toml:2"
    named = settings(tmp_path, d3='[runtime]\nhypervisor_name = "clh"\n')
    assert named.used == "clh"


def test_options_and_what_is_told(tmp_path: Path) -> None:
    text = QEMU + 'old = 1\nnmae = "x"\n'
    found = to_options(settings(tmp_path, text), RULES, matches)
    assert found.options == {"runtime": "rust", "hypervisor": "qemu", "rootless": "on", "dax": "on"}
    assert [(note.kind, note.place.line) for note in found.notes] == [
        ("not-a-setting", 0),
        ("other-runtime", 9),
        ("unknown-key", 10),
    ]
    assert found.notes[2].hint == 'did you mean "name"?'


def test_a_value_without_an_option_is_told_and_not_guessed(tmp_path: Path) -> None:
    found = to_options(
        settings(tmp_path, QEMU.replace("rootless = true", 'rootless = "maybe"')), RULES, matches
    )
    assert "rootless" not in found.options
    assert [note.text for note in found.notes if note.kind == "other-value"] == [
        "hypervisor.rootless = maybe: the model has no such value of rootless"
    ]


POD = """\
metadata:
  annotations:
    io.katacontainers.config.hypervisor.iommu_platform: "true"
    io.katacontainers.config.hypervisor.rootless: "false"
    other: x
"""


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        (QEMU, {"rootless": "on", "iommu": "on"}, ["admits it", "ignores it"]),
        (QEMU.replace("iommu", "rootless"), {"rootless": "off"}, ["ignores it", "admits it"]),
        (QEMU.replace('"iommu"', ""), {"rootless": "on"}, ["ignores it", "ignores it"]),
    ],
)
def test_annotations_count_where_the_list_admits_them(
    tmp_path: Path, text: str, options: dict[str, str], told: list[str]
) -> None:
    found = to_options(settings(tmp_path, text, pod=POD), RULES, matches)
    chosen = {name: value for name, value in found.options.items() if name in ("rootless", "iommu")}
    notes = [note for note in found.notes if note.kind == "annotation"]
    assert chosen == options
    assert [note.place.line for note in notes] == [3, 4]
    assert all(word in note.text for word, note in zip(told, notes, strict=True))


def test_the_container_manager_decides_about_images_and_annotations(tmp_path: Path) -> None:
    manager = """\
[plugins.cri.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins.cri.containerd.runtimes.kata]
runtime_type = "io.containerd.kata.v2"
snapshotter = "overlayfs"
pod_annotations = []
[plugins.cri.containerd.runtimes.kata.options]
ConfigPath = "/etc/c.toml"
"""
    found = to_options(settings(tmp_path, manager=manager, pod=POD), RULES, matches)
    assert found.options["image"] == "overlay"
    assert all("does not hand it" in note.text for note in found.notes if note.kind == "annotation")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[runtime]\nname = 1\n", "c.toml  D047  no section [hypervisor.<name>]"),
        ("[hypervisor", "c.toml  M024  not TOML"),
        ("hypervisor = 3\n", "D047"),
        ("x = " + "[" * 5000, "M024"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings(tmp_path, text)
    assert said in str(caught.value)


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"U001  no file c\.toml"):
        read_settings(tmp_path / "c.toml", "c.toml", drop_ins=None, manager=None, annotations=None)
    with pytest.raises(InvalidInput, match="D047  the file has more than"):
        settings(tmp_path, "#" * (1 << 21))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("rules: [{option: auht, key: a.b}]", ':1  D046  no option "auht"; did you mean "auth"?'),
        ("rules: [{option: auth, key: a.b, other: x}]", 'D046  option auth: no value "x"'),
        ("rules: [{option: auth, key: a.b, when: {auth: [y]}}]", 'no value "auth=y"'),
        ("rules: [{option: auth, kye: a.b}]", "D041  unknown key"),
        ("ruls: []", "D041  unknown key"),
    ],
)
def test_a_mistake_in_the_keys_is_told_with_its_line(tmp_path: Path, more: str, said: str) -> None:
    make_workspace(tmp_path, source=False)
    project = load_model(tmp_path / "model", "model", load_vocabulary()).project
    rest = "hypervisors: {}\nmarks: {}\nknown: {}\n" + ("" if more.startswith("rules") else "rules: []\n")
    with pytest.raises(InvalidInput) as caught:
        read_keys(f"{more}\n{rest}".encode(), "k.yaml", project)
    assert said in str(caught.value)


@pytest.mark.slow
def test_the_keys_of_kata_are_valid_by_reader_and_schema() -> None:
    import yaml

    project = load_model(KATA, "models/kata", load_vocabulary()).project
    data = (KATA / "configuration-keys.yaml").read_bytes()
    read = read_keys(data, "k.yaml", project)
    jsonschema.Draft202012Validator(keys_schema()).validate(yaml.safe_load(data))
    assert {rule.option for rule in read.rules} <= {option.name for option in project.options}


@pytest.mark.slow
def test_a_deployment_beside_the_nearest_shipped_configuration(tmp_path: Path) -> None:
    (tmp_path / "configuration.toml").write_text(
        '[hypervisor.dragonball]\nshared_fs = "inline-virtio-fs"\nvirtio_fs_cache_size = 1024\n'
        '[runtime]\nname = "virt_container"\njaeger_password = "hunter2"\n',
        encoding="utf-8",
    )
    cli = Cli(cwd=tmp_path)
    command = ("compare", str(KATA), "--config-file", "configuration.toml")
    said = cli(*command)
    lines = said.out.splitlines()
    assert said.code == 0
    assert lines[0].startswith("nearest configuration that is shipped: dragonball")
    assert lines[1].split() == [
        "dax",
        "off",
        "→",
        "on",
        "hypervisor.virtio_fs_cache_size",
        "configuration.toml:3",
    ]
    assert any("VIRT-005@F44.dax" in line for line in lines)
    assert any(line.startswith("  1. dax = off: closes ") for line in lines)
    assert "hunter2" not in said.out
    value = cli(*command, "--format", "json").json
    jsonschema.Draft202012Validator(schema("deployed", DeployedFile)).validate(value)
    assert [item["option"] for item in value["comparison"]["differences"]] == ["dax"]
    assert "| dax | off | on |" in cli(*command, "--format", "markdown").out
    page = cli(*command, "--format", "html").out
    rows = [re.sub(r"<[^>]+>|\s+", " ", row).split() for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)]
    assert ["dax", "off", "on", "hypervisor.virtio_fs_cache_size", "configuration.toml:3"] in rows
    assert any(row[1:5] == ["dax", "=", "off", "3"] for row in rows)
    assert any("VIRT-005@F44.dax" in row and "worse" in row for row in rows)
    assert "hunter2" not in page


@pytest.mark.slow
def test_the_page_shows_hostile_texts_as_texts() -> None:
    bad = "<script>x</script>\u202e"
    found = Comparison(
        project=bad,
        nearest=bad,
        description=bad,
        options={},
        differences=(Difference(option=bad, shipped=bad, deployed=bad, origin=bad, place=Place(bad, 1)),),
        threats=(ThreatStep(id=bad, title=bad, state="opened", status="open", risk="high", priority="p1"),),
        advice=(Advice(option=bad, to=bad, closes={}, opens={}, refused=bad),),
        notes=(Note(kind="unknown-key", place=Place(bad, 1), text=bad, hint=bad),),
        statuses={},
    )
    project = load_model(KATA, "models/kata", load_vocabulary()).project
    names = [system.configuration.name for system in project.systems[:2]]
    view = compare_view(project, compare_configurations(project, (), names, None), About())
    page = html(view, deployed=deployed_view(found)).decode()
    assert "<script>x" not in page
    assert "\u202e" not in page
    assert page.count("&lt;script&gt;x&lt;/script&gt;&lt;U+202E&gt;") == 16


@pytest.mark.slow
def test_a_deployment_whose_options_do_not_go_together(tmp_path: Path) -> None:
    text = '[hypervisor.firecracker]\nrootless = true\n[runtime]\nname = "virt_container"\n'
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    said = Cli(cwd=tmp_path)("compare", str(KATA), "--config-file", "c.toml")
    assert (said.code, said.out) == (4, "")
    assert "c.toml  D047  rootless=on is offered by QEMU and Cloud Hypervisor only" in said.err


@pytest.mark.slow
def test_what_cannot_be_compared(tmp_path: Path) -> None:
    make_workspace(tmp_path, source=False)
    (tmp_path / "c.toml").write_text(QEMU, encoding="utf-8")
    cli = Cli(cwd=tmp_path)
    assert (
        "U019  model has no configuration-keys.yaml" in cli("compare", "model", "--config-file", "c.toml").err
    )
    said = cli("compare", "model", "--config-file", "c.toml", "--across", "auth")
    assert (said.code, "U017" in said.err) == (2, True)
    (tmp_path / "model/configuration-keys.yaml").write_text(KEYS, encoding="utf-8")
    said = cli("check", "model")
    assert (said.code, 'D046  option hypervisor: no value "qemu"' in said.err) == (4, True)


@pytest.mark.bundle
def test_documents_for_a_deployment(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(
        '[hypervisor.qemu]\nvirtio_fs_cache_size = 1024\nvm_rootfs_driver = "virtio-pmem"\n[runtime]\nname = "v"\n',
        encoding="utf-8",
    )
    said = Cli(cwd=tmp_path)(
        "assess",
        str(KATA),
        "--config-file",
        "c.toml",
        "-o",
        "out",
        "--source",
        "none",
        "--no-scan",
        "--release",
        "1",
    )
    assert said.code == 3
    manifest = json.loads((tmp_path / "out/kata-containers-1/manifest.json").read_text("utf-8"))
    assert manifest["configuration"] == "deployed"
