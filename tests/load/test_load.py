"""Manifests, plain pytm files, and that the same model gives the same value everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.load.support import HEAD, MODEL, VOCABULARY, check_model, diagnose, load, write
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.errors import InvalidInput, UsageError
from threatmodel.core.plain import to_plain
from threatmodel.load import load_model, read_manifest

MANIFESTS = {
    "[projct]\n": [':1  M024  unknown section [projct]; did you mean "project"?'],
    '\n[project]\nreleas = "x"\n': [':3  M024  unknown key "releas"; did you mean "release"?'],
    "[project]\nrelease = 5\n": [':2  M024  "release" must be text'],
    'project = "x"\n': ["  M024  [project] must be a table"],
    '[project]\ndefault-configuration = "b"\n[configurations.a]\noptions = {}\n': [
        ':2  M024  no configuration "b"'
    ],
    "[configurations.a]\n": [':1  M024  configuration "a" needs options = { name = "value" }'],
    "[configurations.a]\noptions = {x = 1}\n": [':1  M024  configuration "a" needs options'],
    '[configurations.a]\noptions = {}\ndescripton = ""\n': [
        ':3  M024  configuration "a": unknown key "descripton"; did you mean "description"?'
    ],
    '[packs]\nenabled = "core"\n': [":2  M024  enabled must be a list of pack names"],
    "[packs]\nenable = []\n": [':2  M024  [packs]: unknown key "enable"; did you mean "enabled"?'],
    '[scanners]\nenabled = "bandit"\n': [":2  M024  enabled must be a list of scanner names"],
    "[scanners]\nenabled = []\n": [":2  M024  enabled must be a list of scanner names"],
    "[scanners]\nenable = []\n": [':2  M024  [scanners]: unknown key "enable"; did you mean "enabled"?'],
    '[scanners]\ninstalled = "x"\n': [":2  M024  [scanners.installed] must be a table"],
    "[scanners.installed]\nacme = 1\n": [':2  M024  "acme" must be text'],
    "[scanners.installed]\nAcme = '1'\n": [':2  M024  "Acme" cannot name a scanner'],
    "[project]\nrelease = \n": [":2  M024  not TOML: Invalid value"],
    "a = " + "[" * 5000: ["  M024  not TOML: "],
}


@pytest.mark.parametrize("text", MANIFESTS)
def test_manifest_problems(tmp_path: Path, text: str) -> None:
    root = write(tmp_path, {"threatmodel.toml": text})
    with pytest.raises(InvalidInput) as caught:
        read_manifest(root, "m")
    found = [item.render() for item in caught.value.diagnostics]
    assert len(found) == len(MANIFESTS[text])
    assert all(a.startswith(f"m/threatmodel.toml{b}") for a, b in zip(found, MANIFESTS[text], strict=True)), (
        found
    )


def test_a_manifest_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "threatmodel.toml").write_bytes(b"\xff")
    with pytest.raises(InvalidInput, match="M024"):
        read_manifest(tmp_path, "m")


@pytest.mark.parametrize(
    ("status", "adopted", "notice"),
    [
        ("proposed", False, "own notice"),
        ("adopted: https://example.org/1", True, ""),
    ],
)
def test_adoption_needs_a_public_source(tmp_path: Path, status: str, adopted: bool, notice: str) -> None:
    root = write(tmp_path, {"threatmodel.toml": f'[project]\nstatus = "{status}"\nnotice = "own notice"\n'})
    manifest = read_manifest(root, "m")
    assert (manifest.adopted, manifest.notice) == (adopted, notice)


@pytest.mark.parametrize(
    "status", ["adopted", "adopted: yes", "adopted: http nobody", "adopted: https://x", "final"]
)
def test_a_status_without_a_public_source_is_an_error(tmp_path: Path, status: str) -> None:
    root = write(tmp_path, {"threatmodel.toml": f'[project]\nstatus = "{status}"\n'})
    with pytest.raises(InvalidInput, match="M024  status cannot be"):
        read_manifest(root, "m")


@pytest.mark.parametrize("short", ["k", "kata", "kata-2"])
def test_a_short_name_can_stand_in_names_of_files(tmp_path: Path, short: str) -> None:
    root = write(tmp_path, {"threatmodel.toml": f'[project]\nshort = "{short}"\n'})
    assert read_manifest(root, "m").short == short


@pytest.mark.parametrize("short", ["", "Kata", "../k", "-k", "k-", "k" * 21, "k.pdf"])
def test_any_other_short_name_is_an_error(tmp_path: Path, short: str) -> None:
    root = write(tmp_path, {"threatmodel.toml": f'[project]\nshort = "{short}"\n'})
    with pytest.raises(InvalidInput, match="M024  short cannot be"):
        read_manifest(root, "m")


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_there_is_no_model(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="U001"):
        load_model(tmp_path / name, name, VOCABULARY)


PYTM = """\
#!/usr/bin/env python3
import sys
from pytm import TM, Actor, Boundary, Data, Dataflow, Datastore, Server
sys.argv = ["x", "--dfd", "--no-such-option", "--report", "/etc/passwd"]
tm = TM("Shop")
tm.description = "a shop"
internet = Boundary("Internet")
user = Actor("User")
user.inBoundary = internet
web = Server("Web", isHardend=True)
web.controls.isHardend = True
web.controls.isHardened = True
web.onAWSs = True
db = Datastore("Web")
cards = Data("Cards", isCredentials=True)
read = Dataflow(web, db, "query")
read.data = cards
read.dstPort = 5432
read.controls.isEncrypted = True
order = Dataflow(user, web, "order")
"""
IGNORED = [
    'shop.py:10  M030  Server "Web": pytm ignores the unknown attribute "isHardend"',
    'shop.py:13  M030  Server "Web": pytm ignores the unknown attribute "onAWSs"; did you mean "onAWS"?',
    'shop.py:11  M030  Server "Web.controls": pytm ignores the unknown attribute "isHardend"; '
    'did you mean "isHardened"?',
    'shop.py:14  M031  the name "Web" stands twice; its id is web-2; ids made from names change with them; '
    "give explicit ids with threatmodel.dsl",
    "shop.py  M032  a pytm file names no adversary, so only pytm's own threats can be asked for: that there is no other "
    "says nothing; the pack pytm asks for those; name adversaries with threatmodel.dsl for others",
]


@pytest.mark.parametrize("end", ["tm.process()\n", 'if __name__ == "__main__":\n    tm.process()\n'])
def test_a_plain_pytm_file_loads_unchanged(tmp_path: Path, end: str) -> None:
    write(tmp_path, {"shop.py": PYTM + end})
    loaded = load(tmp_path / "model" / "shop.py")
    assert sorted(item.render() for item in loaded.warnings) == sorted(IGNORED)
    (system,) = loaded.project.systems
    assert [(e.id, e.kind, e.boundary) for e in system.elements] == [
        ("user", "actor", "internet"),
        ("web", "process", "outside"),
        ("web-2", "datastore", "outside"),
    ]
    assert [(f.id, f.source, f.target, f.port, f.encryption, f.data) for f in system.flows] == [
        ("query", "web", "web-2", "5432", "tls", ("cards",)),
        ("order", "user", "web", "", "none", ()),
    ]
    assert (loaded.project.id, loaded.project.description) == ("shop", "a shop")
    assert [(asset.id, asset.secret) for asset in loaded.project.data] == [("cards", True)]


def test_a_file_that_never_calls_process(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": PYTM})
    assert diagnose(tmp_path / "model" / "shop.py") == [
        "shop.py  M002  the model exposes no MODEL = Model(…); a plain pytm file must end in tm.process()"
    ]


@pytest.mark.slow
def test_a_package_with_files_of_its_own(tmp_path: Path) -> None:
    files = {
        "__init__.py": f"from .parts import *\n{MODEL}",
        "parts.py": HEAD + '    Process("x", inside="y")\n',
    }
    assert check_model(tmp_path, files) == ['model/parts.py:9  M007  element "x": unknown boundary "y"']


@pytest.mark.slow
def test_a_lone_file_with_options(tmp_path: Path) -> None:
    options = 'class O(Options):\n    runtime: Literal["go", "rust"] = "rust"\n'
    write(tmp_path, {"m.py": HEAD + options + MODEL.replace("build=", "options=O, build=")})
    configuration = load(tmp_path / "model" / "m.py").project.systems[0].configuration
    assert (configuration.name, configuration.options) == ("default", {"runtime": "rust"})


_PRINT = """
import sys
from pathlib import Path
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.plain import to_plain
from threatmodel.load import load_model
from threatmodel.rules import load_vocabulary
loaded = load_model(Path(sys.argv[1]), sys.argv[2], load_vocabulary())
sys.stdout.buffer.write(dump_bytes(to_plain(loaded.project)))
"""
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_same_value_in_other_surroundings(tmp_path: Path) -> None:
    self = ROOT / "models" / "self"
    copy = tmp_path / "elsewhere" / "self"
    copy.mkdir(parents=True)
    for path in self.iterdir():
        if path.is_file():
            (copy / path.name).write_bytes(path.read_bytes())
    expected = dump_bytes(to_plain(load_model(self, "models/self", VOCABULARY).project))
    assert str(ROOT).encode() not in expected
    for seed, zone, language, folder, model in (
        ("1", "Asia/Kathmandu", "tr_TR.UTF-8", "/", self),
        ("2", "America/St_Johns", "C", str(tmp_path), copy),
    ):
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LANG": language,
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-c", _PRINT, str(model), "other/name"]
        done = subprocess.run(command, env=env, cwd=folder, capture_output=True, check=True)
        assert done.stdout == expected


@pytest.mark.slow
def test_no_place_is_absolute(tmp_path: Path) -> None:
    project = load(write(tmp_path, {"__init__.py": HEAD + MODEL})).project
    assert [str(element.place) for element in project.systems[0].elements] == [
        "__init__.py:6",
        "__init__.py:7",
    ]
    assert str(tmp_path).encode() not in dump_bytes(to_plain(project))


def test_a_manifest_about_another_project(tmp_path: Path) -> None:
    manifest = '\n[project]\nid = "another"\n'
    found = diagnose(write(tmp_path, {"__init__.py": HEAD + MODEL, "threatmodel.toml": manifest}))
    assert len(found) == 1
    assert found[0].startswith('model/threatmodel.toml:2  M024  id is "another", the model\'s own is "')


OTHER_CONTROL = """
CONTROL = Control("c", "C", provides=["syscall-filter"], claims=[present("f", "a", when={WHEN})])

class O(Options):
    runtime: Literal["go", "rust"] = "go"
"""


@pytest.mark.parametrize(
    ("when", "warned"),
    [('{"runtime": "rust"}', False), ('{"runtime": "go"}', True), ("{}", True)],
    ids=["of another configuration", "of a listed one", "of all"],
)
def test_a_control_for_options_that_no_configuration_has_is_not_unused(
    tmp_path: Path, when: str, warned: bool
) -> None:
    text = (
        HEAD + OTHER_CONTROL.replace("{WHEN}", when) + MODEL.replace("build=build", "build=build, options=O")
    )
    found = check_model(tmp_path, {"__init__.py": text})
    assert [line for line in found if "M025" in line] == found
    assert bool(found) == warned


def test_operations_keep_their_facts(tmp_path: Path) -> None:
    flow = '    Flow("F2", shim, agent, "more", operations=["a", Operation("b", policy="p", parses="q", note="n")])\n'
    (system,) = load(write(tmp_path, {"__init__.py": HEAD + flow + MODEL})).project.systems
    found = {f.id: f for f in system.flows}["F2"]
    assert found.operations == ("a", "b")
    assert [(x.name, x.policy, x.parses, x.note) for x in found.operation_facts] == [("b", "p", "q", "n")]
