"""`security.txt`: the grammar of RFC 9116, section 4, and no field that nobody gave."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace

import pytest

from collateral.security_txt import security_txt, why_not
from tests.collateral.support import DAY, assessment
from threatmodel.load import Loaded

FIELD = re.compile(r"(Contact|Expires|Preferred-Languages|Canonical|Policy): (\S.*\S|\S)")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the model says about reporting."""

    contacts: tuple[str, ...] = ("mailto:security@example.org", "https://example.org/report")
    policy: str = "https://example.org/policy"
    expires: str = ""
    languages: tuple[str, ...] = ("en", "de-CH")
    canonical: tuple[str, ...] = ("https://example.org/.well-known/security.txt",)


def fields(data: bytes) -> dict[str, list[str]]:
    """The fields by name; fails where the file is not what the RFC says."""
    text = data.decode("utf-8")
    assert text.endswith("\n")
    found: dict[str, list[str]] = {}
    for line in text[:-1].split("\n"):
        if not line.startswith("#"):
            match = FIELD.fullmatch(line)
            assert match is not None, line
            found.setdefault(match[1], []).append(match[2])
    assert found["Contact"], "2.5.3: always present"
    assert len(found["Expires"]) == 1, "2.5.5: always present, once"
    assert len(found.get("Preferred-Languages", [])) <= 1
    assert DATE.fullmatch(found["Expires"][0])
    for name in ("Contact", "Canonical", "Policy"):
        assert not [uri for uri in found.get(name, []) if uri.startswith("http:")], "web addresses are https"
    return found


def test_every_field_is_what_the_model_says(tiny: Loaded) -> None:
    found = fields(security_txt(assessment(tiny), Desk()))
    assert found == {
        "Contact": ["mailto:security@example.org", "https://example.org/report"],
        "Expires": ["2024-11-13T22:13:20Z"],
        "Preferred-Languages": ["en, de-CH"],
        "Canonical": ["https://example.org/.well-known/security.txt"],
        "Policy": ["https://example.org/policy"],
    }


def test_a_draft_says_so(tiny: Loaded) -> None:
    assert "# Draft: not adopted by Tiny service." in security_txt(assessment(tiny), Desk()).decode()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", "2024-11-13T22:13:20Z"),
        ("2024-02-01", "2024-02-01T00:00:00Z"),
        ("2023-11-15", "2023-11-15T00:00:00Z"),
        ("2099-01-01", "2024-11-13T22:13:20Z"),
    ],
)
def test_it_expires_with_its_contacts_and_within_a_year(tiny: Loaded, given: str, expected: str) -> None:
    found = fields(security_txt(assessment(tiny), Desk(expires=given)))
    assert found["Expires"] == [expected]
    end = datetime.datetime.fromisoformat(expected)
    assert DAY < end <= DAY + datetime.timedelta(days=365)


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": "http://example.org"},
        {"policy": "https://example.org/a\nContact: mailto:x@evil.example"},
        {"languages": ("en\nContact: mailto:x@evil.example",)},
        {"canonical": ("javascript:alert(1)",)},
        {"contacts": ("mailto:security@example.org", "mailto:a@b\nPolicy: https://evil.example")},
    ],
)
def test_what_is_no_field_is_left_out(tiny: Loaded, changes: dict[str, object]) -> None:
    text = security_txt(assessment(tiny), replace(Desk(), **changes)).decode()  # type: ignore[arg-type]
    fields(text.encode())
    assert "evil" not in text
    assert "javascript" not in text


@pytest.mark.parametrize(
    ("desk", "reason"),
    [
        (None, "the model has no response.yaml, so nobody is known to report to"),
        (Desk(contacts=()), "the model names no contact as a URI (https, mailto or tel)"),
        (Desk(contacts=("ask somebody",)), "the model names no contact as a URI (https, mailto or tel)"),
        (Desk(expires="2023-11-14"), "the contacts in the model expired on 2023-11-14"),
        (Desk(), ""),
    ],
)
def test_the_reason_is_told_where_there_is_no_file(tiny: Loaded, desk: Desk | None, reason: str) -> None:
    assert why_not(assessment(tiny), desk) == reason
