"""What several tools tell of one place and one weakness is told once, and no source is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collateral.duplicates import hidden, told_twice
from scanners.finding import Finding, Location
from tests.collateral.support import finding


def at(scanner: str, cwe: tuple[str, ...] = ("CWE-1",), line: int = 3, **changes: object) -> Finding:
    return finding("a.py", scanner=scanner, cwe=cwe, location=Location(path="a.py", line=line), **changes)


def test_the_most_severe_stands_for_the_others() -> None:
    one, two, three = at("a", severity="note"), at("b", severity="error"), at("c")
    told = told_twice([one, two, three])
    assert told == {two.fingerprint: (three, one)}
    assert hidden(told) == {one.fingerprint, three.fingerprint}


def test_another_line_weakness_or_only_one_tool_is_another_finding() -> None:
    assert not told_twice([at("a"), at("b", line=4)])
    assert not told_twice([at("a"), at("b", rule="other", cwe=("CWE-2",))])
    assert told_twice([at("a", cwe=()), at("b", cwe=())])
    assert not told_twice([at("a"), at("a", rule="other")])
    assert not told_twice([at("a", cwe=()), at("b", rule="other", cwe=())])
    assert not told_twice([at("a", line=0), at("b", line=0)])


FOUND = st.builds(
    at,
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([(), ("CWE-1",), ("CWE-2",), ("CWE-1", "CWE-2")]),
    st.integers(0, 2),
    rule=st.sampled_from(["x", "y"]),
    severity=st.sampled_from(["error", "warning", "note"]),
)


@given(st.lists(FOUND, unique_by=lambda f: f.fingerprint), st.randoms())
def test_each_finding_stands_once_whatever_the_order(found: list[Finding], random: object) -> None:
    told = told_twice(found)
    others = [other.fingerprint for group in told.values() for other in group]
    assert len(others) == len(set(others))
    assert not set(others) & set(told)
    by = {f.fingerprint: f for f in found}
    for first, group in told.items():
        scanners = [by[first].scanner, *(other.scanner for other in group)]
        assert len(scanners) == len(set(scanners))
        assert all(set(by[first].cwe) & set(o.cwe) or by[first].rule == o.rule for o in group)
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert told_twice(shuffled) == told
