"""A small system, and repositories with commits of several people."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from threatmodel.system import (
    Adversary,
    Boundary,
    Component,
    Configuration,
    Control,
    Element,
    Flow,
    OptionSpec,
    Project,
    SystemModel,
)

NOW = 1_780_000_000
"""2026-05-28."""
DAY = 86_400


def system(name: str, tee: str) -> SystemModel:
    return SystemModel(
        configuration=Configuration(name=name, options={"tee": tee}),
        boundaries=(
            Boundary(id="outside", name="Outside", privilege="none"),
            Boundary(id="node", name="Node", privilege="root"),
            Boundary(id="kernel", name="Kernel", privilege="kernel", parent="node"),
            Boundary(id="vault", name="Vault", privilege="user"),
            Boundary(id="island", name="Island", privilege="user"),
        ),
        elements=(
            Element(id="tenant", name="Tenant", kind="actor", boundary="outside"),
            Element(id="registry", name="Registry", kind="external", boundary="outside"),
            Element(
                id="server",
                name="Server",
                kind="process",
                boundary="node",
                language="rust",
                traits=frozenset({"parses-images"}),
                controls=("filter",),
            ),
            Element(id="kern", name="Kern", kind="process", boundary="kernel", language="c"),
            Element(id="safe", name="Safe", kind="datastore", boundary="vault"),
            Element(id="alone", name="Alone", kind="process", boundary="island"),
        ),
        flows=(
            Flow(id="F1", source="tenant", target="server", name="Requests"),
            Flow(id="F2", source="server", target="kern", name="Calls"),
            Flow(id="F3", source="tenant", target="safe", name="Deposits"),
        ),
    )


def project() -> Project:
    return Project(
        id="demo",
        name="Demo",
        default_configuration="plain",
        options=(OptionSpec(name="tee", values=("none", "tdx", "snp")),),
        controls=(
            Control(id="filter", title="Requests are filtered", provides=("syscall-filter",)),
            Control(id="unused", title="Not attached", provides=("syscall-filter",)),
        ),
        adversaries=(
            Adversary(id="tenant-x", name="Hostile tenant", controls=("tenant",)),
            Adversary(id="host", name="Hostile host", controls=("node",), when={"tee": ("tdx",)}),
            Adversary(id="ghost", name="Ghost", controls=("nothing-here",)),
        ),
        components=(
            Component(id="server", globs=("src/**",), runs_in=("server",)),
            Component(id="kern", globs=("kern/**",), runs_in=("kern",)),
            Component(id="build", globs=("Makefile",), role="build"),
        ),
        systems=(system("plain", "none"), system("confidential", "tdx")),
    )


def git(folder: Path, *arguments: str, author: str = "A. Person", at: int = NOW) -> str:
    """Run git with a fixed author and time."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": author,
        "GIT_AUTHOR_EMAIL": "author@example.org",
        "GIT_COMMITTER_NAME": "C",
        "GIT_COMMITTER_EMAIL": "c@example.org",
        "GIT_AUTHOR_DATE": f"{at} +0000",
        "GIT_COMMITTER_DATE": f"{at} +0000",
    }
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, check=True)
    return done.stdout.decode().strip()


def commit(root: Path, files: Mapping[str, str], *, author: str = "A. Person", at: int = NOW) -> None:
    """A commit of these files; the first one makes the repository."""
    if not (root / ".git").exists():
        root.mkdir(parents=True, exist_ok=True)
        git(root, "init", "--quiet", "--initial-branch=main")
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "m", author=author, at=at)
