"""`cvss.yaml`: every score is worked out anew, and every vector belongs to a threat that exists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.advisories import Advisory, load_advisories
from collateral.vectors import best_vector, in_words, vector_records, vectors_at
from collateral.vectors.reader import Against, read_vectors
from tests.collateral.support import load_tiny
from threatmodel.core.errors import InvalidInput
from threatmodel.load import Loaded, load_model
from threatmodel.rules import load_packs, load_vocabulary

HIGH = "CVSS:4.0/AV:L/AC:L/AT:P/PR:H/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"
LOW = "CVSS:4.0/AV:L/AC:L/AT:N/PR:H/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N"
METRICS = "".join(f"\n      {part.split(':')[0]}: because" for part in HIGH.split("/")[1:])
WORDS = f"\n    metrics:{METRICS}"
THREAT = "CORE-001@T1"


def entry(threat: str = THREAT, vector: str = HIGH, more: str = WORDS) -> str:
    return f"\n  - threat: {threat}\n    vector: {vector}{more}"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Against:
    return against(load_tiny(tmp_path_factory.mktemp("tiny")))


def against(loaded: Loaded, advisories: tuple[Advisory, ...] = ()) -> Against:
    rules = load_packs(loaded.manifest.packs, load_vocabulary())
    return Against(project=loaded.project, rules=rules, advisories=advisories)


def read(held: Against | None, *entries: str) -> Any:
    return read_vectors(f"vectors:{''.join(entries)}\n".encode(), "m/cvss.yaml", held)


def problems(held: Against, *entries: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read(held, *entries)
    return [found.render() for found in caught.value.diagnostics]


def test_score_and_severity_come_from_the_vector(tiny: Against) -> None:
    (found,) = read(tiny, entry())
    assert (found.score, found.severity, found.proposed, found.place.line) == (8.7, "High", True, 2)
    assert in_words(found) == f"8.7 High ({HIGH}; derived metric by metric; proposed)"
    stated = "\n    score: 8.7\n    severity: High\n    source: https://example.org/1"
    (found,) = read(tiny, entry(more=WORDS + stated))
    assert not found.proposed
    assert "https://example.org/1" in in_words(found)


def test_no_vector_is_no_score() -> None:
    assert in_words(best_vector((), THREAT)) == "no CVSS vector is given"
    assert "0.0" not in in_words(None)


def test_a_vector_of_nothing_is_a_score_of_zero_and_said_so(tiny: Against) -> None:
    nothing = "CVSS:4.0/AV:L/AC:L/AT:P/PR:H/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N"
    (found,) = read(tiny, entry(vector=nothing))
    assert in_words(found).startswith("0.0 None (")


PROBLEMS = {
    "a stated score that differs": (
        entry(more=WORDS + "\n    score: 9.8"),
        ["D058  score: 9.8 is stated, the vector has 8.7; leave it out, or mend one of them"],
    ),
    "a stated severity that differs": (
        entry(more=WORDS + "\n    severity: Low"),
        ["D058  severity: Low is stated, the vector has High"],
    ),
    "a score of zero": (
        entry(more=WORDS + "\n    score: 0.0"),
        ["D058  score: 0.0 is stated, the vector has 8.7; leave it out, or mend one of them"],
    ),
    "another version": (
        entry(vector="CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"),
        ["D042  vector is none: 'CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H' is not of version 4.0"],
    ),
    "a metric that is missing": (entry(vector=HIGH.removesuffix("/SA:H")), ["D042  vector is none: "]),
    "a value that does not exist": (entry(vector=HIGH.replace("AV:L", "AV:Z")), ["D042  vector is none: "]),
    "an orphan": (
        entry("CORE-001@T11"),
        ['D043  no threat "CORE-001@T11" in any configuration; remove the orphaned vector'],
    ),
    "no such configuration": (
        entry(more=WORDS + "\n    configurations: [gaurded]"),
        ['D043  no configuration "gaurded"; did you mean "guarded"?'],
    ),
    "twice": (
        entry() + entry(vector=LOW),
        [f'D043  "{THREAT}" has a vector for "guarded" in line 2 already'],
    ),
    "nothing that it rests on": (entry(more=""), ['D055  needs "metrics" or "advisory"']),
    "both": (
        entry(more=WORDS + "\n    advisory: CVE-2026-1"),
        ['D055  "metrics" and "advisory" exclude each other'],
    ),
    "a silent metric": (
        entry(more=WORDS.replace("\n      SI: because", "")),
        ["D057  metrics: nothing is said about SI"],
    ),
    "an unknown metric": (entry(more=WORDS + "\n      S: because"), ['D041  no base metric "S"']),
    "an unknown advisory": (
        entry(more="\n    advisory: CVE-2026-1"),
        ['D043  no record of an advisory "CVE-2026-1"'],
    ),
    "an unknown key": (
        entry(more=WORDS + "\n    scores: 1"),
        ['D041  unknown key "scores"; did you mean "score"?'],
    ),
    "a source that is not public": (entry(more=WORDS + "\n    source: me"), ["D042  source is not public"]),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems(tiny: Against, name: str) -> None:
    text, wanted = PROBLEMS[name]
    found = problems(tiny, text)
    assert len(found) == len(wanted), found
    for said, words in zip(found, wanted, strict=True):
        assert said.startswith("m/cvss.yaml:")
        assert words in said, said


def test_a_threat_that_a_named_configuration_does_not_have(tmp_path: Path) -> None:
    from tests.collateral.support import INIT, make_workspace

    flow = '    Flow("T1",'
    only = INIT.replace(flow, '    if o.auth == "none":\n        Flow("T1",')
    make_workspace(tmp_path, init=only, source=False)
    held = against(load_model(tmp_path / "model", "model", load_vocabulary()))
    (said,) = problems(held, entry(more=WORDS + "\n    configurations: [guarded]"))
    assert said.endswith(f'D043  "{THREAT}" is not in the configuration "guarded"')
    assert read(held, entry(more=WORDS + "\n    configurations: [bare]"))


def test_one_for_each_configuration(tiny: Against) -> None:
    found = read(
        tiny,
        entry(more="\n    configurations: [guarded]" + WORDS),
        entry(vector=LOW, more="\n    configurations: [bare]" + WORDS),
        entry("CORE-003@T1"),
    )
    assert [item.vector for item in vectors_at(found, THREAT, "bare")] == [LOW]
    best = best_vector(found, THREAT)
    assert best is not None
    assert best.vector == HIGH
    assert best_vector(found, "CORE-005@T1", "bare") is None
    records = vector_records(found, {THREAT})
    assert [(r.vector, r.configurations, r.proposed) for r in records] == [
        (HIGH, ("guarded",), True),
        (LOW, ("bare",), True),
    ]


def test_a_state_that_is_compared_is_read_alone() -> None:
    (found,) = read(None, entry("GONE-001@nowhere"))
    assert found.score == 8.7


@given(st.text(max_size=80))
def test_no_text_is_taken_for_a_vector(text: str) -> None:
    import json

    try:
        found = read(None, f"\n  - threat: X\n    vector: {json.dumps(text)}")
    except InvalidInput:
        return
    assert found[0].vector.startswith("CVSS:4.0/")


@pytest.mark.slow
def test_the_vectors_of_kata_are_proposed_and_rest_on_records_or_words() -> None:
    folder = Path(__file__).parents[2] / "models/kata"
    loaded = load_model(folder, "kata", load_vocabulary())
    held = against(loaded, load_advisories(folder, loaded.project))
    data = (folder / "cvss.yaml").read_bytes()
    found = read_vectors(data, "cvss.yaml", held)
    assert len(found) >= 5
    assert all(item.proposed for item in found)
    for old, new, said in (
        ("advisory: CVE-2026-44210", "advisory: CVE-2026-47243", "is not about CORE-016@F02.hypervisor"),
        ("/SA:H/E:P", "/SA:H", "D058  CVE-2026-44210 has the vector"),
    ):
        with pytest.raises(InvalidInput, match=said):
            read_vectors(data.replace(old.encode(), new.encode()), "cvss.yaml", held)
