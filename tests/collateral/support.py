"""A tiny model with its source tree, fake scanners, and assessments made of them."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from collateral.assessment import Assessment, SourceFacts, assess
from scanners.finding import Finding, Location, ScanResult, with_fingerprints
from threatmodel.load import Loaded, load_model
from threatmodel.rules import load_packs, load_vocabulary
from threatmodel.source import DirectoryTree
from threatmodel.system import Component, Project

COMMIT_TIME = 1_700_000_000
"""2023-11-14T22:13:20Z."""
DAY = datetime.datetime.fromtimestamp(COMMIT_TIME, datetime.UTC)
REAL_TOOLS = Path(__file__).parents[2] / ".venv-scanners" / "bin"

TOML = """
[project]
id = "tiny"
source = "../source"
release = "1.0"
default-configuration = "guarded"

[configurations.guarded]
description = "Callers show a token"
options = { auth = "token" }

[configurations.bare]
description = "Callers show nothing"
options = { auth = "none" }
"""
INIT = '''
"""A tiny model."""

from typing import Literal

from threatmodel.dsl import (
    Actor, Adversary, Boundary, Component, Control, Data, Datastore, Flow, Model, Options, Process, View, present,
)


class TinyOptions(Options):
    """What callers show."""

    auth: Literal["token", "none"] = "token"


NOTES = Data("notes", name="Notes", confidentiality="high", integrity="medium", availability="medium")
TOKENS = Control(
    "caller-tokens",
    "Every caller shows a token",
    provides=["peer-authentication"],
    claims=[present("app/service.py", "^def check_token")],
)
STRANGER = Adversary("stranger", name="Stranger", controls=["client"], goals=["Read notes"])
APP = Component("app", "app/**", runs_in=["service"])
SUITE = Component("suite", "tests/**", role="test")
FRONT = View("front", name="Front", elements=["client", "service"])


def build(o: TinyOptions) -> None:
    """The system."""
    outside = Boundary("outside", name="Outside", privilege="none")
    host = Boundary("host", name="Host", privilege="root")
    client = Actor("client", inside=outside, name="Client")
    service = Process(
        "service",
        inside=host,
        name="Service",
        language="python",
        traits=["network-facing"],
        controls=[TOKENS] if o.auth == "token" else [],
    )
    store = Datastore("store", inside=host, name="Store", data=[NOTES])
    Flow("T1", client, service, "Requests", protocol="HTTP", traits=["control-api", "remote"], data=[NOTES])
    Flow("T2", service, store, "Records", protocol="SQL", data=[NOTES])
    Flow("T3", service, client, "Answers", protocol="HTTP", data=[NOTES])


MODEL = Model("tiny", name="Tiny service", options=TinyOptions, build=build, description="Keeps notes")
'''
SOURCE = {
    "app/service.py": 'def check_token(token):\n    return token == "x"\n\n\ndef fetch(url):\n    return eval(url)\n',
    "tests/test_service.py": "assert 1 + 1 == 2\n",
    "README.md": "A service.\n",
}

_FAKE = """#!{python}
import json, os, sys, time
argv = sys.argv[1:]
if argv == ["--version"]:
    print("9.8.7")
    raise SystemExit(0)
out = argv[argv.index("-o") + 1]
files = sorted(os.path.relpath(os.path.join(d, f), ".") for d, _, fs in os.walk(".") for f in fs)
python = [name for name in files if name.endswith(".py")]
def write(value):
    with open(out, "w") as handle:
        json.dump(value, handle)
{body}
"""
BANDIT = """
write({"results": [{
    "test_id": "B900", "test_name": "no_limit", "issue_text": "Calls without a limit", "issue_severity": "MEDIUM",
    "issue_confidence": "HIGH", "issue_cwe": {"id": 400}, "filename": "./app/service.py", "line_number": 6,
    "line_range": [6], "col_offset": 4, "end_col_offset": 20, "more_info": "https://example.org/B900"}],
    "errors": [], "metrics": {"./" + name: {} for name in python} | {"_totals": {}}})
"""
SEMGREP = """
write({"results": [], "errors": [], "paths": {"scanned": files}})
"""


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """A folder with these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Run git with a fixed author and time."""
    when = f"{COMMIT_TIME} +0000"
    who = {"NAME": "A", "EMAIL": "a@example.org", "DATE": when}
    env = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
    env |= {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "LANG": "C"}
    done = subprocess.run(["git", *arguments], cwd=folder, env=env, capture_output=True, check=True)
    return done.stdout.decode().strip()


def make_repository(folder: Path, files: Mapping[str, str] = SOURCE) -> Path:
    """A git repository with these files in one commit with the tag 1.0."""
    write_files(folder, files)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")
    git(folder, "tag", "1.0")
    return folder


def make_workspace(folder: Path, *, init: str = INIT, toml: str = TOML, source: bool = True) -> Path:
    """`model/` and, beside it, the repository `source/`."""
    write_files(folder / "model", {"__init__.py": init, "threatmodel.toml": toml})
    if source:
        make_repository(folder / "source")
    return folder


def make_tools(folder: Path, *, bandit: str | None = BANDIT, semgrep: str | None = SEMGREP) -> Path:
    """A folder with fake scanners that run these bodies."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in (("bandit", bandit), ("semgrep", semgrep)):
        if body is not None:
            path = folder / name
            path.write_text(_FAKE.replace("{python}", sys.executable).replace("{body}", body))
            path.chmod(0o755)
    return folder


def load_tiny(folder: Path, *, init: str = INIT, toml: str = TOML) -> Loaded:
    """The tiny model, loaded from a new folder."""
    write_files(folder, {"__init__.py": init, "threatmodel.toml": toml})
    return load_model(folder, "model", load_vocabulary())


def with_components(project: Project, *components: Component) -> Project:
    """The project with these components instead of its own."""
    return replace(project, components=components)


def finding(path: str = "app/service.py", **changes: Any) -> Finding:
    """A finding of weakness CWE-400."""
    made = Finding(
        scanner="bandit",
        rule="B900",
        message="Calls without a limit",
        severity="warning",
        confidence="high",
        cwe=("CWE-400",),
        stride="",
        location=Location(path=path, line=6),
        snippet="",
    )
    return with_fingerprints([(replace(made, **changes), changes.get("snippet", ""))])[0]


def scan_result(scanner: str = "bandit", **changes: Any) -> ScanResult:
    """A complete scan of one file."""
    made = ScanResult(
        scanner=scanner,
        version="1.2",
        status="complete",
        files_planned=("app/service.py",),
        files_scanned=("app/service.py",),
    )
    return replace(made, **changes)


def assessment(
    loaded: Loaded, source: Path | None = None, scans: tuple[ScanResult, ...] = (), **changes: Any
) -> Assessment:
    """The assessment of a loaded model against a folder, or against nothing."""
    rules = load_packs(loaded.manifest.packs, load_vocabulary())
    facts = SourceFacts(available=source is not None, name="tiny 1.0" if source else "none")
    values: dict[str, Any] = {
        "release": "1.0",
        "date": DAY,
        "configuration": "guarded",
        "source": facts,
        "scans": scans,
    }
    values |= changes
    if source is None:
        return assess(loaded, rules, tree=None, **values)
    with DirectoryTree(source) as tree:
        return assess(loaded, rules, tree=tree, **values)


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a plain value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts_of(key)
            yield from texts_of(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_of(item)


def read_json(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_bytes())
