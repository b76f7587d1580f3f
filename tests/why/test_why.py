"""The table of adopters' questions: what is wrong is told with its line, and every cell says what it rests on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from collateral.advisories import load_advisories
from collateral.bundle.exports import schema
from collateral.why import Cell, Why, load_why, other_ids, read_why, why_schema
from collateral.why.files import WhyFile, why_file
from tests.cli.harness import Cli
from tests.collateral.support import SOURCE, assessment, make_workspace, read_json, write_files
from tests.models.outside import source
from threatmodel.core.errors import InvalidInput
from threatmodel.core.plain import to_plain
from threatmodel.load import Loaded, load_model
from threatmodel.rules import load_packs, load_vocabulary

pytestmark = pytest.mark.slow

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


@pytest.mark.parametrize(
    ("columns", "rows", "said"),
    [
        ("ab", {"one": "a"}, 'w.yaml:5  D040  "one" has no cell for the column "b"'),
        ("a", {"one": "aa"}, 'w.yaml:9  D043  "a" stands twice in "one"'),
        ("aa", {"one": "a"}, 'w.yaml:3  D043  "a" stands twice'),
    ],
)
def test_each_question_has_one_cell_for_each_column(
    tiny: Loaded, columns: str, rows: dict[str, str], said: str
) -> None:
    assert said in refused(tiny, table(columns, rows))


def test_a_question_stands_once(tiny: Loaded) -> None:
    twice = TABLE + TABLE[TABLE.index("  - id: one") :]
    assert 'w.yaml:9  D043  "one" stands twice' in refused(tiny, twice)


def test_all_mistakes_are_told_at_once_in_the_order_of_lines(tiny: Loaded) -> None:
    text = table("ab", {"one": "ab", "two": "ba"}).replace("element:service", "flow:T9")
    told = refused(tiny, text).splitlines()
    assert [line.split()[:2] for line in told] == [[f"w.yaml:{n}", "D043"] for n in (8, 9, 13, 14)]


def test_cells_come_in_the_order_of_the_columns(tiny: Loaded) -> None:
    found = read_why(table("ab", {"one": "ba"}).encode(), "w.yaml", tiny.project)
    assert [cell.column for cell in found.rows[0].cells] == ["a", "b"]


@pytest.mark.parametrize(
    ("as_of", "good"),
    [
        ("2026-01-01", True),
        ("runc 1.5.1", True),
        ("Kata Containers v4.1.0", True),
        ("runc", False),
        ("1.5.1", False),
    ],
)
def test_as_of_is_a_date_or_a_product_with_its_release(tiny: Loaded, as_of: str, good: bool) -> None:
    text = TABLE.replace("as_of: 2026-01-01", f"as_of: '{as_of}'")
    if good:
        assert read_why(text.encode(), "w.yaml", tiny.project).rows[0].cells[0].as_of == as_of
    else:
        assert "w.yaml:8  D042  as_of" in refused(tiny, text)


def table(columns: str, rows: dict[str, str]) -> str:
    """A table with these columns, and in each row a cell for each letter."""
    listed = "".join(f"{{id: {c}, name: N, about: x}}, " for c in columns)
    text = f"title: T\nnotice: N\ncolumns: [{listed}]\nrows:\n"
    for id_, cells in rows.items():
        text += f"  - id: {id_}\n    question: Which?\n    cells:\n"
        text += "".join(f"      - {CELL.replace('column: a', f'column: {c}')}\n" for c in cells)
    return text


def refused(tiny: Loaded, text: str) -> str:
    """What is said of a table that is wrong."""
    with pytest.raises(InvalidInput) as caught:
        read_why(text.encode(), "w.yaml", tiny.project)
    return "\n".join(found.render() for found in caught.value.diagnostics)


@pytest.fixture(scope="module")
def kata() -> Loaded:
    return load_model(KATA, "models/kata", load_vocabulary())


@pytest.fixture(scope="module")
def shipped(kata: Loaded) -> Why:
    rules = load_packs(kata.manifest.packs, load_vocabulary())
    advisories = load_advisories(KATA, kata.project)
    found = load_why(KATA, kata.project, "models/kata", other_ids(kata.project, rules, advisories))
    assert found is not None
    return found


def cells_of(why: Why, column: str) -> list[Cell]:
    return [cell for row in why.rows for cell in row.cells if cell.column == column]


def test_the_table_of_kata_is_valid_by_reader_and_schema(shipped: Why) -> None:
    plain = json.loads(json.dumps(yaml.safe_load((KATA / "why.yaml").read_bytes()), default=str))
    jsonschema.Draft202012Validator(why_schema()).validate(plain)
    assert [column.id for column in shipped.columns] == ["runc", "kata", "gvisor"]
    assert len(shipped.rows) == 12


def test_each_cell_has_evidence_or_says_that_there_is_none(shipped: Why) -> None:
    for row in shipped.rows:
        for cell in row.cells:
            assert all((cell.claim, cell.scope, cell.as_of)), row.id
            assert bool(cell.evidence) != bool(cell.no_evidence), (row.id, cell.column)


def test_only_kata_is_told_by_things_of_its_model(shipped: Why) -> None:
    for cell in (*cells_of(shipped, "gvisor"), *cells_of(shipped, "runc")):
        assert all(item.named is None for item in (*cell.evidence, *cell.counter_evidence))


def test_each_answer_of_kata_names_what_speaks_against_it(shipped: Why) -> None:
    assert [cell.claim for cell in cells_of(shipped, "kata") if not cell.counter_evidence] == []


def test_advisories_and_weak_defaults_stand_against_kata(shipped: Why, kata: Loaded) -> None:
    against = [item for cell in cells_of(shipped, "kata") for item in cell.counter_evidence]
    named = {id_ for kind, id_ in (item.named or ("", "") for item in against) if kind == "advisory"}
    late = {a.id for a in load_advisories(KATA, kata.project) if a.published >= "2025"}
    assert late - named == set()
    said = " ".join(item.says for item in against)
    for default in (
        "DEFDISABLEGUESTSECCOMP",
        "DEFDISABLEGUESTSELINUX",
        "DEFSECCOMPSANDBOXPARAM",
        "rootless is false",
    ):
        assert default in said, default


@pytest.mark.parametrize(
    ("variable", "tag", "address"),
    [
        ("KATA_SOURCE", "4.1.0", "https://github.com/kata-containers/kata-containers/blob/4.1.0/"),
        ("RUNC_SOURCE", "v1.5.1", "https://github.com/opencontainers/runc/blob/v1.5.1/"),
    ],
)
def test_files_that_the_table_points_to_are_in_the_source(
    shipped: Why, tmp_path: Path, variable: str, tag: str, address: str
) -> None:
    cells = [cell for row in shipped.rows for cell in row.cells]
    refs = {item.ref for cell in cells for item in (*cell.evidence, *cell.counter_evidence)}
    paths = {ref.removeprefix(address) for ref in refs if ref.startswith(address)}
    assert len(paths) >= 4
    with source(variable, tag, tmp_path) as tree:
        assert paths - set(tree.paths()) == set()


def test_the_cves_of_runc_are_all_that_its_changelog_names(shipped: Why, tmp_path: Path) -> None:
    (row,) = [row for row in shipped.rows if row.id == "known-advisories"]
    (said,) = [item.says for item in row.cells[0].evidence if item.ref.endswith("/CHANGELOG.md")]
    with source("RUNC_SOURCE", "v1.5.1", tmp_path) as tree:
        changelog = tree.read("CHANGELOG.md").decode()
    assert set(re.findall(r"CVE-\d+-\d+", said)) == set(re.findall(r"CVE-\d+-\d+", changelog))


def test_the_weak_defaults_are_those_of_the_source(tmp_path: Path) -> None:
    with source("KATA_SOURCE", "4.1.0", tmp_path) as tree:
        rust = tree.read("src/runtime-rs/Makefile").decode()
        template = tree.read("src/runtime-rs/config/configuration-qemu-runtime-rs.toml.in").decode()
    for line in (
        "DEFDISABLEGUESTSECCOMP := true",
        "DEFDISABLEGUESTSELINUX := true",
        'DEFSECCOMPSANDBOXPARAM := ""',
    ):
        assert line in rust
    assert "\nrootless = false\n" in template


def test_the_file_of_a_bundle_has_its_schema_and_the_states(tiny: Loaded, tmp_path: Path) -> None:
    text = TABLE.replace("element:service", "control:caller-tokens")
    found = read_why(text.encode(), "w.yaml", tiny.project)
    tree = write_files(tmp_path, SOURCE)
    value = json.loads(json.dumps(to_plain(why_file(assessment(tiny, tree), found, ()))))
    jsonschema.Draft202012Validator(schema("why", WhyFile)).validate(value)
    (evidence,) = value["rows"][0]["cells"][0]["evidence"]
    assert (evidence["kind"], evidence["name"]) == ("control", "Every caller shows a token")
    assert evidence["states"] == {"guarded": "verified"}


@pytest.mark.bundle
@pytest.mark.parametrize("has", [True, False])
def test_a_bundle_has_the_table_where_the_model_has_it(cli: Cli, tmp_path: Path, has: bool) -> None:
    make_workspace(tmp_path)
    if has:
        (tmp_path / "model/why.yaml").write_text(TABLE, encoding="utf-8")
        manifest = tmp_path / "model/threatmodel.toml"
        manifest.write_text(
            manifest.read_text("utf-8").replace("[project]", '[project]\nshort = "tiny"'), "utf-8"
        )
    said = cli.at(tmp_path)("build", "model", "-o", "out", "--no-scan")
    assert said.code == 3, said.err
    bundle = tmp_path / "out/tiny-1.0"
    rows = {row["path"]: row["schema"] for row in read_json(bundle / "manifest.json")["files"]}
    assert rows.get("data/why.json") == ("schemas/why.schema.json" if has else None)
    page = (bundle / "index.html").read_text("utf-8")
    assert ("data/why.json" in page) is has
    documents = {
        path
        for path in rows
        if path in ("pdf/why.pdf", "pdf/why-tiny.pdf", "pdf/101.pdf", "pdf/tiny-101.pdf")
    }
    assert documents == ({"pdf/why-tiny.pdf", "pdf/tiny-101.pdf"} if has else {"pdf/101.pdf"})
    assert all(path in page for path in documents)
    assert ("pdf/why" in page) is has


@pytest.mark.bundle
def test_a_table_that_names_what_is_not_there_stops_the_build(cli: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path)
    (tmp_path / "model/why.yaml").write_text(
        TABLE.replace("element:service", "threat:X-1@T1"), encoding="utf-8"
    )
    said = cli.at(tmp_path)("build", "model", "-o", "out", "--no-scan")
    assert said.code == 4
    assert 'D043  the model has no threat "X-1@T1"' in said.err
    assert not (tmp_path / "out").exists()
