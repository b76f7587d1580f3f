"""JUnit XML as runners write it, and as nobody should."""

from __future__ import annotations

import pytest

from threatmodel.readers.junit import MAX_BYTES, NotJUnit, Result, read_junit

REPORT = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
 <testsuite name="s" file="tests/a.bats">
  <testcase name="one" classname="a.bats" time="0"/>
  <testcase name="two" classname="x"><failure message="no">text &lt; &#65;</failure></testcase>
  <testcase name="three" file="tests/b.bats"><skipped/></testcase>
  <testcase name="four"><skipped/><error/></testcase>
  <testcase name="five"><system-out>fine</system-out><properties><property name="skipped"/></properties></testcase>
 </testsuite>
</testsuites>"""


def test_a_report() -> None:
    assert read_junit(REPORT) == (
        Result(name="one", classname="a.bats", file="tests/a.bats"),
        Result(name="two", classname="x", file="tests/a.bats", outcome="failed"),
        Result(name="three", file="tests/b.bats", outcome="skipped"),
        Result(name="four", file="tests/a.bats", outcome="failed"),
        Result(name="five", file="tests/a.bats"),
    )


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>"""
OUTSIDE = b"""<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>"""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        (b"", "not XML"),
        (b"<testsuite>", "not XML"),
        (b"<html/>", "its root is no test suite"),
        (b"<testsuite>" + b"<a>" * 100, "nested"),
        (b'<testsuite><testcase name="&unknown;"/></testsuite>', "not XML"),
        (b" " * (MAX_BYTES + 1), "more than"),
        (b"\xff\xfe\x00", "not XML"),
    ],
)
def test_refused(data: bytes, words: str) -> None:
    with pytest.raises(NotJUnit, match=words):
        read_junit(data)
