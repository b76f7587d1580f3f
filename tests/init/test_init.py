"""`threatmodel init` in folders of every sort."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collateral.starter import starter_files, survey
from tests.cli.harness import Cli
from tests.collateral.support import git, write_files
from threatmodel.load import load_model
from threatmodel.rules import load_vocabulary

MIXED = {
    "Makefile": "all:\n",
    "src/a.rs": "",
    "src/b.rs": "",
    "cmd/main.go": "",
    "tests/test_a.py": "",
    "docs/index.md": "",
    "hack/run.sh": "",
}


def at(folder: Path) -> Cli:
    folder.mkdir(parents=True, exist_ok=True)
    return Cli(cwd=folder, path=os.environ["PATH"])


@pytest.mark.parametrize(
    "name",
    ["shop", "My Shop", "größe", "class", "import", "1st", "日本", "a{b,c}*[x]", "with'quote\"s", "-x"],
)
def test_a_folder_of_any_name_gets_a_model_that_runs(tmp_path: Path, name: str) -> None:
    cli = at(write_files(tmp_path / name, {"app/main.py": "x = 1\n", "tests/test_x.py": ""}))
    said = cli("init")
    assert said.code == 0, said.err
    [folder] = (tmp_path / name / "models").iterdir()
    threats = cli("threats", f"models/{folder.name}", "--format", "json")
    assert (threats.code, threats.err) == (0, "")
    assert {t["target"]["id"] for t in threats.json["threats"]} == {"F01"}


@pytest.mark.parametrize(
    "names", [["{a,b}", "*", "?", "[x]"], ["é", "e", "E"], ['"', "'", "\\"], ["a b", "a-b", "a_b"]]
)
def test_odd_folders_become_components_that_match_their_files(tmp_path: Path, names: list[str]) -> None:
    cli = at(write_files(tmp_path / "odd", {f"{name}/main.go": "" for name in names}))
    assert cli("init").code == 0
    loaded = load_model(tmp_path / "odd" / "models" / "odd", "model", load_vocabulary())
    assert len({c.id for c in loaded.project.components}) == len(names)


def test_roles_and_languages_come_from_names() -> None:
    seen = survey(MIXED)
    assert {(part.id, part.role, part.language) for part in seen.parts} == {
        ("src", "", "rust"),
        ("cmd", "", "go"),
        ("tests", "test", "python"),
        ("docs", "docs", ""),
        ("hack", "tools", "shell"),
        ("top-level-files", "build", ""),
    }
    assert seen.language == "rust"


def test_only_what_git_follows_counts(tmp_path: Path) -> None:
    cli = at(write_files(tmp_path / "work", {**MIXED, ".gitignore": "out/\n", "out/x.py": ""}))
    git(cli.cwd, "init", "--quiet")
    git(cli.cwd, "add", "--all")
    cli("init")
    assert '"out/' not in (cli.cwd / "models/work/__init__.py").read_text()


def test_an_empty_and_a_new_folder(tmp_path: Path) -> None:
    cli = at(tmp_path / "empty")
    for folder, name in ((".", "empty"), ("new", "new")):
        said = cli("init", folder)
        assert (said.code, "no source yet" in said.out) == (0, True)
        assert cli("check", f"{folder}/models/{name}").code == 0


@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_nothing_is_written_over(tmp_path: Path, there: str) -> None:
    cli = at(tmp_path / "shop")
    place = cli.cwd / "models" / "shop"
    place.parent.mkdir()
    if there == "file":
        place.write_text("mine")
    elif there == "folder":
        write_files(place, {"notes.txt": "mine"})
    else:
        place.symlink_to("nowhere")
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    said = cli("init")
    assert (said.code, said.err.split()[0]) == (2, "U014")
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 80, "é"])
def test_a_name_that_is_no_id(tmp_path: Path, name: str) -> None:
    said = at(tmp_path / "shop")("init", "--name", name) if name else at(tmp_path / "shop")("init", "x", "y")
    assert said.code == 2
    assert not (tmp_path / "shop" / "models").exists()


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    cli = at(write_files(tmp_path / "shop", {"file": ""}))
    assert (cli("init", "file").code, cli("init", "file/below").code) == (2, 2)


def test_the_model_is_formatted_and_has_no_fault_that_a_linter_finds(tmp_path: Path) -> None:
    names = {f"{'long name ' * number}x/main.go": "" for number in range(1, 9)}
    cli = at(write_files(tmp_path / "shop", names))
    cli("init")
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "models"],
            cwd=cli.cwd,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


@settings(max_examples=40, deadline=None)
@given(
    st.sets(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12), max_size=6
    )
)
def test_any_names_make_python(names: set[str]) -> None:
    files = starter_files("shop", survey(f"{name}/main.c" for name in names), "../..")
    compile(files["__init__.py"], "model", "exec")
