"""Our own two workspaces for cargo-deny: a manifest, and what `cargo metadata` would say of it.

cargo could not resolve them: one crate is an old one of crates.io, with an advisory, the other comes from git.
"""

from __future__ import annotations

from typing import Any

from scanners.adapters.cargo_workspace import MANIFEST

ADVISORY = "RUSTSEC-2018-0003"
_CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"
_GIT = "git+https://example.org/elsewhere?rev=0123456"
CONTENT = b"""[package]
name = "planted"
version = "1.0.0"

[dependencies]
smallvec = "*"
elsewhere = { version = "1", git = "https://example.org/elsewhere", rev = "0123456" }
"""


def metadata(folder: str) -> dict[str, Any]:
    """What `cargo metadata` would say of a workspace of ours."""
    root = f"path+file:///{folder}#planted@1.0.0"
    needs = {
        "smallvec": (_CRATES_IO, "0.6.2", "*", f"{_CRATES_IO}#smallvec@0.6.2"),
        "elsewhere": (_GIT, "1.0.0", "^1", f"{_GIT}#elsewhere@1.0.0"),
    }
    packages: list[dict[str, Any]] = [_package("planted", "1.0.0", None, root, f"{folder}/{MANIFEST}")]
    nodes: list[dict[str, Any]] = [{"id": root, "dependencies": [], "deps": [], "features": []}]
    for name, (source, version, wanted, id_) in needs.items():
        packages.append(_package(name, version, source, id_, f"{folder}/{name}/{MANIFEST}"))
        packages[0]["dependencies"].append(_dependency(name, source, wanted))
        nodes.append({"id": id_, "dependencies": [], "deps": [], "features": []})
        nodes[0]["dependencies"].append(id_)
        kinds = [{"kind": None, "target": None}]
        nodes[0]["deps"].append({"name": name, "pkg": id_, "dep_kinds": kinds})
    return {
        "version": 1,
        "packages": packages,
        "workspace_members": [root],
        "workspace_default_members": [root],
        "workspace_root": folder,
        "target_directory": f"{folder}/target",
        "resolve": {"nodes": nodes, "root": root},
        "metadata": None,
    }


def _package(name: str, version: str, source: str | None, id_: str, path: str) -> dict[str, Any]:
    lists: dict[str, Any] = {
        key: [] for key in ("authors", "categories", "dependencies", "keywords", "targets")
    }
    said = {"name": name, "version": version, "source": source, "id": id_, "manifest_path": path}
    return {**lists, **said, "features": {}, "edition": "2021", "metadata": None, "publish": None}


def _dependency(name: str, source: str, wanted: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("kind", "registry", "rename", "target"))
    said = {"name": name, "source": source, "req": wanted, "features": []}
    return {**nothing, **said, "optional": False, "uses_default_features": True}
