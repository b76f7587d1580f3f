"""`[priority]`, `[gate]` and `[publishing]`: what is read, and that every mistake is named."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from collateral.policy import GATE_RULES, GatePolicy, Policy, PublishingPolicy, at_or_above, read_policy
from collateral.policy.model import DEFAULT_GATE_LEVELS
from threatmodel.core.errors import InvalidInput
from threatmodel.load.manifest import read_manifest

WAIVER = """
[[gate.waivers]]
rule = "new-threat"
subject = "IPC-001@F1"
reason = "fixed in the next release"
owner = "A. Person"
expires = 2026-06-30
"""
CRITERION = """
[[priority.criteria]]
priority = "p1"
about = "threat"
because = "it is so"
"""


def policy(folder: Path, text: str) -> Policy:
    """The policy of a threatmodel.toml."""
    (folder / "threatmodel.toml").write_text(text, encoding="utf-8")
    return read_policy(read_manifest(folder, "model"))


def problems(folder: Path, text: str) -> list[str]:
    """What is wrong with it, one line each."""
    with pytest.raises(InvalidInput) as caught:
        policy(folder, text)
    return [found.render() for found in caught.value.diagnostics]


def test_without_sections_the_defaults_hold(tmp_path: Path) -> None:
    found = policy(tmp_path, "")
    assert found.gate == GatePolicy()
    assert found.publishing == PublishingPolicy()
    assert set(DEFAULT_GATE_LEVELS) == set(GATE_RULES)
    assert {criterion.about for criterion in found.criteria} == {"threat", "claim", "finding"}


def test_an_empty_list_of_criteria_is_no_default(tmp_path: Path) -> None:
    assert policy(tmp_path, "[priority]\ncriteria = []\n").criteria == ()


def test_everything_that_is_written_is_read(tmp_path: Path) -> None:
    text = f"""
[gate]
threshold = "p2"
warn-days = 7
[gate.levels]
new-threat = "warn"
[[gate.boundary-paths]]
name = "api"
paths = ["a/*.proto"]
elements = ["agent"]
documents = ["docs/**"]
{WAIVER}source = "https://example.org/1"
[publishing]
withhold = "none"
days = 0
"""
    found = policy(tmp_path, text)
    gate = found.gate
    assert (gate.threshold, gate.warn_days) == ("p2", 7)
    assert gate.levels == {**DEFAULT_GATE_LEVELS, "new-threat": "warn"}
    (entry,), (waiver,) = gate.boundary_paths, gate.waivers
    assert (entry.paths, entry.elements, entry.documents) == (("a/*.proto",), ("agent",), ("docs/**",))
    assert (waiver.expires, waiver.source) == (datetime.date(2026, 6, 30), "https://example.org/1")
    assert str(waiver.place) == "model/threatmodel.toml:13"
    assert (found.publishing.withhold, found.publishing.days) == ("none", 0)


@pytest.mark.parametrize(
    ("source", "day", "counts"),
    [
        ("https://example.org/1", datetime.date(2026, 6, 30), True),
        ("https://example.org/1", datetime.date(2026, 7, 1), False),
        ("", datetime.date(2026, 1, 1), False),
    ],
)
def test_a_waiver_counts_with_a_source_and_until_its_day(
    tmp_path: Path, source: str, day: datetime.date, counts: bool
) -> None:
    (waiver,) = policy(tmp_path, f'{WAIVER}source = "{source}"\n').gate.waivers
    assert waiver.in_force(day) is counts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gate = 3", "[gate] must be a table"),
        ("[gate]\nthreshhold = 'p1'", 'unknown key "threshhold"; did you mean "threshold"?'),
        ("[gate]\nthreshold = 'p9'", 'threshold cannot be "p9"'),
        ("[gate]\nthreshold = 1", '"threshold" must be text'),
        ("[gate]\nwarn-days = 400", "a number of days from 0 to 366"),
        ("[gate]\nwarn-days = true", "a number of days from 0 to 366"),
        ("[gate]\nlevels = 'warn'", "levels must be a table"),
        ("[gate.levels]\nnew-treat = 'warn'", 'no gate rule "new-treat"; did you mean "new-threat"?'),
        ("[gate.levels]\nexpiry = 'fatal'", 'expiry cannot be "fatal"'),
        ("[gate]\nwaivers = 3", "must be tables; write [[gate.waivers]]"),
        ("[[gate.boundary-paths]]\nname = 'a'", '"paths" must be a list of texts'),
        ("[[gate.boundary-paths]]\nname = 'a'\npaths = ['{a']", "unbalanced brace"),
        ("[[gate.boundary-paths]]\nname = 'a'\npaths = ['a']\npath = 'b'", 'unknown key "path"'),
        (WAIVER.replace("IPC-001@F1", "IPC-*"), "a waiver names one subject"),
        (WAIVER + WAIVER, '"new-threat IPC-001@F1" stands twice'),
        ("[[gate.boundary-paths]]\nname = 'a'\npaths = ['b']\n" * 2, '"a" stands twice'),
        (WAIVER.replace("new-threat", "new-threats"), 'did you mean "new-threat"?'),
        (WAIVER.replace("2026-06-30", "'soon'"), "is not an ISO 8601 date"),
        (WAIVER + "source = 'ask me'", "source is not public"),
        (WAIVER.replace("owner", "owners"), '"owner" is missing'),
        (CRITERION + "stat = ['open']", 'a threat has no "stat"'),
        (CRITERION + "status = ['opened']", 'status cannot be "opened"; did you mean "open"?'),
        (CRITERION + "status = 'open'", '"status" must be a list of texts'),
        (CRITERION.replace("p1", "none"), 'priority cannot be "none"'),
        (CRITERION.replace('"it is so"', '""'), '"because" must be text'),
        ("[publishing]\ndays = -1", "a number of days from 0 to 366"),
        ("[publishing]\nwithold = 'p1'", 'did you mean "withhold"?'),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    found = problems(tmp_path, text)
    assert any(said in line for line in found)
    assert all(line.startswith("model/threatmodel.toml") and "  M028  " in line for line in found)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[gate]\nwarn-days = 7\nthreshold = 'p9'", 3),
        ("[gate]\nwarn-days = 7\n[gate.levels]\nexpiry = 'warn'\nnew-treat = 'warn'", 5),
        (WAIVER + "colour = 'red'", WAIVER.count("\n") + 1),
        (WAIVER + WAIVER.replace("IPC-001@F1", "IPC-*"), WAIVER.count("\n") + 4),
        ("[publishing]\n\ndays = -1", 3),
    ],
)
def test_the_line_is_that_of_the_key(tmp_path: Path, text: str, line: int) -> None:
    (found,) = problems(tmp_path, text)
    assert found.startswith(f"model/threatmodel.toml:{line}  M028  ")


def test_a_claim_may_have_stars_in_its_text(tmp_path: Path) -> None:
    text = WAIVER.replace("new-threat", "contradicted-claim").replace("IPC-001@F1", "c#src/**/*.go has /x/")
    assert policy(tmp_path, text).gate.waivers[0].subject == "c#src/**/*.go has /x/"


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = "[gate]\nthreshold = 'x'\nwarn-days = -1\n[publishing]\ndays = 'x'\n"
    assert len(problems(tmp_path, text)) == 3


def test_none_is_below_every_limit() -> None:
    assert not at_or_above("none", "none")
    assert not at_or_above("p1", "none")
    assert at_or_above("release-gating", "p1")
    assert at_or_above("p1", "p1")
    assert not at_or_above("p2", "p1")
