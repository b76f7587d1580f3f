"""`threatmodel diff` on two commits of the tiny model."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from collateral.report.change import LONGEST_COMMENT, MARKER, NO_CHANGE
from collateral.risk_changes import compare_risk
from tests.collateral.support import TOML, git, write_files
from tests.diff.conftest import History
from threatmodel.load import read_manifest

pytestmark = pytest.mark.slow

FLOW = '    Flow("T3", service, client, "Answers", protocol="HTTP", data=[NOTES])\n'
NEW_FLOW = (
    FLOW
    + '    Flow("T4", client, service, "Uploads", protocol="HTTP", traits=["control-api"], data=[NOTES])\n'
)


def changes(found: Any) -> set[tuple[str, str, str]]:
    return {(c["kind"], c["id"], c["state"]) for c in found["difference"]["model"]}


def test_a_new_flow_brings_itself_and_its_threats_and_nothing_else(history: History) -> None:
    history.change((FLOW, NEW_FLOW))
    found = history.diff("--format", "json").json
    assert changes(found) == {("flow", "T4", "added")}
    threats = found["difference"]["threats"]
    assert threats
    assert {t["state"] for t in threats} == {"added"}
    assert {t["target"]["id"] for t in threats} == {"T4"}
    assert {t["reason"] for t in threats} == {"flow T4 was added"}
    assert found["difference"]["records"] == []


RENAMED = [
    ('name="Service"', 'name="Note service"'),
    ('name="Stranger"', 'name="Somebody"'),
    ('description="Keeps notes"', 'description="Keeps them"'),
    ('"Requests"', '"Calls"'),
    ('"Every caller shows a token"', '"Tokens"'),
    ('    outside = Boundary("outside", name="Outside", privilege="none")\n', "\n\n"),
    (
        '    host = Boundary("host", name="Host", privilege="root")\n',
        '    host = Boundary("host", name="Machine", privilege="root")\n'
        '    outside = Boundary("outside", name="Out", privilege="none")\n',
    ),
    (FLOW, ""),
    ("    store = Datastore(", FLOW + "    store = Datastore("),
    ('elements=["client", "service"]', 'elements=["service", "client"]'),
]


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_names_order_and_layout_are_no_change(history: History, form: str) -> None:
    history.change(*RENAMED)
    said = history.diff("--format", form)
    assert said.code == 0
    if form == "json":
        found = said.json["difference"]
        assert (said.json["changed"], found["model"], found["threats"], found["records"]) == (
            False,
            [],
            [],
            [],
        )
    else:
        assert NO_CHANGE in said.out


@pytest.mark.parametrize(
    ("old", "new", "change", "reason"),
    [
        (
            'controls=[TOKENS] if o.auth == "token" else []',
            "controls=[]",
            ("element", "service", "changed"),
            "element service: controls lost caller-tokens",
        ),
        (
            'provides=["peer-authentication"]',
            'provides=["audit-log"]',
            ("control", "caller-tokens", "changed"),
            "control caller-tokens: provides lost peer-authentication and got audit-log",
        ),
        (
            'traits=["control-api", "remote"]',
            'traits=["remote"]',
            ("flow", "T1", "changed"),
            "flow T1: traits lost control-api",
        ),
        (
            'controls=["client"], goals',
            'controls=["client", "service"], goals',
            ("adversary", "stranger", "changed"),
            "adversary stranger: controls got service",
        ),
    ],
    ids=["control detached", "control provides other", "trait gone", "adversary stronger"],
)
def test_every_changed_threat_names_what_made_it(
    history: History, old: str, new: str, change: tuple[str, str, str], reason: str
) -> None:
    history.change((old, new))
    found = history.diff("--format", "json").json
    assert changes(found) == {change}
    assert {t["reason"] for t in found["difference"]["threats"]} == {reason}


def test_of_many_changes_the_nearest_is_the_reason(history: History) -> None:
    history.change(
        ('privilege="root"', 'privilege="elevated"'),
        ('privilege="none"', 'privilege="restricted"'),
        ('language="python"', 'language="go"'),
        ('protocol="SQL"', 'protocol="gRPC"'),
        ('"Answers", protocol="HTTP"', '"Answers", protocol="gRPC"'),
        ('controls=[TOKENS] if o.auth == "token" else []', "controls=[]"),
    )
    found = history.diff("--format", "json").json["difference"]["threats"]
    lost = [
        t
        for t in found
        if (t["before"] or {}).get("controls") and t["state"] == "changed" and not t["after"]["controls"]
    ]
    assert lost
    for threat in lost:
        assert "controls lost caller-tokens" in threat["reason"].split(";")[0]


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ('Component("app", "app/**"', 'Component("app", "src/**"', ("component", "app", "changed")),
        ('elements=["client", "service"]', 'elements=["client"]', ("view", "front", "changed")),
        ('privilege="root"', 'privilege="user"', ("boundary", "host", "changed")),
        ('confidentiality="high"', 'confidentiality="none"', ("data", "notes", "changed")),
        ('"^def check_token"', '"^def check"', ("control", "caller-tokens", "changed")),
        ('"Records", protocol', '"Records", operations=["Save"], protocol', ("flow", "T2", "changed")),
        ('SUITE = Component("suite", "tests/**", role="test")', "", ("component", "suite", "removed")),
    ],
)
def test_kinds_of_change(history: History, old: str, new: str, change: tuple[str, str, str]) -> None:
    history.change((old, new))
    assert change in changes(history.diff("--format", "json").json)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (("--set", "auth=none"), ["guarded+auth=none"]),
        (("--config", "bare", "--set", "auth=token"), ["bare+auth=token"]),
        (("--config", "bare-loud"), ["bare-loud"]),
        (("--config", "bare-loud", "--config", "guarded"), ["guarded", "bare-loud"]),
    ],
)
def test_changed_and_derived_configurations(
    history: History, asked: tuple[str, ...], names: list[str]
) -> None:
    loud = TOML + '\n[derived.loud]\ndescription = "Loud"\noptions = { auth = "none" }\n'
    history.change(toml=loud)
    history.change((FLOW, NEW_FLOW), toml=loud)
    found = history.diff(*asked, "--format", "json")
    assert (found.code, found.json["difference"]["configurations"]) == (0, names)
    assert {tuple(c["configurations"]) for c in found.json["difference"]["model"]} == {tuple(names)}


def test_a_change_that_no_option_allows_is_refused(history: History) -> None:
    history.change()
    said = history.diff("--set", "auth=no")
    assert said.code == 2
    assert "auth" in said.err


def test_a_configuration_that_only_one_side_has_is_one_change(history: History) -> None:
    more = TOML + '\n[configurations.second]\ndescription = "Again"\noptions = { auth = "none" }\n'
    history.change(toml=more)
    found = history.diff("--format", "json").json
    assert changes(found) == {("configuration", "second", "added")}
    assert found["difference"]["threats"] == []


DECISION = """\
dispositions:
  - threat: {threat}
    decision: accepted
    reason: Only in the laboratory
    owner: The service team
    expires: 2026-12-31
    source: https://example.org/decisions/1
"""


def test_decisions_policy_and_packs_are_records_and_weaker_ones_are_marked(history: History) -> None:
    threat = "CORE-001@T1"
    policy = (
        TOML
        + '\n[gate]\nthreshold = "release-gating"\n[gate.levels]\nnew-threat = "info"\n'
        + '[packs]\nenabled = ["core", "ipc"]\n'
    )
    history.change(toml=policy, dispositions_yaml=DECISION.format(threat=threat))
    records = {r["id"]: r for r in history.diff("--format", "json").json["difference"]["records"]}
    assert {id_: r["weakens"] for id_, r in records.items()} == {
        threat: True,
        "gate threshold": True,
        "gate level of new-threat": True,
        "ipc": False,
    }
    text = history.diff().out
    assert "(may let more pass)" in text


def test_a_decision_on_no_threat_is_told_and_stops_nothing(history: History) -> None:
    history.change(dispositions_yaml=DECISION.format(threat="CORE-001@nowhere"))
    said = history.diff()
    assert said.code == 0
    assert "decision on CORE-001@nowhere, which is no threat any more" in said.out


def test_claims_are_checked_on_both_sides_where_there_are_sources(history: History) -> None:
    write_files(history.root, {"app/service.py": "def check_token(token):\n    return True\n"})
    history.change()
    sources = ("--source-base", ".@HEAD~1", "--source-head", ".@HEAD", "--edition", "private")
    found = history.diff("--format", "json", *sources).json["difference"]
    [claim] = [r for r in found["records"] if r["kind"] == "claim"]
    assert (claim["edits"][0]["after"], claim["place"]["path"]) == ("verified", "app/service.py")
    assert found["sources_checked"] is True
    assert {t["after"]["status"] for t in found["threats"]} == {"mitigated"}
    assert all("the check of a claim of caller-tokens" in t["reason"] for t in found["threats"])


def test_a_public_edition_tells_of_a_contradicted_claim_only_the_number(history: History) -> None:
    write_files(history.root, {"app/service.py": "def check_token(token):\n    return True\n"})
    history.change()
    write_files(history.root, {"app/service.py": "def other(token):\n    return True\n"})
    history.change()
    sources = ("--source-base", ".@HEAD~1", "--source-head", ".@HEAD")
    private = history.diff(*sources, "--edition", "private").out
    assert "contradicted" in private
    public = history.diff(*sources).out
    assert re.findall("contradict.*", public) == ["contradicted claim withheld"]


def test_folders_and_revisions_may_be_mixed(history: History, tmp_path: Path) -> None:
    history.change((FLOW, NEW_FLOW))
    git(history.root, "worktree", "add", "--quiet", str(tmp_path / "old"), "HEAD~1")
    one = history.cli("diff", str(tmp_path / "old"), ".", "model", "--format", "json").json
    two = history.cli("diff", str(tmp_path / "old" / "model"), "HEAD", "model", "--format", "json").json
    assert changes(one) == changes(two) == {("flow", "T4", "added")}


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("HEAD~1", "nowhere", "model"), 3),
        (("HEAD~1", "HEAD", "models"), 2),
        (("HEAD~1", "HEAD", "model", "--config", "bar"), 2),
        (("HEAD~1", "HEAD", "model", "--source-base", "."), 2),
        (("HEAD~1", "HEAD", "../model"), 2),
    ],
)
def test_what_is_not_there_is_an_error(history: History, argv: tuple[str, ...], code: int) -> None:
    history.change()
    said = history.cli("diff", *argv)
    assert (said.code, said.out) == (code, "")
    assert re.search(r"[A-Z]\d{3}|source-", said.err)


def test_a_state_that_is_invalid_is_named(history: History) -> None:
    history.change(('Process(\n        "service"', 'Process(\n        "service", colour="red"'))
    said = history.diff()
    assert said.code == 4
    assert "HEAD:model/__init__.py" in said.err
    assert "colour" in said.err


def test_a_comment_is_cut_with_the_number_of_what_is_left_out(history: History) -> None:
    flows = "".join(
        f'    Flow("Z{n}", client, service, "<b>|`{"x" * 300}", traits=["control-api"], data=[NOTES])\n'
        for n in range(400)
    )
    history.change((FLOW, FLOW + flows))
    comment = history.diff("--format", "markdown").out
    assert comment.startswith(MARKER)
    assert len(comment) <= LONGEST_COMMENT
    assert re.search(r"and \d+ more; `threatmodel diff` lists them all", comment)
    assert "<b>" not in comment


def test_pictures_show_what_differs_by_sign_line_and_shape(history: History) -> None:
    history.change(
        (FLOW, '    Flow("T4", service, client, "Replies", protocol="HTTP", data=[NOTES])\n'),
        ('"SQL"', '"SQLITE"'),
    )
    said = history.diff("--pictures", "pictures", "--config", "bare")
    assert (said.code, said.err.splitlines()[-1]) == (0, "1 of 1 pictures in pictures")
    dot = (history.root / "pictures" / "change-bare.dot").read_text()
    assert {"shape=octagon", "shape=hexagon", "style=dotted", "style=dashed"} <= set(
        re.findall(r"\w+=\w+", dot)
    )
    svg = (history.root / "pictures" / "change-bare.svg").read_text()
    described = re.search(r"<desc[^>]*>(.*?)</desc>", svg, re.DOTALL)
    assert described is not None
    for words in ("Added: flow", "Removed: flow", "Changed: flow"):
        assert words in described[1]


def test_json_follows_its_schema(history: History) -> None:
    import jsonschema

    from collateral.bundle.exports import schema
    from collateral.report.change import DiffFile

    history.change((FLOW, NEW_FLOW))
    jsonschema.Draft202012Validator(schema("diff", DiffFile)).validate(
        json.loads(history.diff("--format", "json").out)
    )


def test_risk_settings_are_records_and_the_reason_of_what_they_change(history: History) -> None:
    history.change(toml=TOML + "\n[risk]\nreach = [5, 2, 2, 2, 1]\nmitigation = { verified = 2 }\n")
    difference = history.diff("--format", "json").json["difference"]
    records = {r["id"]: (r["kind"], r["weakens"], r["place"]["line"]) for r in difference["records"]}
    assert records == {
        "risk weight reach": ("risk", True, 17),
        "risk weight mitigation": ("risk", False, 18),
    }
    assert {t["reason"] for t in difference["threats"]} == {
        "the risk weight reach changed; the risk weight mitigation changed"
    }
    text = history.diff().out
    assert "risk weight reach" in text
    assert "crossing 1" in text


@pytest.mark.parametrize(
    ("was", "now", "weakens"),
    [
        ("reach = [5, 4, 3, 2, 1]", "reach = [5, 5, 3, 2, 1]", False),
        ("privilege = { root = 4 }", "privilege = { root = 3 }", True),
        ("mitigation = { attested = 1 }", "mitigation = { attested = 2 }", True),
        ('impact = ["a", "b", "c", "d", "e"]', 'impact = ["a", "b", "c", "d", "f"]', False),
    ],
)
def test_what_can_lower_a_risk_weakens(tmp_path: Path, was: str, now: str, weakens: bool) -> None:
    sides = []
    for name, line in (("base", was), ("head", now)):
        write_files(tmp_path / name, {"threatmodel.toml": f"[risk]\n{line}\n"})
        sides.append(read_manifest(tmp_path / name, name))
    (change,) = compare_risk(sides[0], sides[1])
    assert (change.kind, change.weakens, str(change.place)) == ("risk", weakens, "head/threatmodel.toml:2")
    assert [len(side) for side in (compare_risk(sides[0], sides[0]), compare_risk(sides[1], sides[0]))] == [
        0,
        1,
    ]


def test_a_vector_of_cvss_is_a_record_that_judges_nothing(history: History) -> None:
    vector = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"
    history.change(cvss_yaml=f"vectors:\n  - threat: CORE-001@T1\n    vector: {vector}\n")
    difference = history.diff("--format", "json").json["difference"]
    (record,) = difference["records"]
    assert (record["kind"], record["id"], record["state"], record["weakens"]) == (
        "cvss", "CORE-001@T1", "added", False
    )  # fmt: skip
    assert difference["threats"] == []
    assert "CORE-001@T1" in history.diff().out
