"""`threatmodel init` in folders of every sort."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collateral.policy import read_policy
from collateral.starter import RESERVED, Program, find_programs, starter_files, survey
from collateral.starter.survey import slug
from tests.cli.harness import Cli
from tests.collateral.support import git, write_files
from threatmodel.core.globs import compile_glob
from threatmodel.load import Manifest, load_model, read_manifest
from threatmodel.rules import load_vocabulary
from threatmodel.system.risk import RiskSettings

pytestmark = pytest.mark.slow

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
    parts = load_model(folder, "model", load_vocabulary()).project.components
    assert [c.id for c in parts] == ["threat-model", "app", "tests"]


@pytest.mark.parametrize(
    "names", [["{a,b}", "*", "?", "[x]"], ["é", "e", "E"], ['"', "'", "\\"], ["a b", "a-b", "a_b"]]
)
def test_odd_folders_become_components_that_match_their_files(tmp_path: Path, names: list[str]) -> None:
    cli = at(write_files(tmp_path / "odd", {f"{name}/main.go": "" for name in names}))
    assert cli("init").code == 0
    loaded = load_model(tmp_path / "odd" / "models" / "odd", "model", load_vocabulary())
    globs = [compile_glob(glob) for c in loaded.project.components for glob in c.globs]
    assert len({c.id for c in loaded.project.components}) == len(names) + 1
    assert all(any(glob.fullmatch(f"{name}/main.go") for glob in globs) for name in names)


def test_roles_and_languages_come_from_names() -> None:
    seen = survey({**MIXED, "setup.py": "", "run.py": "", "README.md": "", "data/x.csv": ""})
    assert [(part.id, part.role, part.languages, part.programs) for part in seen.parts] == [
        ("cmd", "", ("go",), ("program",)),
        ("data", "", (), ()),
        ("docs", "docs", (), ()),
        ("hack", "tools", ("shell",), ()),
        ("src", "", ("rust",), ("program",)),
        ("tests", "test", ("python",), ()),
        ("top-level-files", "build", (), ()),
        ("top-level-source", "", ("python",), ("program",)),
        ("top-level-documents", "docs", (), ()),
    ]
    assert seen.languages == ("rust", "go", "python")


PROGRAMS = {
    "pyproject.toml": '[project]\nname = "a"\n[project.scripts]\nserve = "a.b:c"\n"client tool" = "a:d"\n',
    "web/package.json": '{"name": "@scope/web", "bin": "x.js"}',
    "tools2/package.json": '{"bin": {"lint": "l.js", "serve": "s.js"}}',
    "crates/one/Cargo.toml": '[package]\nname = "one"\n',
    "crates/one/src/main.rs": "",
    "crates/lib/Cargo.toml": '[package]\nname = "lib"\n',
    "crates/lib/src/lib.rs": "",
    "two/Cargo.toml": '[package]\nname = "two"\n[[bin]]\nname = "x"\n[[bin]]\nname = "y"\n',
    "svc/go.mod": "module example.org/team/svc\n",
    "svc/main.go": "",
    "cmd/agent/main.go": "",
    "pkg/__main__.py": "",
    "tests/cmd/fake/main.go": "",
    "node_modules/q/package.json": '{"bin": {"q": "q.js"}}',
    "a/b/c/d/package.json": '{"bin": {"deep": "q.js"}}',
}


def found(files: dict[str, str]) -> tuple[tuple[Program, ...], tuple[str, ...]]:
    return find_programs(
        files, lambda path: files[path].encode(), lambda name: slug(name, "program"), reserved=RESERVED
    )


def test_programs_are_those_that_the_tree_names() -> None:
    programs, unread = found(PROGRAMS)
    assert unread == ()
    assert [(one.id, one.seen_in, one.folder) for one in programs] == [
        ("agent", "cmd/agent/main.go", "cmd/agent"),
        ("client-tool", "pyproject.toml", ""),
        ("lint", "tools2/package.json", ""),
        ("one", "crates/one/Cargo.toml", "crates/one"),
        ("pkg", "pkg/__main__.py", "pkg"),
        ("serve", "pyproject.toml", ""),
        ("serve-2", "tools2/package.json", ""),
        ("svc", "svc/go.mod", "svc"),
        ("web", "web/package.json", ""),
        ("x", "two/Cargo.toml", ""),
        ("y", "two/Cargo.toml", ""),
    ]


def test_a_program_of_its_own_folder_has_its_own_part_and_language() -> None:
    programs, _ = found(PROGRAMS)
    seen = survey({**PROGRAMS, "lib/x.py": ""}, programs)
    parts = {part.id: part for part in seen.parts}
    assert (parts["crates-one"].globs, parts["crates-one"].programs) == (("crates/one/**",), ("one",))
    assert list(parts).index("crates-one") < list(parts).index("crates")
    assert "svc" in parts["lib"].programs
    assert {one.id: seen.languages_of(one)[:1] for one in programs if one.id in {"agent", "one"}} == {
        "agent": ("go",),
        "one": ("rust",),
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", "["),
        ("package.json", "[]"),
        ("package.json", '{"bin": 3}'),
        ("package.json", "[" * 100_000),
        ("package.json", " " * 2_000_000),
        ("pyproject.toml", "a = ["),
        ("pyproject.toml", "tool = 3"),
        ("Cargo.toml", 'bin = "x"'),
        ("Cargo.toml", "package = [1]"),
        ("go.mod", "\udcff"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_named(name: str, text: str) -> None:
    data = text.encode("utf-8", "surrogateescape")
    assert find_programs([name], lambda _: data, str) == ((), (name,))


def test_programs_with_odd_names_and_reserved_ones(tmp_path: Path) -> None:
    names = ["client", "Client", "program", "q\"uo'te", "a\\b", "x\u202ey", "日本", "l" * 300, "new\nline"]
    manifest = {"bin": dict.fromkeys(names, "x.js")}
    cli = at(write_files(tmp_path / "odd", {"package.json": json.dumps(manifest), "src/x.js": ""}))
    said = cli("init")
    assert (said.code, "\u202e" in said.out) == (0, False)
    assert_formatted(cli.cwd / "models")
    system = load_model(cli.cwd / "models/odd", "m", load_vocabulary()).project.systems[0]
    assert sum(element.kind == "process" for element in system.elements) == len(names)
    assert len(system.flows) == 2 * len(names)


def test_many_folders_and_programs_are_counted(tmp_path: Path) -> None:
    files = {f"part{number:02}/x.py": "" for number in range(45)}
    cli = at(write_files(tmp_path / "many", files))
    said = cli("init")
    assert "left out: 5 more folders" in said.out
    assert cli("check", "models/many").code == 0


def test_the_policy_that_is_written_out_is_the_default(tmp_path: Path) -> None:
    cli = at(tmp_path / "shop")
    cli("init")
    manifest = read_manifest(cli.cwd / "models/shop", "shop")
    assert manifest.risk == RiskSettings()
    assert set(manifest.file.raw["risk"]) == {"matrix", "reach", "privilege", "mitigation"}
    written = read_policy(manifest)
    default = read_policy(Manifest())
    assert [replace(c, place=None) for c in written.criteria] == list(default.criteria)
    assert (written.gate, written.publishing) == (default.gate, default.publishing)


def test_the_commands_that_it_names_run(tmp_path: Path) -> None:
    cli = at(write_files(tmp_path / "my shop", MIXED))
    said = cli("init")
    lines = [line for line in said.out.splitlines() if " threatmodel " in line]
    assert len(lines) == 3
    for line in lines[:2]:
        done = cli(*shlex.split(line)[1:])
        assert (done.code, done.err, bool(done.out)) == (0, "", True), line


def test_only_what_git_follows_counts(tmp_path: Path) -> None:
    cli = at(write_files(tmp_path / "tracked", {**MIXED, ".gitignore": "out/\n", "out/x.py": ""}))
    git(cli.cwd, "init", "--quiet")
    git(cli.cwd, "add", "--all")
    cli("init")
    assert '"out/' not in (cli.cwd / "models/tracked/__init__.py").read_text()


def test_an_empty_and_a_new_folder(tmp_path: Path) -> None:
    cli = at(tmp_path / "empty")
    for folder, name in ((".", "empty"), ("new", "new")):
        said = cli("init", folder)
        assert (said.code, "no source yet" in said.out) == (0, True), said.err
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


@pytest.mark.parametrize("there", ["file", "link"])
def test_models_that_is_no_folder(tmp_path: Path, there: str) -> None:
    cli = at(tmp_path / "shop")
    (tmp_path / "elsewhere").mkdir()
    if there == "file":
        (cli.cwd / "models").write_text("mine")
    else:
        (cli.cwd / "models").symlink_to(tmp_path / "elsewhere")
    said = cli("init")
    assert (said.code, said.err.split()[0]) == (2, "U014")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    cli = at(tmp_path / "shop")
    cli.cwd.chmod(0o500)
    said = cli("init")
    cli.cwd.chmod(0o700)
    assert (said.code, said.err.split()[0]) == (2, "U010")
    assert list(cli.cwd.iterdir()) == []


def test_what_was_in_models_stays(tmp_path: Path) -> None:
    cli = at(write_files(tmp_path / "shop", {"models/user.py": "class User: ..."}))
    cli("init")
    assert (cli.cwd / "models/user.py").read_text() == "class User: ..."
    parts = load_model(cli.cwd / "models/shop", "m", load_vocabulary()).project.components
    assert [c.globs for c in parts] == [("models/shop/**",), ("models/**",)]


def assert_formatted(folder: Path) -> None:
    for command in (["format", "--check"], ["format", "--check", "--line-length", "120"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(folder)],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


def test_the_model_is_formatted_and_has_no_fault_that_a_linter_finds(tmp_path: Path) -> None:
    names = {f"{'long name ' * number}x/main.go": "" for number in range(1, 9)}
    cli = at(write_files(tmp_path / "shop", {**names, **PROGRAMS}))
    assert cli("init").code == 0
    assert_formatted(cli.cwd / "models")


@settings(max_examples=40, deadline=None)
@given(
    st.sets(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12), max_size=6
    )
)
def test_any_names_make_python(names: set[str]) -> None:
    files = starter_files("shop", survey(f"{name}/main.c" for name in names), read_policy(Manifest()))
    compile(files["__init__.py"], "model", "exec")
