"""The documents say what is: paths exist, tables equal the code, the example model loads."""

from __future__ import annotations

import datetime
import io
import re
import tomllib
from pathlib import Path

import pytest

from collateral.cli.main import COMMANDS, main, make_parser
from collateral.cli.surroundings import Surroundings
from threatmodel import dsl
from threatmodel.analysis import STATUSES, analyse, read_dispositions
from threatmodel.core.errors import Exit
from threatmodel.dsl import claims
from threatmodel.load import Loaded, load_model
from threatmodel.rules import PACKS, load_packs, load_vocabulary
from threatmodel.rules.language import _FUNCTIONS, _PLAIN
from threatmodel.rules.reader import KEYS
from threatmodel.system import STRIDE

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RECORDS = sorted((DOCS / "decisions").glob("*.md"))
TOP = [ROOT / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING", "SECURITY", "CHANGELOG")]
TEXTS = [*TOP, ROOT / "ci/README.md", *sorted(DOCS.glob("*.md")), *RECORDS]

# First parts of paths that lie in the repository; other words in backticks with a slash are no such paths.
_FOLDERS = {".ci", "ci", "collateral", "docs", "models", "requirements", "scanners", "tests", "threatmodel"}
# Written in short form: relative to the section's folder, or made by a build.
_MADE = re.compile(r"build/.*|\.venv(-scanners)?(/.*)?")
_PATH = re.compile(r"[A-Za-z0-9_.*<>{}\[\]-]+(?:/[A-Za-z0-9_.*<>{}\[\]-]+)*/?")
_CODE = re.compile(r"""["']([A-Z]\d{3})(?=["' ])""")
_WORD_CODE = re.compile(r"""(?:code=|unavailable\(\s*|usage\(\s*)["']([a-z]+(?:-[a-z]+)+)["']""")


def _read(path: Path) -> str:
    return path.read_text("utf-8")


def _prose(path: Path) -> str:
    """The text without fenced blocks."""
    return re.sub(r"```.*?```", "", _read(path), flags=re.DOTALL)


def _block(path: Path, language: str) -> str:
    """The first fenced block in the language."""
    found = re.search(rf"```{language}\n(.*?)```", _read(path), flags=re.DOTALL)
    assert found is not None
    return found[1]


def _rows(path: Path) -> list[list[str]]:
    lines = [line for line in _read(path).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def _named_paths(path: Path) -> set[str]:
    words = re.findall(r"`([^`\n]+)`", _prose(path))
    paths = {word for word in words if _PATH.fullmatch(word) and not _MADE.fullmatch(word)}
    return {word for word in paths if word.split("/")[0] in _FOLDERS and "/" in word}


def _exists(named: str) -> bool:
    glob = re.sub(r"<[^>]+>", "*", named).rstrip("/")
    return any(ROOT.glob(glob))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_named_path_exists(path: Path) -> None:
    missing = sorted(named for named in _named_paths(path) if not _exists(named))
    assert missing == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_named_document_exists(path: Path) -> None:
    named = re.findall(r"`((?:docs/|docs/decisions/)?[A-Za-z0-9-]+\.md|LICENSE)`", _prose(path))
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_paths_are_found_in_the_documents() -> None:
    """Guards the two tests above: a pattern that finds nothing would pass them."""
    named = {name for path in TEXTS for name in _named_paths(path)}
    assert {
        "threatmodel/core",
        "models/kata/dispositions.yaml",
        "requirements/run.in",
        "tests/docs/test_docs.py",
    } <= named


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_text_has_no_tabs_trailing_blanks_or_unclosed_blocks(path: Path) -> None:
    text = _read(path)
    assert text.endswith("\n")
    assert "\t" not in text
    assert text.count("```") % 2 == 0
    assert [n for n, line in enumerate(text.splitlines(), 1) if line != line.rstrip()] == []


def test_exit_codes_are_those_of_the_program() -> None:
    rows = {row[0]: row[1] for row in _rows(DOCS / "exit-codes.md") if row[0].isdigit()}
    assert rows == {str(int(code)): code.name for code in Exit}


def test_exit_codes_of_readme_are_those_that_the_help_names() -> None:
    rows = {row[0]: row[1] for row in _rows(ROOT / "README.md") if row[0].isdigit()}
    helped = dict(re.findall(r"^  (\d+) +(.+)$", make_parser().format_help(), flags=re.MULTILINE))
    assert set(rows) == set(helped)
    assert {code: text for code, text in rows.items() if helped[code] != text} == {}


def _codes_in_source() -> set[str]:
    found: set[str] = set()
    for package in ("threatmodel", "scanners", "collateral"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "rulepacks" not in path.parts:
                text = _read(path)
                found |= {*_CODE.findall(text), *_WORD_CODE.findall(text)}
    return found - {"G101", "G204", "S102"}  # rules of gosec and ruff


def test_every_diagnostic_code_is_documented_and_every_documented_code_exists() -> None:
    codes = [
        row[0]
        for row in _rows(DOCS / "exit-codes.md")
        if re.fullmatch(r"[A-Z]\d{3}|[a-z]+(-[a-z]+)+", row[0])
    ]
    assert sorted(codes) == sorted(set(codes))
    assert set(codes) == _codes_in_source()


def test_every_command_is_in_readme_and_changelog() -> None:
    readme = _read(ROOT / "README.md")
    assert [name for name in COMMANDS if f"$ threatmodel {name}" not in readme] == []
    assert [name for name in COMMANDS if f"`{name}`" not in _read(ROOT / "CHANGELOG.md")] == []


def test_readme_names_no_command_that_there_is_not() -> None:
    named = set(re.findall(r"^\$ threatmodel ([a-z]+)", _read(ROOT / "README.md"), flags=re.MULTILINE))
    assert named == set(COMMANDS)


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", _read(ROOT / "Makefile"), flags=re.MULTILINE))
    named = {name for path in TEXTS for name in re.findall(r"`make ([a-z-]+)", _read(path))}
    assert {"bundle", "test"} <= named
    assert named <= targets


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "upload"
    folder.mkdir()
    text = DOCS / "model-authors.md"
    (folder / "__init__.py").write_text(_block(text, "python"), encoding="utf-8")
    (folder / "threatmodel.toml").write_text(_block(text, "toml"), encoding="utf-8")
    return folder


@pytest.fixture(name="example", scope="module")
def _example(folder: Path) -> Loaded:
    return load_model(folder, "upload", load_vocabulary())


def test_example_model_loads_without_a_warning(example: Loaded) -> None:
    assert example.warnings == ()
    assert [system.configuration.name for system in example.project.systems] == ["separate", "built-in"]


@pytest.mark.slow
def test_example_output_is_that_of_the_program(folder: Path) -> None:
    out = io.StringIO()
    around = Surroundings(
        environ={},
        cwd=folder.parent,
        now=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        stdout=out,
        stderr=io.StringIO(),
    )
    assert main(["check", "upload"], around) == Exit.CLEAN
    assert out.getvalue() == _block(DOCS / "model-authors.md", "text")


def test_example_disposition_decides_a_threat_of_the_example(example: Loaded) -> None:
    data = _block(DOCS / "model-authors.md", "yaml").encode()
    decisions = read_dispositions(data, "dispositions.yaml")
    rules = load_packs(example.manifest.packs, load_vocabulary())
    threats = analyse(example.project, rules, dispositions=decisions, as_of=datetime.date(2026, 1, 1))
    statuses = {threat.id: threat.by_configuration["separate"].status for threat in threats}
    assert [statuses[decision.threat] for decision in decisions] == ["accepted"]


def test_every_kind_of_claim_is_documented() -> None:
    text = _read(DOCS / "claims.md")
    functions = [
        name for name in dsl.__all__ if getattr(getattr(dsl, name), "__module__", "") == claims.__name__
    ]
    assert "absent" in functions
    assert [name for name in functions if f"`{name}(" not in text] == []


def test_rule_format_is_documented_whole() -> None:
    text = _read(DOCS / "rules.md")
    words = {*KEYS, *PACKS, *STRIDE, *(name for names in _PLAIN.values() for name in names)}
    assert sorted(word for word in words if f"`{word}`" not in text) == []
    assert sorted(name for name in _FUNCTIONS if not re.search(rf"`{name}[`(]", text)) == []
    rows = {name.strip() for row in _rows(DOCS / "rules.md") for name in row[0].split(",")}
    assert set(STATUSES) <= rows


def test_rule_example_is_part_of_the_rule() -> None:
    rule = _read(ROOT / "threatmodel/rules/packs/virtualisation/VIRT-007.yaml")
    assert rule.startswith(_block(DOCS / "rules.md", "yaml"))


def test_decision_records_are_numbered_without_gaps() -> None:
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name)
def test_decision_record_has_its_sections_and_names_what_it_costs(path: Path) -> None:
    text = _read(path)
    assert text.startswith(f"# {path.name[:4]} ")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == ["Context", "Decision", "Consequences"]
    good, _, bad = text.partition("## Consequences")[2].partition("Bad:\n")
    assert re.search(r"^Good:$", good, flags=re.MULTILINE)
    assert re.search(r"^- \S", bad, flags=re.MULTILINE)


def test_every_direct_dependency_has_a_reason() -> None:
    listed = {row[0].lower(): row[1] for row in _rows(DOCS / "decisions/0002-dependencies.md")}
    direct: dict[str, str] = {}
    for path in sorted((ROOT / "requirements").glob("*.in")):
        for line in _read(path).splitlines():
            name = re.match(r"[A-Za-z0-9_.-]+", line)
            if name and not line.startswith(("-", "#")):
                key = name[0].lower()
                direct[key] = f"{direct[key]}, {path.stem}" if key in direct else path.stem
    direct |= {path.parent.name: "jar" for path in (ROOT / "requirements").glob("*/pom.xml")}
    del listed["package"], listed["---"]
    assert listed == direct


def test_changelog_names_the_version_of_the_package() -> None:
    version = tomllib.loads(_read(ROOT / "pyproject.toml"))["project"]["version"]
    assert version in _read(ROOT / "CHANGELOG.md")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_text_names_no_path_of_a_machine(path: Path) -> None:
    assert re.findall(r"(?<![\w.`/])/(?:home|root|tmp|work|Users)/\S*", _read(path)) == []
