"""The table of adopters' questions: what is wrong is told with its line, and every cell says what it rests on."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from collateral.bundle.exports import schema
from collateral.why import load_why, other_ids, read_why, why_schema
from collateral.why.files import WhyFile, why_file
from tests.collateral.support import assessment, make_workspace
from threatmodel.core.errors import InvalidInput
from threatmodel.core.plain import to_plain
from threatmodel.load import Loaded, load_model
from threatmodel.rules import load_packs, load_vocabulary

KATA = Path(__file__).parents[2] / "models/kata"
CELL = "{column: a, claim: It holds, scope: Everywhere, as_of: 2026-01-01, evidence: [{ref: 'element:service', says: x}]}"
TABLE = f"""\
title: T
notice: N
columns: [{{id: a, name: A, about: x}}]
rows:
  - id: one
    question: Which?
    cells:
      - {CELL}
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    root = tmp_path_factory.mktemp("why")
    make_workspace(root, source=False)
    return load_model(root / "model", "model", load_vocabulary())


def test_a_table_is_read_with_places(tiny: Loaded) -> None:
    found = read_why(TABLE.encode(), "w.yaml", tiny.project)
    (cell,) = found.rows[0].cells
    assert (cell.claim, str(cell.evidence[0].place)) == ("It holds", "w.yaml:8")
    assert cell.evidence[0].named == ("element", "service")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("element:service", "element:servce", 'w.yaml:8  D043  the model has no element "servce"; did you mean'),
        ("element:service", "elemnt:service", "w.yaml:8  D042"),
        ("element:service", "https://localhost/x", "w.yaml:8  D042"),
        ("element:service", "threat:IPC-999@T1", 'D043  the model has no threat "IPC-999@T1"'),
        ("element:service", "advisory:CVE-2026-1", "D043"),
        ("2026-01-01", "lately", "D042"),
        ("column: a", "column: b", 'D043  there is no column "b"'),
        ("id: one", "id: 'o ne'", "D042"),
        (", evidence: [{ref: 'element:service', says: x}]", "", "D040  a cell without evidence"),
        ("scope: Everywhere, ", "", 'D040  "scope" is missing'),
        ("claim:", "clam:", 'D041  unknown key "clam"; did you mean "claim"?'),
        ("says: x}]", "says: x}], no_evidence: none", "D040  no_evidence beside evidence"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tiny: Loaded, old: str, new: str, said: str) -> None:
    rules = load_packs(tiny.manifest.packs, load_vocabulary())
    with pytest.raises(InvalidInput) as caught:
        read_why(TABLE.replace(old, new).encode(), "w.yaml", tiny.project, other_ids(tiny.project, rules, ()))
    assert said in str(caught.value)


def test_a_threat_of_the_model_may_be_named(tiny: Loaded) -> None:
    rules = load_packs(tiny.manifest.packs, load_vocabulary())
    text = TABLE.replace("element:service", "threat:CORE-001@T1")
    found = read_why(text.encode(), "w.yaml", tiny.project, other_ids(tiny.project, rules, ()))
    assert found.rows[0].cells[0].evidence[0].named == ("threat", "CORE-001@T1")


@pytest.fixture(scope="module")
def kata() -> Loaded:
    return load_model(KATA, "models/kata", load_vocabulary())


def test_the_table_of_kata_is_valid_by_reader_and_schema(kata: Loaded) -> None:
    plain = json.loads(json.dumps(yaml.safe_load((KATA / "why.yaml").read_bytes()), default=str))
    jsonschema.Draft202012Validator(why_schema()).validate(plain)
    rules = load_packs(kata.manifest.packs, load_vocabulary())
    others = other_ids(kata.project, rules, ())
    del others["advisory"]
    found = load_why(KATA, kata.project, "models/kata", others)
    assert found is not None
    assert [column.id for column in found.columns] == ["runc", "kata", "gvisor"]
    for row in found.rows:
        for cell in row.cells:
            assert cell.evidence or cell.no_evidence
            if cell.column == "gvisor":
                assert all(item.named is None for item in (*cell.evidence, *cell.counter_evidence))


def test_weak_defaults_and_advisories_stand_against_kata() -> None:
    text = (KATA / "why.yaml").read_text("utf-8")
    counter = [
        item["ref"]
        for row in yaml.safe_load(text)["rows"]
        for cell in row["cells"]
        if cell["column"] == "kata"
        for item in cell.get("counter_evidence", ())
    ]
    assert sum(ref.startswith("advisory:") for ref in counter) >= 3
    assert sum(ref.startswith("threat:") for ref in counter) >= 3


def test_the_file_of_a_bundle_has_its_schema(tiny: Loaded) -> None:
    found = read_why(TABLE.encode(), "w.yaml", tiny.project)
    value = json.loads(json.dumps(to_plain(why_file(assessment(tiny), found, ()))))
    jsonschema.Draft202012Validator(schema("why", WhyFile)).validate(value)
