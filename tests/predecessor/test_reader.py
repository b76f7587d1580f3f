"""`predecessor.yaml`: what it takes, what it refuses and where, and that the schema says the same."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from collateral.predecessor import answers, load_predecessor, predecessor_schema, read_predecessor
from collateral.predecessor.files import predecessor_file
from tests.collateral.support import assessment, load_tiny
from threatmodel.core.errors import InvalidInput
from threatmodel.system import Project

GOOD = """\
document:
  title: Old model
  path: docs/threats.md
  release: "1.0"
  source: https://example.org/threats.md
statements:
  - id: T-1
    line: 3
    says: Callers are known.
    verdict: stale
    note: They show a token now.
    seen: [app/service.py:1]
    answered_by: [service, T1, host, caller-tokens, CORE-001@T1]
  - id: T-2
    line: 9
    says: The moon is far.
    verdict: external
    note: Not ours.
    nothing: The model is about software.
"""
NOTHING = "    nothing: The model is about software.\n"


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return load_tiny(tmp_path_factory.mktemp("predecessor")).project


def problems(text: str, project: Project, threats: set[str] | None = None) -> list[str]:
    try:
        read_predecessor(text.encode(), "p.yaml", project, threats)
    except InvalidInput as error:
        return [found.render() for found in error.diagnostics]
    return []


def test_a_good_file(project: Project) -> None:
    record = read_predecessor(GOOD.encode(), "p.yaml", project)
    assert [str(found.place) for found in record.statements] == ["p.yaml:7", "p.yaml:14"]
    assert record.unanswered == ("T-2",)
    jsonschema.Draft202012Validator(predecessor_schema()).validate(yaml.safe_load(GOOD))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("says: Callers", "sais: Callers", 'p.yaml:9  D041  unknown key "sais"; did you mean "says"?'),
        ("verdict: stale", "verdict: old", 'p.yaml:10  D041  "verdict" has another word; one of '),
        ("line: 3", "line: 0", "p.yaml:8  D042  line 0 is not a line; the first is 1"),
        ("line: 3", "line: three", 'p.yaml:8  D040  "line" must be '),
        ("id: T-2", "id: T-1", 'p.yaml:14  D043  "T-1" stands twice'),
        (
            "[service",
            "[servise",
            'p.yaml:13  D043  answered_by: the model has no "servise"; did you mean "service"',
        ),
        ("[service, T1", "[T1, T1", "p.yaml:13  D043  an id stands twice"),
        ("CORE-001@T1", "CORE-001@T9", 'p.yaml:13  D043  answered_by: the model has no "T9"'),
        ("app/service.py:1", "../x", "p.yaml:12  D042  seen '../x' is not a path of the source tree"),
        ("app/service.py:1", "app/../x", "p.yaml:12  D042  seen 'app/../x' is not a path of the source tree"),
        ("app/service.py:1", "/etc/x", "p.yaml:12  D042  seen '/etc/x' is not a path of the source tree"),
        ("app/service.py:1", "x:0", "p.yaml:12  D042  seen 'x:0' is not a path of the source tree"),
        ("https://example.org/threats.md", "a shelf", "p.yaml:5  D042  source is not public"),
        (NOTHING, "", 'p.yaml:14  D040  "T-2" says neither answered_by nor nothing'),
        (NOTHING, f"    answered_by: [T1]\n{NOTHING}", 'p.yaml:14  D040  "T-2" has answered_by and nothing'),
        ("    note: Not ours.\n", "", 'p.yaml:14  D040  "note" is missing'),
    ],
)
def test_each_mistake_has_a_line(project: Project, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1), project)
    assert any(text.startswith(expected) for text in found), found


def test_all_problems_are_told_at_once(project: Project) -> None:
    text = GOOD.replace("service, T1", "nobody, T1").replace("line: 9", "line: -1")
    assert len(problems(text, project)) == 2


def test_a_threat_must_be_one_of_the_model(project: Project) -> None:
    assert problems(GOOD, project, {"CORE-001@T1"}) == []
    (found,) = problems(GOOD, project, {"CORE-001@T3"})
    assert found == (
        'p.yaml:13  D043  answered_by: the model has no "CORE-001@T1"; did you mean "CORE-001@T3"?'
    )


def test_a_model_without_the_file_has_none(project: Project, tmp_path: Path) -> None:
    assert load_predecessor(tmp_path, project) is None


def test_answers_have_kind_name_and_status(tmp_path: Path) -> None:
    a = assessment(load_tiny(tmp_path))
    threat = a.threats[0]
    text = GOOD.replace("CORE-001@T1", threat.id)
    record = read_predecessor(text.encode(), "p.yaml", a.project, {t.id for t in a.threats})
    first, second = answers(record, a.project, a.threats)
    assert [(x.kind, x.name, x.status) for x in first.answers] == [
        ("element", "Service", ""),
        ("flow", "Requests", ""),
        ("boundary", "Host", ""),
        ("control", "Every caller shows a token", ""),
        ("threat", threat.title, threat.status),
    ]
    assert second.answers == ()
    file = predecessor_file(record, a.project, a.threats)
    assert {row.verdict: (row.statements, row.answered) for row in file.verdicts if row.statements} == {
        "stale": (1, 1),
        "external": (1, 0),
    }
