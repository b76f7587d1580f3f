"""The built wheel, installed where there is no checkout: all files are in it, and every command runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from collateral.cli.main import COMMANDS
from tests.collateral.support import SOURCE, git, make_tools, write_files

ROOT = Path(__file__).parents[2]
PACKAGES = ("threatmodel", "scanners", "collateral")
pytestmark = [pytest.mark.slow, pytest.mark.bundle, pytest.mark.xdist_group("wheel")]


def _run(*words: str | Path, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, words)], cwd=cwd, env=env, capture_output=True, text=True, timeout=600)


@pytest.fixture(name="wheel", scope="module")
def _wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with the tools that are installed, without an index."""
    folder = tmp_path_factory.mktemp("dist")
    options = ("--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check", "--quiet")
    words = (sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", folder, ROOT)
    done = _run(*words, cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder)})
    assert done.returncode == 0, done.stderr
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture(name="program", scope="module")
def _program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`threatmodel` in an environment of its own; what it depends on comes from the present one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    options = ("--no-deps", "--no-index", "--disable-pip-version-check", "--quiet")
    words = (sys.executable, "-m", "pip", "--python", folder / "bin/python", "install", *options, wheel)
    done = _run(*words, cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder)})
    assert done.returncode == 0, done.stderr
    [packages] = folder.glob("lib/python*/site-packages")
    (packages / "present.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / "bin" / "threatmodel"


def test_every_file_that_git_knows_is_in_the_wheel(wheel: Path) -> None:
    known = git(ROOT, "ls-files", "-z", "--", *PACKAGES).split("\0")
    files = {name for name in known if name and (ROOT / name).is_file()}
    assert {Path(name).suffix for name in files} >= {".py", ".yaml", ".typ", ".j2", ".css", ".js"}
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.split("/")[0] in PACKAGES}
    assert sorted(files - inside) == []
    assert sorted(name for name in inside if name.endswith((".pyc", ".orig", ".rej"))) == []


def test_the_wheel_names_its_dependencies_and_its_program(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    with zipfile.ZipFile(wheel) as archive:
        [name] = (item for item in archive.namelist() if item.endswith(".dist-info/METADATA"))
        lines = archive.read(name).decode().splitlines()
    needed = {line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist")}
    assert set(project["dependencies"]) <= needed


def test_every_command_runs_from_the_wheel_alone(program: Path, tmp_path: Path) -> None:
    home, work, tools = tmp_path / "home", tmp_path / "shop", tmp_path / "tools"
    for folder in (home, work):
        folder.mkdir()
    make_tools(tools)
    for tool in tools.iterdir():  # what is confined sees the environment that is installed, and not this one
        tool.write_text(tool.read_text().replace(sys.executable, str(program.parent / "python")))
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("git", "bwrap"):
        if (found := shutil.which(name)) is not None:
            (programs / name).symlink_to(found)
    env = {"PATH": str(programs), "HOME": str(home), "LANG": "C.UTF-8"}

    def run(words: str, code: int = 0) -> str:
        done = _run(program, *words.split(), cwd=work, env=env)
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return done.stdout

    where = _run(
        program.parent / "python", "-c", "import collateral; print(collateral.__file__)", cwd=work, env=env
    )
    assert Path(where.stdout.strip()).is_relative_to(program.parents[1])

    assert "models/shop: __init__.py" in run("init")
    write_files(work, SOURCE)
    git(work, "init", "--quiet")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "one")
    model = work / "models/shop/__init__.py"
    model.write_text(model.read_text().replace('"machine", name', '"machine", controls=[], name'))
    model.write_text(model.read_text().replace('privilege="user"', 'privilege="root"'))
    git(work, "commit", "--all", "--quiet", "--message", "two")

    assert "2 elements" in run("check models/shop")
    assert "CORE-001@F01" in run("threats models/shop --source .")
    run("claims models/shop")
    run("diagram models/shop -o ../pictures")
    assert (tmp_path / "pictures/whole.svg").is_file()
    assert "machine" in run("diff HEAD~1 HEAD models/shop")
    run("gate --self-test")
    run("gate models/shop --base HEAD --head .")
    assert "bandit 9.8.7: complete" in run(f"scan . --tools {tools}")
    run("keygen -o ../keys")
    run(f"build models/shop -o ../collateral --tools {tools} --source . --sign ../keys/signing.key")
    bundle = tmp_path / "collateral/shop-unreleased"
    assert (bundle / "pdf/threat-model.pdf").read_bytes().startswith(b"%PDF-")
    assert "all as listed" in run("verify ../collateral/shop-unreleased --key ../keys/signing.pub")
    (bundle / "index.html").write_bytes(b"")
    run("verify ../collateral/shop-unreleased", code=13)
    assert "confinement" in run("doctor")
    for command in COMMANDS:
        assert f"threatmodel {command}" in run(f"{command} --help")
