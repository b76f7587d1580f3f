"""`extracts.yaml`: what it takes, what it refuses and where."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from collateral.drift import extracts_schema, load_extracts, read_extracts
from tests.collateral.support import load_tiny
from threatmodel.core.errors import InvalidInput
from threatmodel.system import Project

GOOD = """\
extracts:
  - id: calls
    kind: rpc
    paths: ["api/*.proto"]
    belongs_to: [service, T1]
    operations_of: [T1, "T1*"]
  - id: names
    kind: constants
    paths: [src/names.go]
    belongs_to: [service]
    pattern: x\\..*
  - id: keys
    kind: toml-keys
    paths: ["config/*.toml.in"]
    belongs_to: [store]
    without: [hypervisor]
  - id: pins
    kind: pins
    paths: [versions.yaml]
    belongs_to: [store]
    keys: [version]
  - id: flows
    kind: workflows
    paths: [".github/workflows/*.yaml"]
    belongs_to: [store]
"""
MORE = (
    GOOD
    + """\
  - id: rules
    kind: policy
    paths: ["policy/*.rego"]
    lookup: ["api/*.proto"]
    belongs_to: [service]
  - id: owners
    kind: codeowners
    paths: [CODEOWNERS]
    belongs_to: [store]
  - id: checks
    kind: guards
    paths: [src/rpc.rs]
    implements: [Service]
    gates: [is_allowed]
    belongs_to: [service]
  - id: gated
    kind: gated-keys
    paths: [src/keys.go]
    pattern: k\\..*
    gates: [allowed]
    checks: check.*
    belongs_to: [service]
  - id: handlers
    kind: implementations
    paths: ["src/*.rs"]
    implements: [Handler]
    returns: driver_types
    registry: HANDLERS
    pattern: \\w+Handler
    known: ["HANDLERS: *"]
    belongs_to: [service]
  - id: options
    kind: arguments
    paths: ["src/*.rs"]
    pattern: --.*
    belongs_to: [service]
"""
)


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return load_tiny(tmp_path_factory.mktemp("drift")).project


def test_a_good_file(project: Project, tmp_path: Path) -> None:
    read = read_extracts(MORE.encode(), "extracts.yaml", project)
    assert [source.id for source in read.extracts] == [
        *(
            "calls",
            "names",
            "keys",
            "pins",
            "flows",
            "rules",
            "owners",
            "checks",
            "gated",
            "handlers",
            "options",
        )
    ]
    assert str(read.extracts[1].place) == "extracts.yaml:7"
    assert read.extracts[5].spec.lookup == ("api/*.proto",)
    handlers = read.extracts[9].spec
    assert (handlers.implements, handlers.returns, handlers.registry) == (
        ("Handler",),
        "driver_types",
        "HANDLERS",
    )
    assert (read.extracts[8].spec.gates, read.extracts[8].spec.checks) == (("allowed",), "check.*")
    jsonschema.Draft202012Validator(extracts_schema()).validate(yaml.safe_load(MORE))
    assert load_extracts(tmp_path, project) is None


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "message"),
    [
        ("kind: rpc", "kind: rcp", "D041", 3, '"kind" has another word'),
        ("    belongs_to: [service, T1]\n", "", "D040", 2, '"belongs_to" is missing'),
        ("belongs_to: [service, T1]", "belongs_to: []", "D040", 5, '"belongs_to" is empty'),
        ("[service, T1]", "[service, T9]", "D043", 5, 'belongs_to: the model has no "T9"'),
        ("id: names", "id: calls", "D043", 7, '"calls" stands twice'),
        ('"T1*"', '"T9*"', "D043", 6, 'the model has no flow "T9*"'),
        ("kind: pins", "kind: workflows", "D048", 21, '"keys" says nothing for workflows'),
        ("    pattern: x\\..*\n", "", "D048", 7, '"pattern" is missing'),
        ("x\\..*", "x(", "D048", 11, "pattern is malformed"),
        ('    lookup: ["api/*.proto"]\n', "", "D048", 26, '"lookup" is missing'),
        (
            "paths: [CODEOWNERS]",
            "paths: [CODEOWNERS]\n    lookup: [x]",
            "D048",
            34,
            "says nothing for codeowners",
        ),
        ('lookup: ["api/*.proto"]', 'lookup: ["api/{"]', "D048", 29, "unbalanced brace"),
        ("    implements: [Service]\n", "", "D048", 35, '"implements" is missing'),
        ("    gates: [is_allowed]\n", "", "D048", 35, '"gates" is missing'),
        ("[is_allowed]", '["is allowed"]', "D042", 39, "is not the name of a function"),
        ("checks: check.*", "checks: check(", "D048", 46, "checks is malformed"),
        ("    pattern: \\w+Handler\n", "", "D048", 48, '"pattern" is missing'),
        ('"HANDLERS: *"', '"HANDLERS: {"', "D048", 55, "unbalanced brace"),
        (
            "without: [hypervisor]",
            "without: [hypervisor]\n    given: [A=1]",
            "D048",
            17,
            "without a makefile",
        ),
        ("without: [hypervisor]", "makefile: M\n    given: [A]", "D042", 17, "is not a variable"),
        ("without: [hypervisor]", "makefile: ../M", "D042", 16, "is not a path"),
        ("    pattern: --.*\n", "", "D048", 57, '"pattern" is missing'),
        ("pattern: --.*", "pattern: --.*\n    registry: X", "D048", 61, "says nothing for arguments"),
        ('"api/*.proto"', '"api/{a"', "D048", 4, "unbalanced brace"),
        ('"api/*.proto"', "/etc/passwd", "D042", 4, "is not a glob of relative paths"),
        ("paths: [versions.yaml]", "paths: [versions.yaml]\n    odd: 1", "D041", 20, 'unknown key "odd"'),
    ],
)
def test_a_bad_file(project: Project, old: str, new: str, code: str, line: int, message: str) -> None:
    assert old in MORE
    with pytest.raises(InvalidInput) as error:
        read_extracts(MORE.replace(old, new, 1).encode(), "extracts.yaml", project)
    found = [(d.code, d.place.line if d.place else 0) for d in error.value.diagnostics]
    assert (code, line) in found
    assert any(message in d.message for d in error.value.diagnostics)


def test_nothing_to_extract(project: Project) -> None:
    with pytest.raises(InvalidInput, match="nothing is extracted"):
        read_extracts(b"extracts: []\n", "extracts.yaml", project)
