"""`overlay.yaml`: what is accepted, every way in which it can be wrong, and the marks of its items."""

from __future__ import annotations

import datetime
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from collateral.overlay import (
    Overlay,
    ended_warnings,
    held_file,
    mark,
    note,
    overlay_schema,
    read_overlay,
    refuse_inside,
    text_lines,
)
from collateral.overlay.files import sarif_runs
from collateral.overlay.model import Embargo
from collateral.publish import publish
from tests.collateral.support import assessment, git, write_files
from tests.overlay.support import DATE, MARKERS, overlay_text, write_overlay
from threatmodel.core.errors import InvalidInput, UsageError
from threatmodel.load import Loaded
from threatmodel.system import Project

OWN = "auth@T1"
BEFORE, ON = datetime.date(2031, 7, 18), datetime.date(2031, 7, 19)
ITEM = "embargoed: {owner: A, release_date: 2031-07-19}"


def read(text: str, project: Project) -> Overlay:
    return read_overlay(text.encode(), "held/overlay.yaml", project, {OWN})


def test_an_overlay_is_read_in_full(tiny: Loaded) -> None:
    found = read(overlay_text(OWN), tiny.project)
    assert len(found.items) == 4
    assert found.threats[0].adversaries == ("stranger",)
    assert found.places["findings", 0].line == 14
    assert found.findings[0].fingerprint != found.digest
    assert {item.embargoed.release_date for item in found.items} == {DATE}


def test_the_schema_accepts_what_the_reader_accepts(tiny: Loaded) -> None:
    text = overlay_text(OWN).replace(DATE, f"'{DATE}'")
    jsonschema.Draft202012Validator(overlay_schema()).validate(yaml.safe_load(text))
    assert read(text, tiny.project).items
    bad = yaml.safe_load(text.replace(", release_date: '2031-07-19'", "", 1))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(overlay_schema()).validate(bad)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (f", release_date: {DATE}", "", '"release_date" is missing'),
        (f"owner: Role {MARKERS['OWNER']}, ", "", '"owner" is missing'),
        (f"owner: Role {MARKERS['OWNER']}", "owner: ' '", '"owner" is empty'),
        (DATE, "soon", "D072"),
        ("project: tiny", "project: other", 'held/overlay.yaml:1  D074  the overlay is of another project; the model'),
        ("target: service", "target: servise", 'D073  the model has no element or flow "servise"; did you mean'),
        ("[stranger]", "[nobody]", 'the model has no adversary "nobody"'),
        (f"threat: {OWN}", "threat: auth@T9", 'the model has no threat "auth@T9"'),
        (f"id: {MARKERS['THREATID']}", f"id: {OWN}", "held/overlay.yaml:3  D073  id: the model has this id already"),
        (f"id: {MARKERS['CASEID']}", f"id: TC-{OWN}", "D073  id: the model has this id already"),
        (f"id: {MARKERS['CASEID']}", f"id: {MARKERS['THREATID']}", "D073  id: stands twice"),
        ("risk: critical", "risk: huge", "D071"),
        ("stride: spoofing", "strides: spoofing", 'unknown key "strides"; did you mean "stride"?'),
        ("CWE-1342", "CWE-x", "D072"),
        (f"path: app/{MARKERS['PATH']}.py", "path: ../x", "D072"),
        ("line: 3", "line: -3", "line is negative"),
        ("safety: read-only", "safety: none", "D071"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_line(tiny: Loaded, old: str, new: str, told: str) -> None:
    text = overlay_text(OWN)
    assert old in text
    with pytest.raises(InvalidInput) as caught:
        read(text.replace(old, new, 1), tiny.project)
    shown = "\n".join(item.render() for item in caught.value.diagnostics)
    assert told in shown
    assert all(item.place is not None and item.place.line for item in caught.value.diagnostics)


def test_all_problems_come_at_once(tiny: Loaded) -> None:
    text = overlay_text(OWN).replace("target: ", "target: no-").replace("project: tiny", "project: x")
    with pytest.raises(InvalidInput) as caught:
        read(text.replace(f"threat: {OWN}", "threat: no@T1"), tiny.project)
    assert [item.code for item in caught.value.diagnostics] == ["D074", "D073", "D073", "D073"]


@given(st.dates(), st.dates())
def test_an_embargo_ends_on_its_date_and_the_item_stays_private(
    release: datetime.date, day: datetime.date
) -> None:
    embargo = Embargo(owner="A role", release_date=release.isoformat())
    words = mark(embargo, day)
    assert words.startswith("EMBARGOED until ") is (day < release)
    assert ("embargo ended on " in words and "publish or extend" in words) is (day >= release)
    assert "A role" in words
    assert release.isoformat() in words


def test_the_note_counts_what_is_embargoed_and_what_has_ended(tiny: Loaded) -> None:
    text = overlay_text(OWN)
    held = read(text.replace(DATE, "2031-07-18", 1), tiny.project)
    assert note(held, datetime.date(2031, 7, 17)) == f"EMBARGOED: 4 items, the last until {DATE}"
    ended = "PRIVATE: the embargo of 1 item ended, publish or extend"
    assert note(held, BEFORE) == f"EMBARGOED: 3 items, the last until {DATE}; {ended}"
    assert note(held, ON) == "PRIVATE: the embargo of 4 items ended, publish or extend"
    assert note(read("project: tiny\n", tiny.project), ON) == note(None, ON) == ""


def test_an_embargo_that_ended_is_told_without_the_words_of_the_item(tiny: Loaded) -> None:
    held = read(overlay_text(OWN), tiny.project)
    assert ended_warnings(held, BEFORE) == ()
    lines = [item.render() for item in ended_warnings(held, ON)]
    assert len(lines) == 4
    assert all(line.startswith("held/overlay.yaml:") and f"embargo ended on {DATE}" in line for line in lines)
    assert not [word for word in MARKERS.values() if word in "\n".join(lines)]


def test_every_form_of_output_marks_each_item(tiny: Loaded) -> None:
    held = read(overlay_text(OWN), tiny.project)
    owner = f"owner Role {MARKERS['OWNER']}"
    assert [line[:9] for line in text_lines(held, BEFORE) if not line.startswith(" ")] == ["EMBARGOED"] * 4
    made = held_file(held, ON)
    rows = [(row.state, row.mark) for row in made.threats]
    rows += [(row.state, row.mark) for row in made.findings]
    rows += [(row.state, row.mark) for row in made.dispositions]
    rows += [(row.state, row.mark) for row in made.test_cases]
    assert len(rows) == 4
    for state, words in rows:
        assert state == "ended"
        assert words == f"PRIVATE, embargo ended on {DATE}, publish or extend, {owner}"
    (run,) = sarif_runs(held, ON, project="tiny", release="1", tool_version="1")
    assert run["results"][0]["properties"]["embargoed"]["state"] == "ended"
    assert (
        sarif_runs(read("project: tiny\n", tiny.project), ON, project="t", release="1", tool_version="1")
        == []
    )


def test_a_public_edition_loses_the_overlay(tiny: Loaded) -> None:
    from dataclasses import replace

    a = replace(assessment(tiny), overlay=read(overlay_text(OWN), tiny.project))
    assert publish(a, edition="private").overlay is a.overlay
    assert publish(a, edition="public").overlay is None


def place(tmp_path: Path) -> tuple[Path, Path, Path]:
    model = write_files(tmp_path / "repo/models/tiny", {"__init__.py": ""})
    source = write_files(tmp_path / "source/sub", {"a.py": ""})
    for top in (tmp_path / "repo", tmp_path / "source"):
        git(top, "init", "--quiet")
    return tmp_path, model, source


@pytest.mark.parametrize(
    "where",
    ["repo/held", "repo/models/tiny", "repo/models/held", "source/held", "source/sub/x", "source", "link", "repo/link"],
)  # fmt: skip
def test_an_overlay_that_would_be_published_is_refused(tmp_path: Path, where: str) -> None:
    base, model, _ = place(tmp_path)
    write_overlay(base / "repo/held", "")
    write_overlay(base / "away", "")
    (base / "link").symlink_to(base / "repo/held")
    (base / "repo/link").symlink_to(base / "away")
    with pytest.raises(UsageError) as caught:
        refuse_inside(base / where, model, [("source/sub@1.0", base), ("https://example.org/x@1", base)])
    (found,) = caught.value.diagnostics
    assert found.code == "U051"
    assert str(base) not in found.render()


def test_a_file_that_is_a_link_into_a_work_tree_is_refused(tmp_path: Path) -> None:
    base, model, _ = place(tmp_path)
    write_overlay(base / "repo/held", "")
    (base / "away").mkdir()
    (base / "away/overlay.yaml").symlink_to(base / "repo/held/overlay.yaml")
    with pytest.raises(UsageError):
        refuse_inside(base / "away", model)


@pytest.mark.parametrize("spec", ["source/sub", "source/sub@main", "https://example.org/x@1", "gone"])
def test_an_overlay_elsewhere_is_accepted(tmp_path: Path, spec: str) -> None:
    base, model, _ = place(tmp_path)
    refuse_inside(base / "repository", model, [(spec, base)])
    refuse_inside(base, model / "__init__.py", [(spec, base)])
