"""The templates for CI as data, and a stand-in for the program that their scripts call."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / "ci/github"
ZUUL = ROOT / "ci/zuul"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
SCRIPTS = sorted(GITHUB.glob("*.sh"))
SCHEMAS = ROOT.parent / "shared/schemas/ci"

_FAKE = """#!{python}
import json, os, sys
with open(os.environ["FAKE_LOG"], "a") as log:
    log.write(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]) + "\\n")
name = sys.argv[1] if len(sys.argv) > 1 else ""
answers = json.loads(os.environ.get("FAKE_ANSWERS", "{{}}"))
text, code = answers.get(name, ["", 0])
sys.stdout.write(text)
raise SystemExit(code)
"""


def read_yaml(path: Path) -> Any:
    """A YAML file as GitHub reads it: `on` is a word and no truth value."""
    return yaml.load(path.read_bytes(), Loader=yaml.BaseLoader)  # makes nothing but texts


def steps_of(path: Path) -> list[dict[str, Any]]:
    """All steps of a workflow or of the action."""
    value = read_yaml(path)
    jobs = value.get("jobs", {}).values() if "jobs" in value else [value["runs"]]
    return [step for job in jobs for step in job["steps"]]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a script did: exit code, both streams."""

    code: int
    out: str
    err: str


def run_script(path: Path, cwd: Path, environ: dict[str, str], *, first: Path | None = None) -> Ran:
    """Run a script with this environment and nothing else; programs in `first` are found first."""
    search = os.environ["PATH"] if first is None else f"{first}:{os.environ['PATH']}"
    env = {"PATH": search, "HOME": str(cwd), "LC_ALL": "C.UTF-8", **environ}
    done = subprocess.run([str(path)], cwd=cwd, env=env, capture_output=True, text=True)
    return Ran(done.returncode, done.stdout, done.stderr)


def make_fake(folder: Path, *names: str) -> Path:
    """A folder with stand-ins that log how they were called and answer what FAKE_ANSWERS says."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(_FAKE.format(python=sys.executable))
        (folder / name).chmod(0o755)
    return folder
