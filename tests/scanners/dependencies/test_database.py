"""A folder of OSV entries: what is taken, what is left out, and what a broken one does."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.dependencies.component import Component
from scanners.dependencies.matching import judge, names
from scanners.dependencies.osv import MOST_BYTES, Holding, Unusable, load
from tests.scanners.dependencies.support import entry, make_database


def h2(version: str = "0.3.20") -> Component:
    return Component(
        ecosystem="crates.io", name="h2", version=version, origin="registry", path="Cargo.lock", line=1
    )


def test_entries_are_counted_by_ecosystem_with_the_newest_day(tmp_path: Path) -> None:
    database = load(
        make_database(
            tmp_path,
            entry("A-1", modified="2026-01-02T00:00:00Z"),
            entry("A-2", modified="2026-03-02T00:00:00Z"),
            entry("B-1", "m", "Go", modified="0001-01-01T00:00:00Z"),
            entry("N-1", "left-pad", "npm"),
        )
    )
    assert database.holdings == {"crates.io": Holding(2, "2026-03-02"), "Go": Holding(1, "")}
    assert not database.broken


def test_withdrawn_entries_are_left_out_and_counted(tmp_path: Path) -> None:
    database = load(make_database(tmp_path, entry(), entry("TEST-2", withdrawn="2026-01-01T00:00:00Z")))
    assert database.withdrawn == 1
    assert [match.entries[0].id for match in judge(h2(), database).matches] == ["TEST-1"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty document"),
        ("{", ""),
        ("[]", "not a JSON object"),
        (b"\xff\xfe", ""),
        ("[" * 100_000, ""),
        ({"id": "../x"}, "no id"),
        ({"affected": []}, "no id"),
        (entry(affected=[1]), '"affected" is not a list of objects'),
        (entry(affected={}), '"affected" is not a list of objects'),
        (entry(package=""), "a package without a name"),
        (json.dumps(entry()).replace('"introduced": "0"', '"introduced": 0'), "an event that is not known: introduced"),
        (entry(events=[{"begun": "0"}]), "an event that is not known: begun"),
        (entry(events=[{"fixed": "1.0.0"}]), "a range without an introduced version"),
        (entry(severity="high"), '"severity" is not a list of objects'),
        (entry(affected=[{"package": {"ecosystem": "Go", "name": "m"}, "versions": [1]}]), '"versions" is not'),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_read_is_named(content: Any, reason: str, tmp_path: Path) -> None:
    database = load(make_database(tmp_path, entry("GOOD-1"), content))
    ((name, why),) = database.broken
    assert name == "001.json"
    assert reason in why
    assert database.holdings["crates.io"].entries == 1


def test_an_entry_that_is_too_large_is_named(tmp_path: Path) -> None:
    database = load(make_database(tmp_path, entry(), b" " * (MOST_BYTES + 1)))
    assert database.broken == (("001.json", f"larger than {MOST_BYTES} bytes"),)


def test_links_are_not_followed_and_other_files_are_not_read(tmp_path: Path) -> None:
    folder = make_database(tmp_path / "osv" / "deep", entry())
    (folder / "link.json").symlink_to(make_database(tmp_path / "else", entry("ELSE-1")) / "000.json")
    (folder / "linked").symlink_to(tmp_path / "else")
    (folder / "README.md").write_text("[")
    os.mkfifo(folder / "pipe.json")
    database = load(tmp_path / "osv")
    assert database.holdings["crates.io"].entries == 1
    assert dict(database.broken) == {
        "deep/link.json": "a link, which is not followed",
        "deep/linked": "a link, which is not followed",
        "deep/pipe.json": "Input is a zero-length, empty document: line 1 column 1 (char 0)",
    }


def test_a_folder_without_entries_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"no \.json file"):
        load(tmp_path)
    with pytest.raises(Unusable, match="cannot be read"):
        load(tmp_path / "missing")


def test_the_digest_depends_on_names_and_contents_and_not_on_the_folder(tmp_path: Path) -> None:
    first = load(make_database(tmp_path / "a", entry(), entry("TEST-2")))
    assert load(make_database(tmp_path / "b", entry(), entry("TEST-2"))).digest == first.digest
    assert load(make_database(tmp_path / "c", entry(), entry("TEST-3"))).digest != first.digest
    (tmp_path / "a" / "000.json").rename(tmp_path / "a" / "0000.json")
    assert load(tmp_path / "a").digest != first.digest


def test_aliases_of_one_another_count_once(tmp_path: Path) -> None:
    database = load(
        make_database(
            tmp_path,
            entry("GHSA-1", aliases=["CVE-1"], events=[{"introduced": "0"}, {"fixed": "0.3.26"}]),
            entry("RUSTSEC-1", aliases=["CVE-1"]),
            entry("RUSTSEC-2", aliases=["CVE-2"]),
        )
    )
    first, second = judge(h2(), database).matches
    assert ([item.id for item in first.entries], first.fixed) == (
        ["RUSTSEC-1", "GHSA-1"],
        ("0.3.24", "0.3.26"),
    )
    assert names(first) == ("CVE-1", "GHSA-1")
    assert [item.id for item in second.entries] == ["RUSTSEC-2"]


def test_chains_of_aliases_are_one_group(tmp_path: Path) -> None:
    aliases = {"A-1": ["X-1", "X-3"], "A-2": ["X-1"], "A-3": ["X-3"]}
    listed = [entry(id_, aliases=names) for id_, names in aliases.items()]
    (match,) = judge(h2(), load(make_database(tmp_path, *listed))).matches
    assert [item.id for item in match.entries] == ["A-1", "A-2", "A-3"]


def test_an_entry_without_ranges_is_undecided_where_it_names_the_component(tmp_path: Path) -> None:
    database = load(make_database(tmp_path, entry(events=()), entry("G-1", kind="GIT")))
    judged = judge(h2(), database)
    assert not judged.matches
    assert judged.undecided == ("G-1: it names no versions", "TEST-1: it names no versions")


def test_names_of_python_packages_are_compared_in_their_normal_form(tmp_path: Path) -> None:
    database = load(make_database(tmp_path, entry("P-1", "zope-interface", "PyPI", kind="ECOSYSTEM")))
    component = Component(
        ecosystem="PyPI", name="Zope.Interface", version="0.1", origin="registry", path="r", line=1
    )
    assert len(judge(component, database).matches) == 1


def _json(depth: int = 3) -> st.SearchStrategy[Any]:
    words = st.sampled_from(
        ["id", "affected", "package", "ecosystem", "name", "crates.io", "h2", "ranges", "type", "SEMVER", "events",
         "introduced", "fixed", "0", "1.0.0", "versions", "severity", "score", "aliases", "database_specific", "cwe_ids"]
    )  # fmt: skip
    return st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), words),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=5)),
        max_leaves=depth * 8,
    )


@given(
    st.dictionaries(
        st.sampled_from(
            ["affected", "aliases", "severity", "database_specific", "references", "modified", "withdrawn"]
        ),
        _json(),
    )
)
def test_hostile_entries_are_read_or_named(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]
) -> None:
    folder = make_database(tmp_path_factory.mktemp("osv"), json.dumps(entry() | changes))
    database = load(folder)
    judge(h2(), database)
    told = len(database.broken) + database.withdrawn + len(database.packages)
    assert told or "affected" in changes
