"""Drift of Kata Containers between releases: what was counted apart from the extractors is all there."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from collateral.deployed import load_keys
from collateral.drift import load_extracts
from collateral.drift.files import DriftFile, drift_file
from collateral.drift.mentions import mentions
from threatmodel.load.loader import load_model
from threatmodel.rules.catalogue import load_vocabulary
from threatmodel.source import open_source
from threatmodel.system import Project

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models/kata"
GO = "src/runtime/virtcontainers/pkg/annotations/annotations.go"
RUST = "src/libs/kata-types/src/annotations/mod.rs"
PREFIXES = {
    "kataAnnotationsPrefix": "io.katacontainers.",
    "kataConfAnnotationsPrefix": "io.katacontainers.config.",
    "kataAnnotHypervisorPrefix": "io.katacontainers.config.hypervisor.",
    "kataAnnotContainerPrefix": "io.katacontainers.container.",
    "kataAnnotRuntimePrefix": "io.katacontainers.config.runtime.",
    "kataAnnotAgentPrefix": "io.katacontainers.config.agent.",
    "kataAnnotContainerResourcePrefix": "io.katacontainers.container.resource.",
    "kataAnnotFsOptPrefix": "io.katacontainers.fs-opt.",
}


@pytest.fixture(name="repository", scope="module")
def _repository() -> Path:
    spec = os.environ.get("KATA_SOURCE", "")
    folder = Path(spec.rpartition("@")[0] if "@" in spec else spec)
    if not spec or not any((folder / name).exists() for name in ("HEAD", ".git")):
        pytest.skip("KATA_SOURCE names no repository of Kata Containers")
    return folder


@pytest.fixture(name="project", scope="module")
def _project() -> Project:
    return load_model(MODEL, "models/kata", load_vocabulary()).project


@pytest.fixture(name="drift", scope="module", params=["3.30.0", "4.0.0"])
def _drift(
    request: pytest.FixtureRequest,
    repository: Path,
    project: Project,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, DriftFile]]:
    extracts = load_extracts(MODEL, project)
    assert extracts
    cache = tmp_path_factory.mktemp("cache")
    with (
        open_source(f"{repository}@{request.param}", cache=cache, base=ROOT) as baseline,
        open_source(f"{repository}@4.1.0", cache=cache, base=ROOT) as source,
    ):
        yield (
            request.param,
            drift_file(project, extracts, mentions(project, load_keys(MODEL, project)), baseline, source),
        )


def show(repository: Path, tag: str, path: str) -> str:
    done = subprocess.run(
        ["git", "-C", repository, "show", f"{tag}:{path}"], capture_output=True, check=False
    )
    return done.stdout.decode()


def listed(repository: Path, tag: str, *paths: str) -> list[str]:
    words = ["git", "-C", str(repository), "ls-tree", "-r", "--name-only", tag]
    found = subprocess.run(words, capture_output=True, check=True).stdout.decode().split()
    return [
        path
        for path in found
        if not paths or any(path.startswith(p) or PurePosixPath(path).match(p) for p in paths)
    ]


def keys_in(repository: Path, tag: str, path: str) -> set[str]:
    code = re.sub(r"//.*", "", show(repository, tag, path))
    if path.endswith(".go"):
        joined = re.findall(r'(\w+Prefix)\s*\+\s*"([^"]+)"', code)
        found = {PREFIXES[prefix] + rest for prefix, rest in joined}
    else:
        found = set(re.findall(r'const \w+: &str =\s*"(io\.katacontainers\.[^"]*)"', code))
    return {name for name in found if not name.endswith(".")}


def names(file: DriftFile, extract: str, *states: str) -> set[str]:
    return {
        row.name for row in file.changes if row.extract == extract and row.state in (states or ("added",))
    }


def test_everything_was_read(drift: tuple[str, DriftFile]) -> None:
    _, file = drift
    assert file.not_checked == ()
    assert all(row.facts for row in file.extracts)


def test_no_new_method_is_missed(drift: tuple[str, DriftFile], repository: Path) -> None:
    old, file = drift
    for row in file.extracts:
        if row.kind != "rpc":
            continue
        extracts = (MODEL / "extracts.yaml").read_text("utf-8").partition(f"id: {row.id}")[2]
        paths = re.findall(r"[\w/.-]+\.proto", extracts.partition("belongs_to")[0])
        now, before = (
            {m for path in paths for m in re.findall(r"(?m)^\s*rpc\s+(\w+)", show(repository, tag, path))}
            for tag in ("4.1.0", old)
        )
        assert {name.rpartition(".")[2] for name in names(file, row.id)} == now - before
        assert {name.rpartition(".")[2] for name in names(file, row.id, "removed")} == before - now
        assert len(now) <= row.facts


def test_no_new_method_of_any_protobuf_file_is_missed(drift: tuple[str, DriftFile], repository: Path) -> None:
    """Also where no extract names the file."""
    old, file = drift
    now, before = (
        {
            (path, method)
            for path in listed(repository, tag)
            if path.endswith(".proto") and "/vendor/" not in path
            for method in re.findall(r"(?m)^\s*rpc\s+(\w+)", show(repository, tag, path))
        }
        for tag in ("4.1.0", old)
    )
    told = {
        (place.path, row.name.rpartition(".")[2])
        for row in file.changes
        if row.kind == "rpc" and row.state == "added"
        for place in row.places
    }
    assert len(now) > 100
    assert now - before == told


@pytest.mark.parametrize(("extract", "path"), [("annotations-go", GO), ("annotations-rust", RUST)])
def test_no_annotation_is_missed(
    drift: tuple[str, DriftFile], repository: Path, extract: str, path: str
) -> None:
    old, file = drift
    now, before = (keys_in(repository, tag, path) for tag in ("4.1.0", old))
    assert len(now) > 70
    assert names(file, extract) == now - before
    assert names(file, extract, "removed") == before - now


def test_no_configuration_key_is_missed(drift: tuple[str, DriftFile], repository: Path) -> None:
    """A key of a line that begins with it; sections are not told apart."""
    old, file = drift
    for extract, folder in (
        ("configuration-go", "src/runtime/config"),
        ("configuration-rust", "src/runtime-rs/config"),
    ):
        now, before = (
            {
                (path, key)
                for path in listed(repository, tag, folder)
                if path.endswith(".toml.in")
                for key in re.findall(r"(?m)^(\w+)\s*=", show(repository, tag, path))
            }
            for tag in ("4.1.0", old)
        )
        assert len(now) > 500
        rows = [row for row in file.changes if row.extract == extract]
        told = {
            (place.path, row.name.rpartition(".")[2])
            for row in rows
            for place in row.places
            if row.state == "added" or row.before.startswith("commented out")
        }
        assert now - before <= told
        gone = {
            (place.path, row.name.rpartition(".")[2])
            for row in rows
            for place in row.places
            if row.state == "removed" or row.after.startswith("commented out")
        }
        assert before - now <= gone


def test_no_option_of_the_agent_is_missed(drift: tuple[str, DriftFile], repository: Path) -> None:
    old, file = drift
    now, before = (
        set(
            re.findall(
                r'const \w+: &str =\s*"(agent\.\w+)"', show(repository, tag, "src/agent/src/config.rs")
            )
        )
        for tag in ("4.1.0", old)
    )
    assert len(now) == 37
    assert names(file, "agent-options") == now - before


def test_openvmm_came_with_4_1_0(drift: tuple[str, DriftFile]) -> None:
    _, file = drift
    calls = [row for row in file.changes if row.extract == "openvmm-calls"]
    assert len(calls) == 11
    assert all(row.state == "added" and row.where == ("F26",) for row in calls)
    assert "assets.hypervisor.openvmm.version" in names(file, "pinned-versions")


def test_the_model_names_what_is_gone(drift: tuple[str, DriftFile]) -> None:
    old, file = drift
    still = {row.name for row in file.changes if row.still and row.kind == "gated-keys"}
    gone = {"io.katacontainers.config_path", "io.katacontainers.config.runtime.disable_guest_empty_dir"}
    assert still == (gone if old == "3.30.0" else set())


def test_pinned_versions_that_changed(drift: tuple[str, DriftFile]) -> None:
    old, file = drift
    changed = names(file, "pinned-versions", "changed")
    assert "externals.virtiofsd.version" in changed
    assert len(changed) == (14 if old == "3.30.0" else 3)


def test_rules_of_calls(drift: tuple[str, DriftFile], repository: Path) -> None:
    """Each default that differs between the tags is told with the call that takes its message, or alone."""
    old, file = drift
    proto = show(repository, "4.1.0", "src/libs/protocols/protos/agent.proto")
    calls = {takes: name for name, takes in re.findall(r"rpc\s+(\w+)\s*\((\w+)\)", proto)}
    paths = [
        p for p in listed(repository, "4.1.0", "src/kata-opa", "src/tools/genpolicy") if p.endswith(".rego")
    ]
    assert len(paths) == 4
    differ = set()
    for path in paths:
        now, before = (
            dict(re.findall(r"(?m)^default (\w+) := (\w+)", show(repository, tag, path)))
            for tag in ("4.1.0", old)
        )
        differ |= {rule for rule in {*now, *before} if now.get(rule) != before.get(rule)}
    assert len(differ) == (8 if old == "3.30.0" else 0)
    told = {row.name.rpartition(".")[2] for row in file.changes if row.extract == "agent-calls"}
    assert {calls[rule] for rule in differ if rule in calls} <= told
    others = {row.name for row in file.changes if row.extract == "agent-policy"}
    assert {rule for rule in differ if rule not in calls} <= others


def test_what_has_no_owner(drift: tuple[str, DriftFile]) -> None:
    _, file = drift
    assert {"src/tools/genpolicy/rules.rego", "src/kata-opa/*.rego", "Cargo.lock"} <= set(file.no_owner)
    assert not any(path.endswith((".rs", ".go", ".toml.in")) for path in file.no_owner)


def source(repository: Path, tag: str, *starts: str) -> dict[str, str]:
    """The code of files at a tag, without files of tests and line comments."""
    found = [path for path in listed(repository, tag, *starts) if re.search(r"(?<!_test)\.(go|rs)$", path)]
    return {path: re.sub(r"(?m)^\s*//.*$", "", show(repository, tag, path)) for path in found}


def test_checks_of_the_agent(drift: tuple[str, DriftFile], repository: Path) -> None:
    """A handler runs from its name to the next one; it asks the policy or it does not."""
    old, file = drift
    asks = []
    for tag in (old, "4.1.0"):
        text = source(repository, tag, "src/agent/src/rpc.rs")["src/agent/src/rpc.rs"]
        text = text.partition("AgentService for AgentService {")[2].partition("\n}\n")[0]
        parts = re.split(r"\n    (?:#\[cfg[^\n]*\n    )?async fn (\w+)", text)
        bodies = dict(zip(parts[1::2], parts[2::2], strict=True))
        asks.append({n: bool(re.search("is_allowed|do_set_policy", body)) for n, body in bodies.items()})
    before, now = asks
    assert len(now) == 42
    assert names(file, "agent-checks") == {*now} - {*before}
    assert names(file, "agent-checks", "changed") == {n for n in before if n in now and before[n] != now[n]}
    expected = {"mem_agent_memcg_set", "mem_agent_compact_set"} if old == "3.30.0" else set()
    assert names(file, "agent-checks", "changed") == expected


@pytest.mark.parametrize(
    ("extract", "folder", "pattern"),
    [
        ("storage-handlers", "src/agent/src/storage", r"impl StorageHandler for (\w+)"),
        ("device-handlers", "src/agent/src/device", r"impl DeviceHandler for (\w+)"),
        ("dragonball-devices", "src/dragonball", r"VirtioDevice<[^>{]*>\s+for (\w+)"),
        ("devices-go", "src/runtime/pkg/govmm/qemu/qemu.go", r"func \(\w+ \*?(\w+)\) QemuParams\("),
        (
            "devices-rust",
            "src/runtime-rs/crates/hypervisor/src",
            r"\nimpl (?:ToQemuParams|Device) for (\w*(?:Device|Object|Vhost|Serial|Netdev|Chardev|Seccomp)\w*)",
        ),
        (
            "dragonball-filter",
            "src/runtime-rs/crates/hypervisor/src/dragonball/seccomp.rs",
            r"\((libc::SYS_\w+),",
        ),
    ],
)
def test_no_item_of_a_list_is_missed(
    drift: tuple[str, DriftFile], repository: Path, extract: str, folder: str, pattern: str
) -> None:
    old, file = drift
    now, before = (
        set(re.findall(pattern, "\n".join(source(repository, tag, folder).values())))
        for tag in ("4.1.0", old)
    )
    [row] = [row for row in file.extracts if row.id == extract]
    assert row.facts >= len(now) >= 5
    if not extract.endswith("-handlers"):
        assert names(file, extract) == now - before
        assert names(file, extract, "removed") == before - now
    else:
        assert now == before
        assert names(file, extract, "added", "removed", "changed") == set()


def test_no_option_of_a_command_line_is_missed(drift: tuple[str, DriftFile], repository: Path) -> None:
    """Options by their look: a text of one word that begins with a dash."""
    old, file = drift
    go, rust = "src/runtime/virtcontainers", "src/runtime-rs/crates/hypervisor/src"
    places = {
        "qemu-arguments-go": ("src/runtime/pkg/govmm/qemu/qemu.go", f"{go}/*qemu*.go"),
        "qemu-arguments-rust": (f"{rust}/qemu",),
        "firecracker-arguments": (f"{go}/fc.go", f"{rust}/firecracker"),
        "cloud-hypervisor-arguments": (f"{go}/clh.go", f"{rust}/ch"),
        "stratovirt-arguments": (f"{go}/stratovirt.go",),
        "openvmm-arguments": (f"{rust}/openvmm",),
        "file-server-arguments": (
            *(f"{go}/virtiofsd.go", f"{go}/nydusd.go"),
            "src/runtime-rs/crates/resource/src/share_fs",
        ),
    }
    for extract, starts in places.items():
        now, before = (
            {
                option
                for text in source(repository, tag, *starts).values()
                for option in re.findall(
                    r'"(--?[A-Za-z][\w-]*)"', text.partition("#[cfg(test)]\nmod tests")[0]
                )
            }
            for tag in ("4.1.0", old)
        )
        assert now
        assert {name for name in names(file, extract) if name.startswith("-")} == now - before
        assert {name for name in names(file, extract, "removed") if name.startswith("-")} == before - now


def test_ports(drift: tuple[str, DriftFile]) -> None:
    _, file = drift
    facts = {row.id: row.facts for row in file.extracts}
    assert (facts["vsock-ports-rust"], facts["vsock-ports-go"]) == (10, 5)
    assert not names(file, "vsock-ports-rust", "added", "removed", "changed")


def test_defaults_that_a_makefile_changed(drift: tuple[str, DriftFile], repository: Path) -> None:
    """Lists of annotations as the makefiles have them: each that differs changed the templates that have its variable."""
    old, file = drift
    for extract, folder in (("configuration-go", "src/runtime"), ("configuration-rust", "src/runtime-rs")):
        lists = []
        for tag in (old, "4.1.0"):
            text = show(repository, tag, f"{folder}/Makefile")
            lists.append(dict(re.findall(r"(?m)^(DEFENABLEANNOTATIONS\w*)\s*:?=\s*(.*)$", text)))
        before, now = lists
        changed = {name for name in before if name in now and before[name] != now[name]}
        assert bool(changed) == (old == "3.30.0")
        rows = [
            row
            for row in file.changes
            if row.extract == extract and row.name == "hypervisor.enable_annotations"
        ]
        told = {row.before.split("@")[1] for row in rows if row.state == "changed"}
        assert changed <= told
        for row in rows:
            if row.state == "changed" and row.before.split("@")[1] in changed:
                assert "virtio_fs_extra_args" in row.before
                assert "virtio_fs_extra_args" not in row.after


def test_every_default_is_known(drift: tuple[str, DriftFile]) -> None:
    _, file = drift
    assert not [row for row in file.changes if "at build time" in row.before + row.after]
