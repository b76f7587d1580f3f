"""What nobody could ask is said on the page: it never looks as if nothing had been found."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pypdf
import pytest

from collateral.assessment import Assessment
from collateral.coverage import CoverageFile, coverage_of
from collateral.paths.shown import AttackPaths, find_attack_paths
from collateral.paths.words import NOBODY, NOTHING, UNCHECKED
from collateral.report.attack_paths import attack_paths_view
from collateral.report.coverage import coverage_view
from collateral.report.pdf import render_threat_register
from collateral.report.rule_rows import rules_view
from collateral.report.site import render_site
from tests.collateral.support import COMMIT_TIME, SOURCE, assessment, load_tiny, write_files
from tests.report.pdf_view import make_svgs, make_view
from tests.report.site_view import small_svgs, small_view
from tests.report.test_site import section
from threatmodel.rules.rule import Library


@pytest.fixture(scope="module")
def a(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    folder = tmp_path_factory.mktemp("tiny")
    return assessment(load_tiny(folder / "model"), write_files(folder / "source", SOURCE))


def coverage_in(a: Assessment) -> CoverageFile:
    return coverage_of(a.project, a.system, a.rules, a.threats)


def without_adversaries(a: Assessment) -> Assessment:
    return replace(a, project=replace(a.project, adversaries=()), threats=())


def page(**view: Any) -> str:
    return render_site({**small_view(), **view}, small_svgs()).decode()


def pdf_words(parts: dict[str, Any]) -> str:
    """The document without any white space."""
    pdf = render_threat_register({**make_view(), **parts}, make_svgs(), timestamp=COMMIT_TIME)
    pages = [p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    return "".join("".join(pages).replace("\u200b", "").split())


def menu(text: str, name: str) -> str:
    return text.split(f'href="#{name}"', 1)[1].split("</li>", 1)[0]


def test_a_rule_lists_the_threats_that_it_raised(a: Assessment) -> None:
    view = rules_view(a)
    listed = [id_ for pack in view["packs"] for rule in pack["rules"] for id_ in rule["threats"]]
    here = [threat.id for threat in a.threats if a.configuration in threat.by_configuration]
    assert sorted(listed) == sorted(here) != []
    assert all(
        id_.startswith(f"{rule['id']}@")
        for pack in view["packs"]
        for rule in pack["rules"]
        for id_ in rule["threats"]
    )
    assert view["unasked"] == 0
    assert view["quiet"] == sum(not rule["threats"] for pack in view["packs"] for rule in pack["rules"])


def test_rules_without_anybody_to_ask_them_for_were_not_asked(a: Assessment) -> None:
    view = rules_view(without_adversaries(a))
    assert (view["unasked"], view["quiet"]) == (view["count"], 0)
    text = section(page(rules=view), "rules")
    assert f"{view['count']} of {view['count']} rules were not asked" in text
    assert "0 threats" not in text


def test_a_condition_of_a_library_that_is_not_evaluated_is_no_quiet_rule(a: Assessment) -> None:
    first, *rest = a.rules
    library = Library(
        sid="X", targets=frozenset(), code=bool, likelihood=1, impact=1, not_evaluated="it calls a function"
    )
    view = rules_view(replace(a, rules=(replace(first, library=library), *rest), threats=()))
    assert (view["unasked"], view["quiet"]) == (1, view["count"] - 1)
    assert [rule["unasked"] for pack in view["packs"] for rule in pack["rules"] if rule["unasked"]] == [
        "it calls a function"
    ]


def test_paths_stand_on_checked_claims(a: Assessment) -> None:
    view = attack_paths_view(find_attack_paths(a), a)
    assert view["source"]
    assert (view["unchecked"], view["unasked"], view["unsearched"]) == ("", "", 0)
    assert view["found"]
    text = page(paths=view)
    assert "Claims were checked against" in section(text, "paths")
    assert "alert" not in menu(text, "paths")


@pytest.mark.parametrize("what", ["no source", "no claims"])
def test_paths_without_checked_claims_say_so(a: Assessment, what: str) -> None:
    if what == "no source":
        a = replace(a, source=replace(a.source, available=False))
    else:
        a = replace(a, ledger=replace(a.ledger, checks=(), records=()))
    view = attack_paths_view(find_attack_paths(a), a)
    assert view["unchecked"] == UNCHECKED
    text = page(paths=view)
    assert "Claims were checked against" not in section(text, "paths")
    assert "claims not checked" in menu(text, "paths")


def test_without_an_adversary_no_path_was_looked_for(a: Assessment) -> None:
    a = without_adversaries(a)
    view = attack_paths_view(find_attack_paths(a), a)
    assert view["unasked"] == NOBODY
    text = page(paths=view)
    assert "not searched" in menu(text, "paths")
    assert "pairs of adversary and asset" not in section(text, "paths")


def test_without_an_asset_no_path_was_looked_for(a: Assessment) -> None:
    found = find_attack_paths(a)
    here = replace(found.file.configurations[0], goals=(), pairs=())
    view = attack_paths_view(_with(found, here), a)
    assert view["unasked"] == NOTHING


def test_a_search_that_stopped_is_no_missing_way(a: Assessment) -> None:
    found = find_attack_paths(a)
    here = found.file.configurations[0]
    stopped = replace(here.pairs[0], outcome="not-searched", weakest=None)
    view = attack_paths_view(_with(found, replace(here, pairs=(stopped, *here.pairs[1:]))), a)
    assert view["unsearched"] == 1
    text = page(paths=view)
    assert "For 1 the search stopped at its limit" in section(text, "paths")
    assert "alert" in menu(text, "paths")


def test_without_an_adversary_nobody_is_at_the_boundaries(a: Assessment) -> None:
    assert coverage_view(coverage_in(a))["nobody"] == ""
    view = coverage_view(coverage_in(without_adversaries(a)))
    assert view["nobody"]
    assert view["nobody"] in section(page(coverage=view), "coverage")


def test_what_has_no_answer_is_counted_by_category_and_place(a: Assessment) -> None:
    file = coverage_in(a)
    groups = {group["kind"]: group for group in coverage_view(file)["missing"]}
    for kind, subjects in (("element", file.elements), ("flow", file.flows)):
        group = groups[kind]
        open_ = {s.id: [c.category for c in s.cells if not c.answered] for s in subjects}
        open_ = {id_: categories for id_, categories in open_.items() if categories}
        assert (group["subjects"], group["questions"]) == (len(open_), sum(map(len, open_.values())))
        told: dict[str, list[str]] = {}
        for row in group["rows"]:
            told.setdefault(row["id"], []).extend(row["strides"])
        assert {id_: sorted(found) for id_, found in told.items()} == {
            id_: sorted(found) for id_, found in open_.items()
        }
        assert {row["id"]: row["questions"] for row in group["folded"]} == {
            id_: len(found) for id_, found in open_.items()
        }
        assert not group["long"]
    text = section(page(coverage=coverage_view(file)), "coverage")
    assert f"{groups['flow']['questions']} questions about {groups['flow']['subjects']} flows" in text


def test_the_document_says_whom_nobody_asked_for(a: Assessment) -> None:
    nobody = without_adversaries(a)
    parts = {
        "coverage": coverage_view(coverage_in(nobody)),
        "paths": attack_paths_view(find_attack_paths(nobody), nobody),
    }
    text = pdf_words(parts)
    assert "".join(NOBODY.split()) in text
    assert "".join(parts["coverage"]["nobody"].split()) in text
    assert "pairsofadversaryandasset" not in text
    whole = {"coverage": coverage_view(coverage_in(a)), "paths": attack_paths_view(find_attack_paths(a), a)}
    text = pdf_words(whole)
    assert "Claimswerecheckedagainst" in text
    assert "pairsofadversaryandasset" in text
    assert "folder" in text


def test_a_long_list_of_elements_without_an_answer_is_folded(a: Assessment) -> None:
    view = coverage_view(coverage_in(a))
    reasons = [row["why"] for group in view["missing"] if group["kind"] == "element" for row in group["rows"]]
    words = ["".join(reason.split()) for reason in reasons]
    assert all(reason in pdf_words({"coverage": view, "paths": None}) for reason in words)
    folded = {**view, "missing": [{**group, "long": True} for group in view["missing"]]}
    text = pdf_words({"coverage": folded, "paths": None})
    assert not [reason for reason in words if reason in text]
    assert "Thereasonofeach" in text


def test_every_sign_of_a_matrix_is_said_in_words(a: Assessment) -> None:
    text = section(page(coverage=coverage_view(coverage_in(a))), "coverage")
    signs = text.count('<td class="n s-')
    assert signs == 6 * (len(a.system.elements) + len(a.system.flows))
    assert text.count('<span class="sr"> ') >= signs


def _with(found: AttackPaths, here: Any) -> AttackPaths:
    return replace(found, file=replace(found.file, configurations=(here,)), shown=(), pictures=())
