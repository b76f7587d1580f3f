"""`threatmodel explain`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import jsonschema
import pytest

from collateral.bundle.exports import schema
from collateral.explain import ExplainFile
from tests.cli.harness import Cli
from tests.collateral.support import make_workspace

pytestmark = pytest.mark.slow

FORUM = Path(__file__).parents[1] / "data/pytm/forum.py"
UTF8 = {"LANG": "C.UTF-8"}


@pytest.fixture(name="shop", scope="module")
def _shop(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    folder = make_workspace(tmp_path_factory.mktemp("explain"))
    shutil.copy(FORUM, folder / "forum.py")
    return Cli(cwd=folder, path=os.environ["PATH"], environ=UTF8)


def test_a_threat(shop: Cli) -> None:
    said = shop("explain", "model", "CORE-001@T1")
    assert said.code == 0
    for line in (
        "CORE-001@T1  Anyone on the network can speak to the interface",
        "spoofing · unverified · risk critical · priority p2 · in guarded",
        "│     model/__init__.py:44",
        "Why the threat is there: every part of the condition holds for stranger",
        '├─ ✓ flow.authentication == "none"  (flow.authentication is "none")',
        "└─ ✓ not controls(flow.target)  (service)",
        "      client is the adversary's from the start",
        "   ├─ ? peer-authentication: would mitigate; not every control in it is proven",
        "   └─ ? not-checked  app/service.py has /^def check_token/",
        "   ├─ likelihood 5: reach(flow.source) is 5, of client",
        "   └─ residual: no mitigation is proven, the likelihood stays",
        "├─ priority p2: medium risk, or a control that is not proven",
        "└─ open, risk critical: bare",
    ):
        assert line in said.out.splitlines()
    assert max(map(len, said.out.splitlines())) <= 100


def test_with_a_source_claims_show_what_was_seen(shop: Cli) -> None:
    said = shop("explain", "model", "CORE-001@T1", "--source", "source")
    assert said.code == 0
    assert "spoofing · mitigated · risk medium, inherent critical · priority none · in guarded" in said.out
    assert "      app/service.py:1  def check_token(token):" in said.out
    assert "a proven mitigation takes 3 steps away and leaves likelihood 2: medium" in said.out
    assert "not checked" not in said.out


def test_a_rule_that_gives_no_threat(shop: Cli) -> None:
    said = shop("explain", "model", "CORE-001", "--on", "T2")
    assert said.code == 0
    assert said.out.splitlines()[1] == "no threat in guarded"
    assert "Why there is no threat: not every part of the condition holds" in said.out
    assert "├─ ✗ controls(flow.source)  (service)" in said.out
    assert "     fails: controls(flow.source); not controls(flow.target)" not in said.out
    assert "What stands against it" not in said.out
    assert "Risk" not in said.out


def test_another_configuration(shop: Cli) -> None:
    said = shop("explain", "model", "CORE-001@T1", "--config", "bare")
    assert said.out.splitlines()[1].endswith("· in bare")
    assert "└─ ✗ open, no control claims what would mitigate it" in said.out
    assert "└─ unverified, risk critical: guarded" in said.out


def test_without_utf8_nothing_but_ascii(shop: Cli) -> None:
    said = shop("explain", "model", "CORE-001@T1", environ={"LANG": "C"})
    assert said.out.isascii()
    assert '|- [+] flow.authentication == "none"  (flow.authentication is "none")' in said.out
    assert '|- flow T1 "Requests", client -> service' in said.out


def test_markdown_is_the_same_as_lists(shop: Cli) -> None:
    said = shop("explain", "model", "CORE-001@T1", "--format", "markdown")
    assert said.out.startswith("## CORE\\-001\\@T1 Anyone on the network")
    assert "### What stands against it" in said.out
    assert "- **✓** controls\\(flow\\.source\\) \\(client\\)" in said.out


@pytest.mark.parametrize(
    "words",
    [
        ("model", "CORE-001@T1"),
        ("model", "CORE-011@service", "--source", "source"),
        ("model", "CORE-009", "--on", "store"),
        ("forum.py", "PYTM-AC06@web-server", "--pack", "pytm"),
    ],
)
def test_json_is_in_its_format(shop: Cli, words: tuple[str, ...]) -> None:
    value = shop("explain", *words, "--format", "json").json
    jsonschema.Draft202012Validator(schema("explain", ExplainFile)).validate(value)
    assert (value["judged"] is not None) is value["explanation"]["holds"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("CORE-0011@T1",),
            'U026  the packs of this model have no rule "CORE-0011"; did you mean "CORE-011"?',
        ),
        (
            ("CORE-001@servce",),
            'U027  no configuration has an element or flow "servce"; did you mean "service"?',
        ),
        (
            ("CORE-001@T9",),
            'U027  no configuration has an element or flow "T9"; there are client, service, store, T1, T2, T3',
        ),
        (
            ("CORE-001@service",),
            'U027  CORE-001 is asked of each flow; "service" is an element; its flows are T1, T2, T3',
        ),
        (
            ("CORE-011", "--on", "T1"),
            'U027  CORE-011 is asked of each element; "T1" is a flow; its ends are client and service',
        ),
        (("CORE-001",), "U028  CORE-001 at which element or flow?; add --on, or write RULE@ID"),
        (("CORE-001@T1", "--on", "T1"), 'U028  "CORE-001@T1" says where already; leave out --on'),
    ],
)
def test_what_is_not_there(shop: Cli, words: tuple[str, ...], message: str) -> None:
    said = shop("explain", "model", *words)
    assert (said.code, said.out, said.err) == (2, "", f"{message}\n")


def test_what_only_another_configuration_has(shop: Cli, tmp_path: Path) -> None:
    folder = make_workspace(tmp_path, source=False)
    path = folder / "model/__init__.py"
    text = path.read_text("utf-8")
    extra = '    if o.auth == "none":\n        Flow("T4", client, store, "Reports", traits=["remote"])\n'
    path.write_text(text.replace("\n\n\nMODEL", f"\n{extra}\n\nMODEL"), "utf-8")
    said = shop.at(folder)("explain", "model", "CORE-004@T4")
    assert said.code == 2
    assert said.err == 'U027  guarded has no element or flow "T4"; it is in bare; add --config bare\n'
    assert shop.at(folder)("explain", "model", "CORE-004@T4", "--config", "bare").code == 0


def test_a_threat_of_pytms_library(shop: Cli) -> None:
    said = shop("explain", "forum.py", "PYTM-AC06@web-server", "--pack", "pytm")
    assert "├─ ✓ target.controls.isHardened is False or target.controls.hasAccessControl is False" in said.out
    assert "(target.controls.isHardened is true)" in said.out
    assert "pytm's conditions ask for no adversary" in said.out
    other = shop("explain", "forum.py", "PYTM-INP05", "--on", "read", "--pack", "pytm")
    assert "└─ it is asked of Server; this is a Dataflow" in other.out
