"""`drift --propose`: the patch applies, only its markers are refused, and once they are filled in the model follows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.harness import Cli, Said
from tests.collateral.support import git, write_files
from tests.drift.support import drift, make_shop
from tests.drift.test_reader import GOOD

pytestmark = pytest.mark.slow

KEYS = """\
hypervisors: {}
marks: {}
known:
  go:
    - auth fast
  rust:
    - other
rules: [{option: auth, key: hypervisor.auth}]
"""
FAST = GOOD.replace("belongs_to: [service]\n", "belongs_to: [service, T3]\n    operations_of: [T3]\n")


@pytest.fixture(name="shop")
def _shop(tmp_path: Path) -> Cli:
    shop = make_shop(tmp_path)
    (tmp_path / "model/configuration-keys.yaml").write_text(KEYS, "utf-8")
    (tmp_path / "model/extracts.yaml").write_text(FAST, "utf-8")
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "-q", "--isolated", tmp_path / "model"], check=True
    )
    return shop


def apply(model: Path, patch: Path) -> None:
    """`git apply` in a folder that no repository has."""
    environ = {"GIT_CEILING_DIRECTORIES": str(model.parent), "PATH": "/usr/bin:/bin"}
    subprocess.run(["git", "apply", "--check", str(patch)], cwd=model, check=True, env=environ)
    subprocess.run(["git", "apply", str(patch)], cwd=model, check=True, env=environ)


def refused(said: Said) -> list[str]:
    return [re.split(r":\d+  ", line)[0] for line in said.err.splitlines()]


def test_the_patch_follows_the_release(shop: Cli) -> None:
    model, patch = shop.cwd / "model", shop.cwd / "follow.patch"
    said = shop(*drift("--propose", "follow.patch"))
    assert said.code == 0, said.err
    assert said.out.splitlines()[-1] == "edits to follow: 8 (6 to name, 2 to take out), 0 waived"
    text = patch.read_text("utf-8")
    assert text.splitlines()[:2] == [
        "# tiny: 1.0 to 2.0, for `git apply`. `threatmodel check` refuses each TODO(drift) that is left.",
        "# 8 edits: 8 with a stub, 0 without a place; 0 waived",
    ]
    apply(model, patch)
    checked = shop("check", "model")
    assert checked.code == 4
    codes = {line.split("  ")[1] for line in checked.err.splitlines()}
    assert codes == {"D051"}
    assert sorted(set(refused(checked))) == [
        "model/__init__.py",
        "model/configuration-keys.yaml",
        "model/extracts.yaml",
    ]
    assert len(checked.err.splitlines()) == 7
    command = [sys.executable, "-m", "ruff", "format", "--check", "--isolated", str(model)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    _fill_in(model)
    done = shop("check", "model")
    assert (done.code, done.err) == (0, "")
    after = shop(*drift("--enforce", "--format", "json"))
    assert after.code == 0
    assert after.json["edits"] == {"needed": 0, "not_named": 0, "still_named": 0, "waived": 0}
    said_now = {row["name"]: (row["model"], row["where"]) for row in after.json["changes"]}
    assert said_now["N.Odd"] == ("named", ["T1"])
    assert said_now["x.notes.plain"] == ("named", ["T3"])
    assert said_now["a.version"] == ("named", ["note of pins"])
    assert said_now["on: pull_request_target"] == ("named", ["note of flows"])
    assert said_now["hypervisor.slow"] == ("listed", ["configuration-keys.yaml"])
    assert said_now["N.Drop"] == ("not-named", [])
    again = shop(*drift("--propose"))
    assert again.out.splitlines()[1:] == ["# 0 edits: 0 with a stub, 0 without a place; 0 waived"]


def _fill_in(model: Path) -> None:
    """What a person does: say something in place of each marker, and take out what is gone."""
    for path in (*model.glob("*.py"), *model.glob("*.yaml")):
        text = path.read_text("utf-8")
        text = re.sub(r'( *# TODO\(drift\): N\.Drop is gone.*\n)(?: *# .*\n)* *"Drop",\n', "", text)
        text = text.replace(" and old_name", "").replace("TODO(drift): ", "")
        path.write_text(text, "utf-8")


def test_stubs_stand_where_they_belong(shop: Cli) -> None:
    model, patch = shop.cwd / "model", shop.cwd / "follow.patch"
    shop(*drift("--propose", "follow.patch"))
    apply(model, patch)
    init = (model / "__init__.py").read_text("utf-8")
    call = init[init.index('"T1"') : init.index('"T2"')]
    names = re.findall(r'^ +"(\w+)",$', call, flags=re.MULTILINE)
    assert [n for n in names if n in {"Get", "Put", "Odd", "Drop"}] == ["Get", "Odd", "Put", "Drop"]
    assert "# TODO(drift): N.Drop is gone, it was in api/notes.proto:1" in call
    assert re.search(
        r'operations=\[\n +# TODO\(drift\): x\.notes\.plain is new[^"]*"plain",', init[init.index('"T3"') :]
    )
    assert "# TODO(drift): x.notes.old_name is gone" in init[: init.index("TOKENS =")]
    keys = (model / "configuration-keys.yaml").read_text("utf-8")
    assert "    # TODO(drift): hypervisor.slow is new in config/a.toml.in:4" in keys
    assert keys.index("- slow") < keys.index("rust:")
    extracts = (model / "extracts.yaml").read_text("utf-8")
    assert extracts.count('says: "TODO(drift): ') == 2
    assert (
        "on: pull_request_target is new in .github/workflows/ci.yaml:1: any; also permissions; what"
        in extracts
    )


def test_operations_with_what_is_parsed(shop: Cli) -> None:
    """A list of objects gets an object, with the rule that the others follow."""
    init = shop.cwd / "model/__init__.py"
    text = init.read_text("utf-8").replace("    Model,\n", "    Model,\n    Operation,\n")
    objects = 'Operation("Get", policy="Q2", parses="a name"), Operation("Put", policy="Q", parses="a note")'
    text = re.sub(r'operations=\["Get".*?\]', "operations=CALLS", text, flags=re.DOTALL)
    init.write_text(text.replace("NOTES =", f"CALLS = ({objects})\nNOTES =", 1), "utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", "--isolated", init], check=True)
    (shop.cwd / "follow.patch").write_text(shop(*drift("--propose")).out, "utf-8")
    apply(shop.cwd / "model", shop.cwd / "follow.patch")
    assert (
        "    # N.Odd is new in api/notes.proto:1: Q returns A\n"
        "    Operation(\n"
        '        "Odd",\n'
        '        policy="Q",\n'
        '        parses="TODO(drift): what is parsed of the caller, notes.proto:1",\n'
        "    ),\n"
    ) in init.read_text("utf-8")
    assert {line.split("  ")[1] for line in shop("check", "model").err.splitlines()} == {"D051"}


def test_the_list_of_another_flow_is_left_alone(shop: Cli) -> None:
    init = shop.cwd / "model/__init__.py"
    now, pattern = 'operations=[*READS, "Put", "Drop"]', r'operations=\["Get".*?\]'
    text = re.sub(pattern, now, init.read_text("utf-8"), flags=re.DOTALL)
    text = text.replace("NOTES =", 'READS = ("Get",)\nNOTES =', 1)
    init.write_text(text.replace('"Records", ', '"Records", operations=["Get", "Drop"], '), "utf-8")
    out = shop(*drift("--propose")).out
    assert re.search(
        r'^\+READS = \(\n\+    "Get",\n(\+    # .*\n)+\+    "Odd",\n\+\)$', out, flags=re.MULTILINE
    )


def test_nothing_is_guessed(shop: Cli) -> None:
    """Two flows may have the call, and nothing beside it says which: the patch lists it."""
    model = shop.cwd / "model"
    (model / "extracts.yaml").write_text(FAST.replace('[T1, "T1*"]', '["{T1,T2}"]'))
    init = model / "__init__.py"
    init.write_text(
        re.sub(r' *operations=\["Get".*?\],\n', "", init.read_text("utf-8"), flags=re.DOTALL), "utf-8"
    )
    out = shop(*drift("--propose")).out
    lines = out.splitlines()
    assert "# no place was worked out for" in lines
    assert (
        "#   calls: N.Odd, api/notes.proto:1: one of the flows T1, T2, and nothing beside it in the source says which"
        in lines
    )
    assert '+        "Odd",' not in lines


def test_waived_changes_get_no_stub(shop: Cli) -> None:
    (shop.cwd / "model/drift-waivers.yaml").write_text(
        "waivers: [{extract: calls, name: N.Odd, reason: later, owner: me, expires: 2026-06-30, "
        "source: https://example.org/1}]\n",
        "utf-8",
    )
    out = shop(*drift("--propose", "--as-of", "2026-06-30")).out
    assert "# 7 edits: 7 with a stub, 0 without a place; 1 waived" in out.splitlines()
    assert "N.Odd" not in out


def test_paths_are_those_of_the_repository(shop: Cli) -> None:
    git(shop.cwd, "init", "--quiet")
    out = shop(*drift("--propose")).out
    assert re.findall(r"^\+\+\+ (.*)$", out, flags=re.MULTILINE) == [
        "b/model/__init__.py",
        "b/model/configuration-keys.yaml",
        "b/model/extracts.yaml",
    ]
    (shop.cwd / "follow.patch").write_text(out, "utf-8")
    git(shop.cwd, "apply", "follow.patch")
    assert shop("check", "model").code == 4


def test_same_input_same_patch_and_no_file_is_left_behind(shop: Cli) -> None:
    first = shop(*drift("--propose")).out
    shop(*drift("--propose", "a.patch"))
    shop(*drift("--propose", "a.patch"))
    assert (shop.cwd / "a.patch").read_text("utf-8") == first
    assert [path.name for path in shop.cwd.glob(".a.patch*")] == []


def test_a_last_line_without_an_end(shop: Cli) -> None:
    extracts = shop.cwd / "model/extracts.yaml"
    extracts.write_text(extracts.read_text("utf-8").rstrip("\n"), "utf-8")
    shop(*drift("--propose", "a.patch"))
    apply(shop.cwd / "model", shop.cwd / "a.patch")
    assert shop("check", "model").code == 4


@pytest.mark.parametrize("text", ["# a\r\n", "# \u202e\n"])
def test_files_with_hidden_characters_are_not_edited(shop: Cli, text: str) -> None:
    with (shop.cwd / "model/extracts.yaml").open("a", newline="") as file:
        file.write(text)
    out = shop(*drift("--propose")).out
    assert (
        "#   pins: a.version, versions.yaml:1: extracts.yaml, whose text is not edited by machine"
        in out.splitlines()
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("more.py", '"""More."""\n\nX = "TODO(drift): x"\n'),
        ("pentest/a.yaml", "# TODO(drift)\n"),
        ("threatmodel.toml", None),
    ],
)
def test_markers_are_refused_in_every_file(shop: Cli, name: str, text: str | None) -> None:
    path = shop.cwd / "model" / name
    assert shop("check", "model").code == 0
    if text is None:
        text = path.read_text("utf-8") + "# TODO(drift): x\n"
    write_files(path.parent, {path.name: text})
    said = shop("check", "model")
    line = text[: text.index("TODO(drift)")].count("\n") + 1
    assert said.code == 4
    assert f"model/{name}:{line}  D051  a stub of `drift --propose` is not filled in; say what" in said.err


def test_a_model_that_is_one_file(shop: Cli) -> None:
    lone = shop.cwd / "lone.py"
    shutil.copy(shop.cwd / "model/__init__.py", lone)
    assert shop("check", "lone.py").code == 0
    lone.write_text(lone.read_text("utf-8") + "# TODO(drift): x\n", "utf-8")
    said = shop("check", "lone.py")
    assert said.code == 4
    assert "lone.py:" in said.err
    assert "D051" in said.err
