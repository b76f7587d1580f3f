"""`response.yaml`: what it takes, what it refuses and where."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from collateral.response import read_response, response_schema
from threatmodel.core.errors import InvalidInput

MODELS = Path(__file__).parents[2] / "models"
LEAST = "supported: {policy: {text: Newest only}}\nseverity: {version: {text: CVSS v4.0}}\n"
S = "https://example.org/page"


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read_response(text.encode(), "response.yaml")
    return [found.render() for found in caught.value.diagnostics]


def test_what_has_no_source_is_proposed() -> None:
    response = read_response(LEAST.encode(), "response.yaml")
    assert response.supported.policy.proposed
    assert response.contacts == ()
    assert response.expiring() == ()


@pytest.mark.parametrize(
    ("holders", "state"),
    [
        ("", "vacant"),
        ("holders: [{name: A. Person}]", "candidate"),
        (f"holders: [{{name: A. Person, source: '{S}'}}]", "held"),
        ("case_by_case: true", "case-by-case"),
    ],
)
def test_a_name_without_a_source_holds_nothing(holders: str, state: str) -> None:
    text = f"{LEAST}roles:\n  - id: keeper\n    role: Keeper\n    duties: keeps\n    {holders}\n"
    (role,) = read_response(text.encode(), "response.yaml").roles
    assert role.state == state
    assert role.place is not None
    assert role.place.line == 4


def test_only_a_published_channel_is_a_contact() -> None:
    text = (
        f"{LEAST}intake:\n  channels:\n    - {{name: mail, uri: 'mailto:a@example.org'}}\n"
        f"    - {{name: form, uri: '{S}', source: '{S}'}}\n"
    )
    assert read_response(text.encode(), "response.yaml").contacts == (S,)


def test_what_ends_is_listed_by_day_with_its_owner() -> None:
    text = (
        f"{LEAST}intake: {{expires: 2027-03-01, owner: Team}}\n"
        "roles: [{id: a, role: A, duties: d, holders: [{name: N, term_end: 2027-02-01}]}]\n"
    )
    found = read_response(text.encode(), "response.yaml").expiring()
    assert [(item.what, item.owner, item.expires) for item in found] == [
        ("term of A", "N", "2027-02-01"),
        ("contacts", "Team", "2027-03-01"),
    ]
    assert all(item.place is not None and item.place.line and item.proposed for item in found)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("scop: []", 'response.yaml:3  D031  unknown key "scop"; did you mean "scope"?'),
        ("scope: [{txt: a}]", 'D031  unknown key "txt"; did you mean "text"?'),
        ("scope: [{text: a, sorce: x}]", 'did you mean "source"?'),
        ("scope: [a]", 'D030  "scope[0]" must be a mapping with the keys text, title, source'),
        ("scope: text", 'D030  "scope" must be'),
        ("scope: [{text: ' '}]", 'D030  "text" is empty'),
        ("scope: [{text: 3}]", 'D030  "text" must be string'),
        (f"scope: [{{text: {'x' * 1501}}}]", "more than 1500 characters"),
        (f"scope: [{{text: a, title: {'x' * 201}}}]", "more than 200 characters"),
        ("scope: [" + "{text: a}," * 201 + "]", "more than 200 items"),
        ("scope: [{text: a, source: 'http://x.example'}]", "D032  source is not public"),
        ("scope: [{text: a, source: somebody}]", "D032  source is not public"),
        ("intake: {channels: [{name: a, uri: 'javascript:1'}]}", "D032  uri"),
        ("intake: {policy: 'ftp://x'}", "D032  policy"),
        ("intake: {expires: '2027-02-30'}", "D032  expires"),
        ("intake: {expires: 20270101}", 'D030  "expires" must be string'),
        ("targets: [{step: aknowledge, within: 1 day}]", 'D031  "step" has another word'),
        ("targets: [{step: fix, within: a}, {step: fix, within: b}]", 'D033  target "fix" stands twice'),
        ("roles: [{id: a, role: A}]", 'D030  "duties" is missing'),
        ("roles: [{id: a, role: A, duties: d}, {id: a, role: B, duties: d}]", 'D033  role "a" stands twice'),
        ("roles: [{id: A B, role: A, duties: d}]", "lower-case letters"),
        ("roles: [{id: a, role: A, duties: d, place: {path: /etc/passwd}}]", 'D031  unknown key "place"'),
        ("place: 3", 'D031  unknown key "place"'),
    ],
)
def test_what_is_wrong_is_told_with_its_line(more: str, expected: str) -> None:
    assert any(expected in found for found in problems(f"{LEAST}{more}\n"))


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    found = problems("scope: [{text: ''}]\nsupported: {}\nseverity: {version: {text: a, source: b}}\n")
    assert [line.split("  ")[1] for line in found] == ["D030", "D030", "D032"]


@pytest.mark.parametrize(
    "text", ["", "[]", "- a", "3", "a: *b", "a: &a [*a]", "\udcff", "{" * 200, "!!python/object:os.system {}"]
)
def test_other_things_are_refused_as_a_whole(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_response(text.encode("utf-8", "surrogateescape"), "response.yaml")


def test_hidden_characters_become_visible() -> None:
    response = read_response(f'{LEAST}scope: [{{text: "a\\u202eb"}}]\n'.encode(), "response.yaml")
    assert response.scope[0].text == "a<U+202E>b"


@pytest.mark.parametrize("model", ["kata", "self"])
def test_the_models_of_this_repository_are_valid_by_reader_and_schema(model: str) -> None:
    data = (MODELS / model / "response.yaml").read_bytes()
    response = read_response(data, "response.yaml")
    kind = jsonschema.Draft202012Validator
    kind.check_schema(response_schema())
    assert list(kind(response_schema()).iter_errors(yaml.safe_load(data))) == []
    assert [role.id for role in response.roles if role.state == "candidate"] == []


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    kind = jsonschema.Draft202012Validator(response_schema())
    bad = yaml.safe_load(f"{LEAST}scope: [{{text: a, sorce: x}}]\n")
    assert [error.json_path for error in kind.iter_errors(bad)] == ["$.scope[0]"]
    assert "place" not in json.dumps(response_schema())
