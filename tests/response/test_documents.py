"""`SECURITY.md`, the document and the command: what is proposed is marked, what is not known is said."""

from __future__ import annotations

import datetime
import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pypdf
import pytest
from markdown_it import MarkdownIt

from collateral.bundle.exports import schema
from collateral.report.ownership_rows import ownership_rows
from collateral.report.pdf.response import render_response
from collateral.report.response import response_view
from collateral.response import Response, read_response
from collateral.response.audit import audit
from collateral.response.files import ResponseFile
from collateral.response.helping import Helping, where_to_help
from collateral.response.ownership import Ownership, PathSet
from collateral.response.rubric import Rubric, make_rubric
from collateral.response.security_md import security_md
from tests.cli.harness import Cli
from tests.report.pdf_view import HOSTILE, UNSHOWABLE, make_view
from threatmodel.claims import check_claims
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.plain import to_plain
from threatmodel.source import GitRefTree

from .support import commit, project
from .test_audit import POLICY
from .test_rubric import OWNERSHIP

pytestmark = pytest.mark.slow

MODELS = Path(__file__).parents[2] / "models"
WHEN = 1_767_312_000
SOURCE = "https://github.com/o/r/blob/" + "a" * 40 + "/SECURITY.md"


def response(name: str = "kata") -> Response:
    return read_response((MODELS / name / "response.yaml").read_bytes(), "response.yaml")


def hostile() -> Response:
    text = json.dumps(f"{HOSTILE} {UNSHOWABLE} " + "x" * 40, ensure_ascii=False)
    long = json.dumps("x" * 1500)
    said = f"{{text: {text}, title: {text}}}"
    lines = [
        f"scope: [{said}]",
        f"supported: {{policy: {said}, releases: [{{release: {text}, supported: true}}]}}",
        f"severity: {{version: {said}, conventions: [{{metric: {text}, text: {text}}}]}}",
        f"roles: [{{id: r, role: {text}, duties: {long}, holders: [{{name: {text}, source: '{SOURCE}'}}]}}]",
        f"targets: [{{step: fix, within: {text}, note: {long}}}]",
        f"intake: {{channels: [{{name: {text}, uri: 'https://example.org/\\']#panic()'}}]}}".replace(
            "\\'", "''"
        ),
    ]
    return read_response("\n".join(lines).encode(), "response.yaml")


def rubrics() -> tuple[Rubric, ...]:
    return tuple(
        make_rubric(project(), (), name, ("The server is patched.",)) for name in ("plain", "confidential")
    )


def helping(said: Response | None, ownership: Ownership | None) -> Helping:
    ledger = check_claims(project(), {}, as_of=datetime.date(2026, 1, 1))
    return where_to_help(project(), "plain", (), ledger, ownership=ownership, response=said)


def rendered(said: Response | None, ownership: Ownership | None = None, why: str = "") -> bytes:
    view = response_view(make_view(), said, rubrics(), ownership, why, helping(said, ownership))
    return render_response(view, timestamp=WHEN)


def words(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(p.extract_text() for p in pages).replace("\u200b", "").split())


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Ownership:
    root = tmp_path_factory.mktemp("owned") / "r"
    odd = "src/" + "deep/" * 30 + "#panic()$x$.rs"
    commit(
        root,
        {"CODEOWNERS": "*.md @o/docs\n/gone @a\n", odd: "", "src/r.md": "", "Makefile": ""},
        author=HOSTILE,
    )
    with GitRefTree(root, "HEAD") as tree:
        return audit(project(), tree, POLICY)


def test_security_md_starts_as_a_draft_and_marks_what_is_proposed() -> None:
    said = response()
    text = security_md(said, rubrics()[0], project="Demo", release="1", adopted=False).decode()
    assert text.splitlines()[0].startswith("> Draft, proposed:")
    lines = text.splitlines()
    assert any("14 calendar days" in line and "blob/4.1.0/SECURITY.md" in line for line in lines)
    for item in (*said.scope, *said.embargo.rules, *said.rubric.exclusions):
        (line,) = [line for line in lines if item.text[:40] in line]
        assert ("*(proposed)*" in line) is item.proposed
    assert any("Advisory editor *(proposed)* | vacant" in line for line in lines)
    assert not security_md(said, rubrics()[0], project="D", release="1", adopted=True).startswith(b"> Draft")


def test_security_md_runs_no_markup_of_the_file() -> None:
    text = security_md(hostile(), rubrics()[0], project=HOSTILE, release="1", adopted=False).decode()
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert "<script>" not in html
    assert "<code>" not in html
    assert "javascript:" not in html
    assert "\u202e" not in text


def test_the_document_says_who_holds_a_role_and_what_is_vacant() -> None:
    text = words(rendered(response()))
    assert "Markus Rudy" in text
    assert "term ends: not published" in text
    assert "vacant" in text
    assert "proposed" in text
    assert "at most 14 calendar days" in text
    assert "kata-containers/community: VMT/VMT-members.md at 622ba6fcdafb" in text


def test_without_source_and_response_the_document_says_not_done() -> None:
    text = words(rendered(None, why="no source tree was read"))
    assert "The model has no response.yaml" in text
    assert "Not done No file's owner was looked up: no source tree was read." in text
    assert "Nobody knows what was tested" in text or "nobody knows what was tested" in text


def test_an_audit_shows_files_rules_and_candidates(owned: Ownership) -> None:
    text = words(rendered(response("self"), owned))
    assert "TMR-003" in text
    assert "Candidates are names from the history" in text
    assert "not known" not in text.partition("Who owns the code")[2].partition("Where your company")[0]


def test_very_long_lists_are_a_number_in_the_document() -> None:
    sets = tuple(
        PathSet(
            id=f"d{number:03}",
            component=False,
            elements=(),
            files=10,
            first=f"d{number:03}/0",
            unowned=tuple(f"d{number:03}/{file}" for file in range(10)),
            documentation_only=(),
            owners=(),
        )
        for number in range(400)
    )
    unowned = tuple(path for item in sets for path in item.unowned)
    big = replace(OWNERSHIP, sets=sets, unowned=unowned, documentation_only_in_elements=())
    rows = ownership_rows(big)
    assert (len(rows["sets"]), rows["sets_left_out"]) == (300, 100)
    assert (sum(len(item["paths"]) for item in rows["paths"]), rows["paths_left_out"]) == (2000, 2000)
    nobody = ownership_rows(replace(big, unread="there is no CODEOWNERS file"))
    assert (nobody["paths"], nobody["paths_left_out"]) == ([], 4000)


def test_unknown_authors_are_no_number(owned: Ownership) -> None:
    text = words(rendered(response("self"), replace(owned, history="the history is shallow")))
    assert "Authors are not known" in text
    assert "not known" in text.partition("Elements and who knows them")[2]


def test_hostile_texts_are_typeset_as_texts(owned: Ownership) -> None:
    assert "#panic" in words(rendered(hostile(), owned)).replace(" ", "")


def test_what_nobody_has_stated_counts_as_neither_published_nor_proposed() -> None:
    text = words(rendered(response("self")))
    assert "No statement has a public source." in text
    assert "no target is written down" in text
    view = response_view(make_view(), response("self"), rubrics(), None, "", helping(None, None))
    assert view["response"]["published"] == 0


def test_the_same_view_gives_the_same_bytes(owned: Ownership) -> None:
    assert rendered(response(), owned) == rendered(response(), owned)


def test_response_json_has_a_schema() -> None:
    file = ResponseFile(project="demo", release="1", response=response(), rubrics=rubrics())
    plain: Any = json.loads(dump_bytes(to_plain(file)))
    kind = jsonschema.Draft202012Validator(schema("response", ResponseFile))
    assert list(kind.iter_errors(plain)) == []
    assert b"/work" not in dump_bytes(plain)


@pytest.fixture(name="cli")
def _cli(tmp_path: Path) -> Cli:
    commit(tmp_path / "src", {"CODEOWNERS": "*.md @o/docs\n/gone @a\n", "scanners/a.py": ""})

    return Cli(cwd=tmp_path, path=os.environ["PATH"])


SELF = str(MODELS / "self")


@pytest.mark.parametrize("form", ["text", "markdown", "json", "sarif"])
def test_audit_in_every_form(cli: Cli, form: str) -> None:
    said = cli("response", "audit", SELF, "--source", "src@main", "--format", form)
    assert (said.code, said.err) == (0, "")
    assert "TMR-003" in said.out
    if form in {"json", "sarif"}:
        assert said.json


def test_audit_of_a_folder_without_history_is_incomplete(cli: Cli) -> None:
    (cli.cwd / "plain").mkdir()
    (cli.cwd / "plain" / "x.py").write_text("")
    said = cli("response", "audit", SELF, "--source", "plain")
    assert said.code == 3
    assert "authors: not known" in said.out


def test_audit_judges_on_the_day_that_is_named(cli: Cli) -> None:
    said = cli("response", "audit", SELF, "--source", "src@main", "--as-of", "2020-01-01", "--format", "json")
    assert (said.json["audit"]["as_of"], said.json["audit"]["commits"]) == ("2020-01-01", 0)
    assert cli("response", "audit", SELF, "--source", "src@main", "--as-of", "soon").code == 2


def test_rubric_as_text_and_json(cli: Cli) -> None:
    said = cli("response", "rubric", SELF, "--format", "json")
    text = cli("response", "rubric", SELF)
    assert (said.code, text.code) == (0, 0)
    assert {cell["verdict"] for cell in said.json["cells"]} <= {
        "in-scope",
        "needs-team",
        "by-design",
        "out-of-model",
    }
    assert "in-scope" in text.out
    assert cli("response", "rubric", SELF, "--config", "absent").code == 2


def test_without_a_sub_command_it_is_a_usage_error(cli: Cli) -> None:
    assert cli("response").code == 2
