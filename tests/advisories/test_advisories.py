"""`advisories.yaml`: what the reader refuses, what a range says of a release, and which threats could have named it."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from collateral.advisories import Range, advisories_schema, covered, load_advisories, read_advisories
from collateral.vex import Affects, affects
from tests.pentest.support import PROJECT, advisory, threat
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.errors import InvalidInput
from threatmodel.core.plain import to_plain
from threatmodel.core.scores import NoVector, Score, score_of

GOOD = """\
advisories:
  - id: CVE-2026-0001
    aliases: [GHSA-aaaa-bbbb-cccc, GO-2026-1234]
    title: A caller writes rows
    source: https://example.org/advisory
    published: "2026-01-31"
    verified: read
    surface: The service
    cause: It trusts names
    stride: tampering
    adversary: stranger
    crossed: [host]
    elements: [daemon, jail]
    flows: [F1]
    cvss: CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:C/C:N/I:N/A:H
    score: 6.5
    score_published: 6.6
    severity: Medium
    cwe: [CWE-59]
    cwe_source: inferred
    ranges:
      - { introduced: "1.0", fixed: "2.1" }
      - fixed: 3.0.1
    fix_commits: [0123abcd]
    reporters:
      - name: A. Person
        source: https://example.org/thanks
    unknown:
      - { keys: [introduced], because: The page does not say }
      - keys: [tags, claims, threats]
        because: Nobody looked
  - id: CVE-2026-0002
    title: Another
    source: https://example.org/other
    verified: read
    surface: The store
    cause: It fills up
    stride: denial-of-service
    adversary: reader
    elements: [store]
    unknown:
      - keys: [published, cvss, cwe, introduced, fixed, fix_commits, tags, claims, threats]
        because: Nobody said
"""


def problems(text: str) -> list[str]:
    try:
        read_advisories(text.encode(), "a.yaml", PROJECT)
    except InvalidInput as error:
        return [found.render() for found in error.diagnostics]
    return []


def test_a_good_file() -> None:
    jsonschema.Draft202012Validator(advisories_schema()).validate(yaml.safe_load(GOOD))
    first, second = read_advisories(GOOD.encode(), "a.yaml", PROJECT)
    assert first.ids == ("CVE-2026-0001", "GHSA-aaaa-bbbb-cccc", "GO-2026-1234")
    assert (first.fixed, first.score, first.cwe_source) == (("2.1", "3.0.1"), 6.5, "inferred")
    assert (second.ids, second.fixed, second.score, second.cwe_source, second.affects("1.0")) == (
        ("CVE-2026-0002",),
        (),
        None,
        "record",
        "unknown",
    )


MISTAKES = [
    # D040
    ("    cause: It trusts names\n", "", 'a.yaml:2  D040  "cause" is missing'),
    ("    elements: [store]\n", "", 'a.yaml:32  D040  "elements" is missing'),
    ("        source: https://example.org/thanks\n", "", 'a.yaml:26  D040  "source" is missing'),
    ('fixed: "2.1"', "fixed: 2.1", 'a.yaml:22  D040  "fixed" must be'),
    ("score: 6.5", "score: high", 'a.yaml:16  D040  "score" must be'),
    ("cause: It trusts names", "cause: ''", 'a.yaml:9  D040  "cause" is empty; leave it out'),
    # D041
    (
        "    surface: The service",
        "    surfaces: x",
        'a.yaml:8  D041  unknown key "surfaces"; did you mean "surface"?',
    ),
    ("{ introduced:", "{ from:", 'a.yaml:22  D041  unknown key "from"; keys: introduced, fixed'),
    ("      - name: A. Person", "      - nam: A", 'a.yaml:26  D041  unknown key "nam"; did you mean "name"?'),
    ("advisories:", "advisory:", 'a.yaml:1  D041  unknown key "advisory"; did you mean "advisories"?'),
    ("stride: tampering", "stride: tamper", 'a.yaml:10  D041  "stride" has another word; one of'),
    ("inferred", "guessed", 'a.yaml:20  D041  "cwe_source" has another word; one of'),
    # D042
    ("id: CVE-2026-0001", "id: CVE 1", "a.yaml:2  D042  id 'CVE 1' is not an id"),
    ("GO-2026-1234", "GO-1", "a.yaml:3  D042  aliases 'GO-1' is not a CVE, GHSA or GO id"),
    ("GHSA-aaaa-bbbb-cccc", "GHSA-AAAA-bbbb-cccc", "a.yaml:3  D042  aliases 'GHSA-AAAA-bbbb-cccc' is not a"),
    ("https://example.org/advisory", "http://example.org/a", "a.yaml:5  D042  source is not public; "),
    ("https://example.org/thanks", "a letter", "a.yaml:27  D042  source is not public; "),
    (
        "2026-01-31",
        "2026-1-31",
        "a.yaml:6  D042  published '2026-1-31' is not an ISO 8601 date; write 2027-06-30",
    ),
    ("CWE-59", "CWE-x", "a.yaml:19  D042  cwe 'CWE-x' is not a CWE"),
    (
        "CVSS:3.1/AV:L/AC:L",
        "AV:L/AC:L",
        "a.yaml:15  D042  cvss 'AV:L/AC:L/PR:L/UI:N/S:C/C:N/I:N/A:H' is not a CVSS vector",
    ),
    ("0123abcd", "0123abc", "a.yaml:24  D042  fix_commits '0123abc' is not a commit"),
    ("0123abcd", "0123abcg", "a.yaml:24  D042  fix_commits '0123abcg' is not a commit"),
    ("fixed: 3.0.1", "fixed: v3", "a.yaml:23  D042  fixed 'v3' is not a version"),
    ('introduced: "1.0"', "introduced: first", "a.yaml:22  D042  introduced 'first' is not a version"),
    *(
        ("score: 6.5", f"score: {score}", "a.yaml:16  D042  score is not a number from 0 to 10")
        for score in (".nan", ".inf", "-.inf", "-0.1", "10.1", "true", "'6.5'")
    ),
    # D043
    (
        "[daemon, jail]",
        "[daemon, jale]",
        'a.yaml:13  D043  elements: the model has no "jale"; did you mean "jail"?',
    ),
    ("flows: [F1]", "flows: [daemon]", 'a.yaml:14  D043  flows: the model has no "daemon"'),
    (
        "crossed: [host]",
        "crossed: [hosts]",
        'a.yaml:12  D043  crossed: the model has no "hosts"; did you mean "host"?',
    ),
    (
        "adversary: stranger",
        "adversary: strange",
        'a.yaml:11  D043  adversary: the model has no "strange"; did you',
    ),
    ("id: CVE-2026-0002", "id: CVE-2026-0001", 'a.yaml:32  D043  "CVE-2026-0001" stands twice'),
    (
        "    title: Another",
        "    aliases: [GO-2026-1234]\n    title: Another",
        'a.yaml:32  D043  "GO-2026-1234" stands twice',
    ),
    # D055, D057, D058
    (
        "    cvss: CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:C/C:N/I:N/A:H\n",
        "",
        'a.yaml:16  D055  "score_published" needs "cvss"',
    ),
    (
        "    fix_commits: [0123abcd]\n",
        "",
        'a.yaml:2  D057  nothing is said of fix_commits; say under "unknown" why',
    ),
    (
        "      - { keys: [introduced]",
        "      - { keys: [introduced, cwe]",
        "a.yaml:29  D057  unknown: cwe is known here",
    ),
    ("[tags, claims, threats]", "[tags, claims]", "a.yaml:2  D057  nothing is said of threats; say"),
    ("[tags, claims, threats]", "[tags, claims, threat]", 'a.yaml:30  D041  "keys[2]" has another word'),
    (
        "      - { keys: [introduced], because: The page does not say }",
        "      - { keys: [introduced] }",
        'a.yaml:29  D040  "because" is missing',
    ),
    (
        "score: 6.5",
        "score: 6.4",
        "a.yaml:16  D058  score: the vector has 6.5; what was published otherwise is",
    ),
    ("    score: 6.5\n", "", "a.yaml:2  D058  score: the vector has 6.5"),
    ("severity: Medium", "severity: High", "a.yaml:18  D058  severity: the vector has Medium"),
    (
        "score_published: 6.6",
        "score_published: 6.5",
        "a.yaml:17  D058  score_published: it is that of the vector; leave",
    ),
    (
        "score_published: 6.6",
        "score_published: 11",
        "a.yaml:17  D042  score_published is not a number from 0 to 10",
    ),
    ("/A:H", "/A:Q", 'a.yaml:15  D042  cvss is not a vector: Unknown value "Q" in field "A:Q"'),
    ("CVSS:3.1/", "CVSS:4.0/", "a.yaml:15  D042  cvss is not a vector: "),
    ("/A:H", "/A:H/A:L", "a.yaml:15  D042  cvss is not a vector: "),
    # Y001
    ("advisories:", "advisories: [", "a.yaml:"),
]


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES, ids=[f"{m[2][:34]}-{m[1]}" for m in MISTAKES])
def test_each_mistake_has_a_code_and_a_line(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert [text for text in found if text.startswith(expected)], found


@pytest.mark.parametrize("score", ["0", "10", "0.0", "9.8", "7", "null"])
def test_a_score_that_a_file_can_hold(score: str) -> None:
    text = GOOD.replace("6.5", score).replace("    score_published: 6.6\n", "")
    text = re.sub(r"    cvss: .*\n", "", text).replace("keys: [introduced]", "keys: [introduced, cvss]")
    (first, _) = read_advisories(text.encode(), "a.yaml", PROJECT)
    assert dump_bytes(to_plain(first))


def test_all_problems_are_told() -> None:
    text = GOOD.replace("[daemon, jail]", "[x, y]").replace("[store]", "[z]").replace("6.5", "60")
    assert [found.split("  ")[0] for found in problems(text)] == [
        "a.yaml:13",
        "a.yaml:13",
        "a.yaml:16",
        "a.yaml:40",
    ]


@pytest.mark.parametrize(
    ("shown", "place"), [("model", "model/advisories.yaml:1"), ("", "advisories.yaml:1")]
)
def test_load(tmp_path: Path, shown: str, place: str) -> None:
    assert load_advisories(tmp_path, PROJECT, shown) == ()
    (tmp_path / "advisories.yaml").write_text(GOOD)
    assert len(load_advisories(tmp_path, PROJECT, shown)) == 2
    (tmp_path / "advisories.yaml").write_text("advisory: []\n")
    with pytest.raises(InvalidInput) as caught:
        load_advisories(tmp_path, PROJECT, shown)
    assert str(caught.value.diagnostics[0].place) == place


def test_texts_are_folded() -> None:
    (first, _) = read_advisories(
        GOOD.replace("It trusts", '"\\u202e').replace(" names", ' names"').encode(), "a", PROJECT
    )
    assert first.cause == "<U+202E> names"


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("0.9", "not-affected"),
        ("1.0a1", "not-affected"),
        ("1.0-rc1", "not-affected"),
        ("1.0", "affected"),
        ("v1.0", "affected"),
        ("1.0.post1", "affected"),
        ("2.0.99", "affected"),
        ("2.1.0-alpha0", "affected"),
        ("2.1rc2", "affected"),
        ("2.1", "fixed"),
        ("2.1.0", "fixed"),
        ("2.1.1-rc0", "fixed"),
        ("10.0", "fixed"),
        ("main", "unknown"),
        ("unreleased", "unknown"),
        ("", "unknown"),
    ],
)
def test_what_a_range_says(release: str, expected: Affects) -> None:
    assert advisory().affects(release) == expected
    assert expected in get_args(Affects)


@pytest.mark.parametrize(
    ("ranges", "release", "expected"),
    [
        ([], "1.0", "unknown"),
        ([("", "")], "1.0", "unknown"),
        ([("", "2.0")], "1.0", "unknown"),
        ([("", "2.0")], "2.0", "fixed"),
        ([("1.0", "")], "99", "affected"),
        ([("1.0", "1.5"), ("2.0-alpha0", "2.3")], "2.0-alpha1", "affected"),
        ([("1.0", "1.5"), ("2.0-alpha0", "2.3")], "1.6", "fixed"),
        ([("1.0", "1.5"), ("2.0-alpha0", "2.3")], "0.9", "not-affected"),
        ([("1.0", "1.5"), ("", "2.3")], "1.6", "unknown"),
    ],
)
def test_what_several_ranges_say(ranges: list[tuple[str, str]], release: str, expected: Affects) -> None:
    item = advisory(ranges=tuple(Range(introduced=i, fixed=f) for i, f in ranges))
    assert item.affects(release) == expected
    assert replace(item, ranges=item.ranges[::-1]).affects(release) == expected


@pytest.mark.parametrize(
    ("vector", "score", "severity"),
    [
        # https://www.first.org/cvss/v3-1/examples: CVE-2013-1937, -2013-0375, -2014-3566, -2009-0783, -2012-1516
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, "Medium"),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4, "Medium"),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1, "Low"),
        ("CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 4.2, "Medium"),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9, "Critical"),
        # As their publishers gave them (CVE-2026-24054, CVE-2026-44210), and the ends of the scales
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:H/VA:H/SC:N/SI:H/SA:H/E:P", 8.8, "High"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:N/VI:N/VA:N/SC:H/SI:H/SA:H/E:P", 5.8, "Medium"),
        ("CVSS:3.0/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 6.8, "Medium"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0, "None"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10.0, "Critical"),
    ],
)
def test_scores_of_vectors(vector: str, score: float, severity: str) -> None:
    assert score_of(vector) == Score(value=score, severity=severity)


@pytest.mark.parametrize(
    "vector",
    ["", "AV:N", "CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSS:3.1/AV:N", "CVSS:3.1/", "CVSS:4.0/AV:N"],
)
def test_what_is_no_vector(vector: str) -> None:
    with pytest.raises(NoVector):
        score_of(vector)


@given(st.sampled_from(["CVSS:3.0/", "CVSS:3.1/", "CVSS:4.0/"]), st.text("AVCLPRUISNH:/X", max_size=60))
def test_any_text_has_a_score_or_is_no_vector(start: str, rest: str) -> None:
    with contextlib.suppress(NoVector):
        assert 0 <= score_of(start + rest).value <= 10


_VERSIONS = st.builds("{}.{}{}".format, st.integers(0, 4), st.integers(0, 4), st.sampled_from(["", "rc1"]))


@given(_VERSIONS, _VERSIONS, _VERSIONS)
def test_a_whole_range_splits_the_releases_in_three(release: str, first: str, last: str) -> None:
    here = Version(release)
    expected = "fixed" if here >= Version(last) else "affected" if here >= Version(first) else "not-affected"
    assert affects(release, [(first, last)]) == expected
    assert affects(release, [("", last)]) == ("fixed" if expected == "fixed" else "unknown")


@pytest.mark.parametrize(
    ("target", "changes", "is_covered"),
    [
        ("daemon", {}, True),
        ("F1", {}, True),
        ("store", {}, False),
        ("F5", {}, False),
        ("daemon", {"stride": "spoofing", "cwe": ("CWE-22",)}, False),
        ("daemon", {"stride": "spoofing", "cwe": ("CWE-1", "CWE-59")}, True),
        ("daemon", {"stride": "tampering", "cwe": ()}, True),
        ("F2", {"cwe": ("CWE-59",)}, False),
    ],
)
def test_covered(target: str, changes: dict[str, Any], is_covered: bool) -> None:
    found = threat(target, **changes)
    assert covered(advisory(), [found], PROJECT) == ((found.id,) if is_covered else ())


@pytest.mark.parametrize(
    ("target", "flows", "is_covered"),
    [
        ("F1", (), True),
        ("F5", (), True),
        ("F2", (), False),
        ("F1", ("F2",), False),
        ("F2", ("F2",), True),
        ("daemon", ("F2",), True),
    ],
)
def test_without_flows_those_into_its_elements_count(
    target: str, flows: tuple[str, ...], is_covered: bool
) -> None:
    found = covered(advisory(flows=flows), [threat(target)], PROJECT)
    assert bool(found) == is_covered


def test_covered_keeps_the_order_of_the_threats() -> None:
    threats = [threat("F1"), threat("daemon"), threat("store")]
    assert covered(advisory(), threats, PROJECT) == ("R-1@F1", "R-1@daemon")
    assert covered(advisory(), threats[::-1], PROJECT) == ("R-1@daemon", "R-1@F1")
    assert covered(advisory(elements=(), flows=()), threats, PROJECT) == ()
