"""Every mistake that an author can make has a code, a line and a hint. One load of a model may hold many."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.support import HEAD, MODEL, check_model, write
from threatmodel.load import load_model
from threatmodel.rules import load_vocabulary

ID_HINT = "an id is letters and digits, joined by single '.', '-' or '_', starting with a letter, at most 64 characters"

# a statement, inside build() where it is indented, and what is said of its line
INSIDE = {
    'Process("x", insid=host)': [
        'M003  Process has no attribute "insid"; did you mean "inside"?',
        "M004  Process: missing a required argument: 'inside'; it takes id, inside, name, description, runs_as, "
        "language, multiple, traits, data, controls",
    ],
    'Process("x", inside=host, zzz=1)': [
        'M003  Process has no attribute "zzz"; it takes id, inside, name, description, runs_as, language, multiple, '
        "traits, data, controls"
    ],
    'Boundary("x", name=5, privilege="user")': ["M004  Boundary: name is text, not 5"],
    'Process("x", inside=host, multiple="no")': ["M004  Process: multiple is True or False, not 'no'"],
    'Flow("x", shim, agent)': [
        "M004  Flow: missing a required argument: 'name'; it takes id, source, target, name, protocol, over, port, "
        "description, authentication, encryption, shares_memory, traits, operations, data, controls"
    ],
    'Process("a b", inside=host)': [f"M005  Process 'a b': 'a b' is not an id; {ID_HINT}", "M005  id 'a b'"],
    'Process("shim", inside=host)': ['M006  id "shim" stands twice; the first is at __init__.py:'],
    'Process("x", inside="hots")': ['M007  element "x": unknown boundary "hots"; did you mean "host"?'],
    'Boundary("x", name="X", privilege="user", inside="hots")': [
        'M007  boundary "x": unknown boundary "hots"; did you mean "host"?'
    ],
    'Boundary("x", name="X", privilege="user", inside="x")': ['M007  boundary "x" lies inside itself'],
    'Flow("x", "shin", agent, "n")': [
        'M007  flow "x": dangling, unknown element "shin"; did you mean "shim"?'
    ],
    'Flow("x", shim, host, "n")': ['M007  flow "x": dangling, unknown element "host"'],
    'Process("x", inside=host, traits=["debug-shel"])': [
        'M009  element "x": unknown trait "debug-shel"; did you mean "debug-shell"?'
    ],
    'Flow("x", shim, agent, "n", traits=["unauthenticated-peers"])': ["M009  flow"],
    'Process("x", inside=host, traits="debug-shell")': [
        "M004  Process 'x': traits is a list, not 'debug-shell'; write traits=[…]"
    ],
    'Boundary("x", name="X", privilege="rooot")': [
        'M011  Boundary \'x\': privilege cannot be "rooot"; did you mean "root"?'
    ],
    'Flow("x", shim, agent, "n", encryption="ssl")': ["M011  Flow 'x': encryption cannot be \"ssl\""],
    'Flow("x", shim, agent, "n", authentication=None)': ["M011  Flow 'x': authentication cannot be \"None\""],
    'Process("x", inside=host, controls=["sandbx"])': [
        'M012  element "x": unknown control "sandbx"; did you mean "sandbox"?'
    ],
    'Boundary("x", name="X", privilege="user", controls=["sandbx"])': [
        'M012  boundary "x": unknown control "sandbx"'
    ],
    'Flow("x", shim, agent, "n", controls=["sandbx"])': ['M012  flow "x": unknown control "sandbx"'],
    'Process("x", inside=host, controls=SANDBOX)': [
        "M004  Process 'x': controls is a list; write controls=[…]"
    ],
    'Flow("x", shim, agent, "n", data=["volume"])': [
        'M013  flow "x": unknown data asset "volume"; did you mean "volumes"?'
    ],
    'Control("y", "Y", provides=[])': [
        "M017  Control 'y' is made inside build(); it belongs at module level, once",
        'M025  control "y" is attached to nothing; attach it or remove it',
    ],
    'Flow("x", shim, agent, "n", operations="read")': ["M004  Flow 'x': operations is a list, not 'read'"],
    'Flow("x", shim, agent, "n", operations=["a", Operation("a", policy="p")])': [
        "M006  Flow 'x': operation \"a\" stands twice; leave one out"
    ],
    'Flow("x", shim, agent, "n", operations=[Operation("a", polcy="p")])': [
        'M003  Operation has no attribute "polcy"; did you mean "policy"?'
    ],
    'Flow("x", shim, agent, "n", operations=[Operation("")])': [
        "M004  Flow 'x': an operation has no name; write Operation(\"…\")"
    ],
    'Flow("x", shim, agent, "n", operations=[Operation("a", parses=["b"])])': [
        "M004  Operation: parses is text, not ['b']"
    ],
    'shim.nmae = "x"': ['M018  Process "shim": "nmae" is set after it was made; give it to the constructor'],
    'shim.name = "x"': ['M018  Process "shim": "name" is set after it was made; give it to the constructor'],
    'SANDBOX.title = "x"': [
        'M018  Control "sandbox": "title" is set after it was made; give it to the constructor'
    ],
}
OUTSIDE = {
    'Process("x", inside="host")': ["M017  Process 'x' is made at module level; make it inside build()"],
    'Control("x", "X", provides=["syscall-filtr"])': [
        'M010  control "x": unknown control class "syscall-filtr"; did you mean "syscall-filter"?',
        "M025",
    ],
    'Control("x", "X", provides="syscall-filter")': ["M004  Control 'x': provides is a list", "M025"],
    'Control("x", 5, provides=[])': ["M004  Control: title is text, not 5"],
    'Control("sandbox", "X", provides=[])': ['M006  control "sandbox" stands twice; the first is at __init__.py:'],
    'Control("x", "X", provides=[], claims=["a"])': ["M004  Control 'x': claims is a list of claims", "M025"],
    'Control("x", "X", provides=[], claims=[absent("f")])': [
        "M004  absent: give a pattern or arguments, one of the two; see `absent`", "M025"
    ],
    'Control("x", "X", provides=[], claims=[absent("f", "a", arguments=["b"])])': ["M004  absent:", "M025"],
    'Control("x", "X", provides=[], claims=[present("{f", "a")])': ["M022  unbalanced brace in glob '{f'", "M025"],
    'Control("x", "X", provides=[], claims=[present("f", "a(?=b)")])': ["M022  pattern 'a(?=b)' is not RE2", "M025"],
    'Control("x", "X", provides=[], claims=[version("f", "k", "newer")])': [
        "M022  'newer' is not a version specifier; write >=1.10,<2", "M025"
    ],
    'Control("x", "X", provides=[], claims=[present("f", "a", when={"runtim": "go"})])': [
        'M014  claim of "x": no option "runtim"; did you mean "runtime"?', "M025"
    ],
    'Control("x", "X", provides=[], claims=[present("f", "a", when={"runtime": "rusty"})])': [
        'M014  claim of "x": option runtime has no "rusty"; did you mean "rust"?', "M025"
    ],
    'Control("x", "X", provides=[], claims=[attested("A", "2026-13-01", "2027-01-01", "https://a.example")])': [
        "M022  date '2026-13-01' is not an ISO 8601 date; write 2026-11-22", "M025"
    ],
    'Control("x", "X", provides=[], claims=[attested("", "2026-01-01", "2027-01-01", "")])': [
        'M023  the attestation of "x" names no person and public source; it is shown as proposed and proves nothing',
        "M025",
    ],
    'Control("x", "X", provides=[], claims=[attested("A", "2026-01-01", "2027-01-01", "trust me")])': ["M023", "M025"],
    'Control("x", "X", provides=[], claims=[proposed("It is so", evidence="trust me")])': [
        'M034  the proposed claim of "x" has no statement with a public source; write https://… or "commit',
        "M025",
    ],
    'Control("x", "X", provides=[], claims=[proposed(" ", evidence="https://a.example/b")])': ["M034", "M025"],
    'Control("x", "X", provides=[], claims=[proposed("It is so", evidence="https://a.example/b")])': ["M025"],
    'Control("x", "X", provides=[], claims=[constant("f", "A B", equals=1)])': [
        "M004  constant: 'A B' is no name; write NAME or module::NAME", "M025"
    ],
    'Control("x", "X", provides=[], claims=[constant("f", "m::A", equals=1)])': ["M025"],
    'Control("x", "X", provides=[], claims=[config_default("f", "a..b", equals=1)])': [
        "M004  config_default: 'a..b' is no key; write table.key", "M025"
    ],
    'Control("x", "X", provides=[], claims=[config_default("f", "a", equals=1, given={"A": "b"})])': [
        "M004  config_default: given says nothing without a makefile; name the makefile", "M025"
    ],
    'Control("x", "X", provides=[], claims=[kernel_config("f", "seccomp", equals="y")])': [
        "M004  kernel_config: 'seccomp' is no option; write CONFIG_NAME", "M025"
    ],
    'Control("x", "X", provides=[], claims=[kernel_config("f", "CONFIG_SECCOMP", equals="y")])': ["M025"],
    'Control("x", "X", provides=[], claims=[rpc_set("f", "S", operations_of=["F9"])])': [
        'M007  claim of "x": there is no flow "F9"', "M025"
    ],
    'Control("x", "X", provides=[], claims=[rpc_set("f", [], operations_of="G1")])': ["M004  rpc_set:", "M007", "M025"],
    'Control("x", "X", provides=[], claims=[key_set("f", "a(?=b)", keys=["k"])])': ["M022  pattern 'a(?=b)'", "M025"],
    'Control("x", "X", provides=[], claims=[key_set("f", "a", operations_of="{F")])': ["M022  unbalanced brace", "M025"],
    'Control("x", "X", provides=[], claims=[key_set("f", "a")])': [
        "M004  key_set: give keys or operations_of, one of the two; see `key_set`", "M025"
    ],
    'Adversary("x", name="X", controls=["shmi"])': [
        'M016  adversary "x": "shmi" is in no configuration; did you mean "shim"?'],
    'Adversary("x", name="X", controls="shim")': ["M004  Adversary 'x': controls is a list; write controls=[…]"],
    'Adversary("x", name="X", when={"runtime": "c"})': ['M014  adversary "x": option runtime has no "c"'],
    'Component("x", "src/**")': ["M004  Component 'x': give runs_in or a role, one of the two"],
    'Component("x", "src/**", runs_in=["shim"], role="test")': ["M004  Component 'x': give runs_in or a role"],
    'Component("x", "src/**", runs_in="shim")': ["M004  Component 'x': runs_in is a list", "M004"],
    'Component("x", 7, role="test")': ["M004  Component: globs is text, not 7"],
    'Component("x", "src/**", role="tests")': ["M011  Component 'x': role cannot be \"tests\"; did you mean \"test\"?"],
    'Component("x", "src/**", runs_in=["host"])': ['M016  component "x": "host" is in no configuration'],
    'Component("x", "{a", role="test")': ["M022  unbalanced brace in glob '{a'"],
    'View("x", name="X", elements=["agnet"])': ['M016  view "x": "agnet" is in no configuration; did you mean "agent"?'],
    'View("x", name="X", elements="agent")': ["M004  View 'x': elements is a list; write elements=[…]"],
    'Data("x", name="X", integrity="hihg")': ["M011  Data 'x': integrity cannot be \"hihg\"; did you mean \"high\"?"],
    'Data("x", name="X", origin=["gost"])': ['M016  data asset "x": "gost" is in no configuration; did you mean "host"?'],
    'Data("volumes", name="X")': ['M006  data asset "volumes" stands twice'],
    'Data("x", nam="X")': ['M003  Data has no attribute "nam"; did you mean "name"?', "M004  Data: missing"],
    "Data()": ["M004  Data: missing a required argument: 'id'"],
    'Data("9", name="X")': ["M005  Data '9': '9' is not an id", "M005  data asset '9'"],
}  # fmt: skip


DECLARED = """
SANDBOX = Control("sandbox", "S", provides=["syscall-filter"])
VOLUMES = Data("volumes", name="V")
class O(Options):
    runtime: Literal["go", "rust"] = "go"
"""


def numbered(text: str, number: int) -> str:
    """The case with an id of its own, so that many can stand in one model."""
    return text.replace('"x"', f'"x{number}"').replace("'x'", f"'x{number}'")


def whole(statements: list[str], *, inside: bool) -> str:
    """One model that holds all statements, each on a line of its own."""
    head, build = HEAD.split("def build", 1)
    build += '    Process("used", inside=host, controls=[SANDBOX])\n'
    cases = "".join(f"{'    ' * inside}{text}\n" for text in statements)
    end = 'MODEL = Model("m", name="M", options=O, build=build)\n'
    return f"{head}{DECLARED}def build{build}{cases}{end}"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What is said of each statement."""
    out: dict[str, list[str]] = {}
    for cases, inside in ((INSIDE, True), (OUTSIDE, False)):
        statements = [numbered(text, number) for number, text in enumerate(cases)]
        text = whole(statements, inside=inside)
        first = text[: text.index(statements[0])].count("\n") + 1
        lines = check_model(tmp_path_factory.mktemp("model"), {"__init__.py": text})
        for number, case in enumerate(cases):
            place = f"model/__init__.py:{first + number}  "
            out[case] = [line.removeprefix(place) for line in lines if line.startswith(place)]
    return out


CASES = {**INSIDE, **OUTSIDE}


@pytest.mark.parametrize("statement", CASES)
def test_a_mistake_is_told_with_its_line(statement: str, said: dict[str, list[str]]) -> None:
    number = [*(INSIDE if statement in INSIDE else OUTSIDE)].index(statement)
    expected = [numbered(text, number) for text in CASES[statement]]
    found = said[statement]
    assert len(found) == len(expected), found
    unmatched = [text for text in expected if not any(line.startswith(text) for line in found)]
    assert not unmatched, found


OPTIONS = """\
from typing import Literal
from threatmodel.dsl import *

class O(Options):
    runtime: Literal["go", "rust"] = "go"
    vmm: Literal["qemu", "fc"] = "qemu"

    @rule("only Go drives Firecracker")
    def _fc(self) -> bool:
        return self.vmm != "fc" or self.runtime == "go"

def build(o):
    Process("shim", inside=Boundary("host", name="H", privilege="root"))

MODEL = Model("m", name="M", options=O, build=build)
"""
MANIFEST = """\
[project]
default-configuration = "a"
[configurations.a]
options = {}
[configurations.b]
options = { runtme = "go" }
[configurations.c]
options = { runtime = "gone" }
[configurations.d]
options = { runtime = "rust", vmm = "fc" }
[configurations.e]
options = { runtime = "zzzzzz" }
"""


def test_options_point_into_the_manifest(tmp_path: Path) -> None:
    assert check_model(tmp_path, {"__init__.py": OPTIONS, "threatmodel.toml": MANIFEST}) == [
        'model/threatmodel.toml:5  M014  no option "runtme"; did you mean "runtime"?',
        'model/threatmodel.toml:7  M014  option runtime cannot be "gone"; did you mean "go"?',
        "model/threatmodel.toml:9  M015  invalid combination runtime=rust vmm=fc: only Go drives Firecracker; "
        "the rule is at __init__.py:8",
        'model/threatmodel.toml:11  M014  option runtime cannot be "zzzzzz"; one of go, rust',
    ]


@pytest.mark.slow
def test_what_stands_in_an_unbuilt_configuration_is_not_called_missing(tmp_path: Path) -> None:
    text = OPTIONS.replace(
        "def build(o):\n",
        'VIEW = View("v", name="V", elements=["fc"])\n\ndef build(o):\n    if o.vmm == "fc":\n'
        '        Process("fc", inside=Boundary("b", name="B", privilege="root"))\n',
    )
    manifest = (
        "[configurations.a]\noptions = {}\n[configurations.b]\noptions = { vmm = 'fc', runtime = 'rust' }\n"
    )
    found = check_model(tmp_path, {"__init__.py": text, "threatmodel.toml": manifest})
    assert [line.split("  ")[1] for line in found] == ["M015"]
    mended = manifest.replace("fc", "qemu")
    found = check_model(tmp_path, {"__init__.py": text, "threatmodel.toml": mended})
    assert [line.split("  ")[1] for line in found] == ["M016"]


@pytest.mark.slow
def test_an_option_of_a_model_without_options(tmp_path: Path) -> None:
    manifest = "[configurations.a]\noptions = { vmm = 'fc' }\n"
    assert check_model(tmp_path, {"__init__.py": HEAD + MODEL, "threatmodel.toml": manifest}) == [
        'model/threatmodel.toml:1  M014  no option "vmm"; the model has none; write options = {}'
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "line"), [("", 4), ("a, b", 4), ("*, o", 4)])
def test_build_takes_one_argument(tmp_path: Path, arguments: str, line: int) -> None:
    text = HEAD.replace("def build(o)", f"def build({arguments})") + MODEL
    (found,) = check_model(tmp_path, {"__init__.py": text})
    assert found.startswith(f"model/__init__.py:{line}  ")
    assert found.endswith("build must take one argument, the options; write def build(options):")


@pytest.mark.slow
def test_a_default_must_be_one_of_the_values(tmp_path: Path) -> None:
    text = OPTIONS.replace('= "go"', '= "goo"', 1)
    assert check_model(tmp_path, {"__init__.py": text}) == [
        'model/__init__.py:4  M014  option runtime cannot be "goo", its default; did you mean "go"?'
    ]


def test_a_small_model(tmp_path: Path) -> None:
    text = HEAD.replace('"requests"', '"requests", data=[VOLUMES], controls=[SANDBOX], port=80') + MODEL
    root = write(tmp_path, {"__init__.py": text.replace("def build", f"{DECLARED}def build")})
    loaded = load_model(root, "shown", load_vocabulary())
    (system,) = loaded.project.systems
    flow = system.flows[0]
    assert loaded.warnings == ()
    assert (flow.source, flow.target, flow.port, flow.data) == ("shim", "agent", "80", ("volumes",))
    assert [element.boundary for element in system.elements] == ["host", "host"]
    assert str(flow.place) == "__init__.py:13"
