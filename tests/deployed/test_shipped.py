"""The options of shipped configurations beside their templates, filled by a makefile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest

from collateral.bundle.exports import schema
from collateral.deployed import DeployedKeys
from collateral.deployed.keys import GivenVariable, KeyRule, TemplateRule, read_keys
from collateral.deployed.shipped import ShippedConfiguration, check_shipped
from collateral.outputs import ShippedFile
from tests.cli.harness import Cli
from tests.collateral.support import TOML, make_workspace, write_files
from threatmodel.core.errors import InvalidInput
from threatmodel.system import Configuration, OptionSpec, Project, SystemModel

TEMPLATE = """\
[hypervisor.qemu]
# rootless = true
path = "@QEMUPATH@"
rootless = @DEFROOTLESS@
enable_hugepages = false
enable_annotations = @DEFANNOTATIONS@
[runtime]
name = "virt_container"
"""
MAKEFILE = """\
ifeq ($(ARCH),s390x)
DEFROOTLESS := true
else
DEFROOTLESS := false
endif
DEFANNOTATIONS := [\\"a\\", \\"b\\"]
QEMUPATH := $(shell which qemu)
"""
KEYS = DeployedKeys(
    hypervisors={"qemu": "qemu"},
    marks={"rust": ("runtime.name",), "go": ("runtime.old",)},
    known={"rust": ("path name rootless enable_hugepages enable_annotations",), "go": ("old",)},
    rules=(
        KeyRule(option="rootless", key="hypervisor.rootless", values={"true": "on", "false": "off"}),
        KeyRule(option="pages", key="hypervisor.enable_hugepages", values={"true": "on", "false": "off"}),
        KeyRule(option="list", key="hypervisor.enable_annotations", values={"a,b": "both"}, other="other"),
    ),
    templates=(
        TemplateRule(
            files="config/*.toml.in",
            makefile="Makefile",
            given={"ARCH": GivenVariable(option="arch", values={"x86_64": "amd64", "s390x": "s390x"})},
        ),
    ),
)
OPTIONS = {"runtime": "rust", "hypervisor": "qemu", "arch": "x86_64"}
AGREED = {**OPTIONS, "rootless": "off", "pages": "off", "list": "both"}


class Files:
    """A source tree of a few files."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = dict(files)

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def read(self, path: str) -> bytes:
        return self._files[path].encode()


def checked(
    options: Mapping[str, str],
    keys: DeployedKeys = KEYS,
    /,
    *,
    make: str = MAKEFILE,
    template: str = TEMPLATE,
) -> ShippedConfiguration:
    """The configuration `x` beside the template of a tree."""
    configuration = Configuration(name="x", options=options, template="config/x.toml.in")
    system = SystemModel(configuration=configuration, boundaries=(), elements=(), flows=())
    project = Project(id="p", name="P", default_configuration="x", systems=(system,))
    (found,) = check_shipped(project, keys, Files({"Makefile": make, "config/x.toml.in": template}))
    return found


def states(found: ShippedConfiguration) -> dict[str, str]:
    return {row.option: row.state for row in found.options}


def test_options_that_keys_stand_for_are_the_same() -> None:
    found = checked({**AGREED, "debug": "off"})
    assert states(found) == dict.fromkeys(("runtime", "hypervisor", "rootless", "pages", "list"), "same")
    assert found.without_key == ("arch", "debug")
    row = next(row for row in found.options if row.option == "rootless")
    assert (row.origin, row.path, row.line) == ("hypervisor.rootless", "config/x.toml.in", 4)
    assert row.seen == "rootless = @DEFROOTLESS@"


@pytest.mark.parametrize(
    ("changes", "files", "option", "shipped"),
    [
        ({"rootless": "on"}, {}, "rootless", "off"),
        ({"arch": "s390x"}, {}, "rootless", "on"),
        ({"runtime": "go"}, {}, "runtime", "rust"),
        ({}, {"make": MAKEFILE + "DEFROOTLESS := true\n"}, "rootless", "on"),
        ({}, {"template": TEMPLATE.replace("hugepages = false", "hugepages = true")}, "pages", "on"),
        ({}, {"make": MAKEFILE + 'DEFANNOTATIONS += [\\".*\\"]\n'}, "", ""),
    ],
    ids=["model", "architecture", "runtime", "set later", "template", "no longer TOML"],
)
def test_what_differs_is_told(
    changes: dict[str, str], files: dict[str, str], option: str, shipped: str
) -> None:
    found = checked({**AGREED, **changes}, **files)
    if not option:
        assert "line 6" in found.unread
        return
    differing = {row.option: row.shipped for row in found.options if row.state == "differs"}
    assert differing == {option: shipped}


def test_what_the_makefile_does_not_tell_is_not_checked() -> None:
    made = MAKEFILE.replace("DEFROOTLESS := false", "DEFROOTLESS := $(shell id -u)")
    found = checked(AGREED, make=made)
    row = next(row for row in found.options if row.option == "rootless")
    assert (row.state, row.origin) == ("not-checked", "hypervisor.rootless")
    assert "DEFROOTLESS is not known" in row.detail
    assert "Makefile:4" in row.detail
    assert {state for option, state in states(found).items() if option != "rootless"} == {"same"}


def test_a_value_that_is_not_known_is_no_other_value() -> None:
    """`other` stands for any text, not for a variable that nobody filled."""
    made = MAKEFILE.replace('[\\"a\\", \\"b\\"]', "$(shell lists)")
    assert states(checked(AGREED, make=made))["list"] == "not-checked"


@pytest.mark.parametrize(
    ("template", "keys", "why"),
    [
        ("[hypervisor.qemu\n", KEYS, "not TOML"),
        ("[runtime]\nname = 'x'\n", KEYS, "no section"),
        (TEMPLATE, DeployedKeys(hypervisors={}, marks={}, known={}, rules=()), "names no makefile"),
    ],
)
def test_a_template_that_cannot_be_read_is_not_checked(template: str, keys: DeployedKeys, why: str) -> None:
    found = checked(AGREED, keys, template=template)
    assert why in found.unread
    assert found.options == ()


def test_a_template_or_makefile_that_is_not_there_is_not_checked() -> None:
    configuration = Configuration(name="x", options=AGREED, template="config/x.toml.in")
    system = SystemModel(configuration=configuration, boundaries=(), elements=(), flows=())
    project = Project(id="p", name="P", default_configuration="x", systems=(system,))
    (found,) = check_shipped(project, KEYS, Files({}))
    assert found.unread == "the source has no such file"
    (found,) = check_shipped(project, KEYS, Files({"config/x.toml.in": TEMPLATE}))
    assert found.unread == "Makefile: there is no such file"


def test_a_rule_for_templates_names_options_of_the_model() -> None:
    data = b"""
hypervisors: {}
marks: {}
known: {}
rules: []
templates:
  - {files: "*.in", makefile: Makefile, given: {ARCH: {option: arch, values: {z80: z}}, B: {option: b, values: {}}}}
"""
    options = (OptionSpec(name="arch", values=("x86_64",)),)
    project = Project(id="p", name="P", default_configuration="x", options=options)
    with pytest.raises(InvalidInput) as caught:
        read_keys(data, "k.yaml", project)
    assert [d.code for d in caught.value.diagnostics] == ["D046", "D046"]


CLI_KEYS = """\
hypervisors: {}
marks: {}
known: {}
rules:
  - {option: auth, key: runtime.auth, values: {token: token, none: none}}
templates:
  - {files: conf/*.toml.in, makefile: Makefile}
"""


def test_the_command_says_what_differs_and_what_was_not_checked(tmp_path: Path) -> None:
    toml = TOML.replace('auth = "token" }', 'auth = "token" }\ntemplate = "conf/a.toml.in"').replace(
        'auth = "none" }', 'auth = "none" }\ntemplate = "conf/b.toml.in"'
    )
    make_workspace(tmp_path, toml=toml, source=False)
    write_files(
        tmp_path / "source",
        {
            "conf/a.toml.in": '[hypervisor.x]\n[runtime]\nauth = "@AUTH@"\n',
            "Makefile": "AUTH := token\n",
        },
    )
    cli = Cli(cwd=tmp_path)
    asked = ("configurations", "model", "--source", "source")
    assert "U019  model has no configuration-keys.yaml" in cli(*asked).err
    (tmp_path / "model/configuration-keys.yaml").write_text(CLI_KEYS, encoding="utf-8")
    assert "U016" in cli(*asked, "--cover").err
    said = cli(*asked)
    assert (said.code, said.err) == (3, "")
    assert said.out.splitlines() == [
        "guarded: 1 options as conf/a.toml.in has them, 0 differ, 0 not checked; 0 with no key in it",
        "bare: not checked, conf/b.toml.in: the source has no such file",
        "2 configurations against a folder: 1 options the same, 0 differ, 0 not checked; "
        "1 configurations not checked",
    ]
    write_files(
        tmp_path / "source",
        {"conf/b.toml.in": '[hypervisor.x]\n[runtime]\nauth = "@AUTH@"\n'},
    )
    said = cli(*asked)
    assert said.code == 0
    assert '    auth=none  the template says token  conf/b.toml.in:3  auth = "@AUTH@"' in said.out
    data = json.loads(cli(*asked, "--format", "json").out)
    jsonschema.validate(data, schema("shipped", ShippedFile))
    assert [row["options"][0]["state"] for row in data["configurations"]] == ["same", "differs"]
