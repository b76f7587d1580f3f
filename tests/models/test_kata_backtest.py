"""The advisories of Kata Containers held against its model and the tags of its repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import Cli
from tests.scanners.support import TOOLS

ROOT = Path(__file__).parents[2]
SOURCE = os.environ.get("KATA_SOURCE", "").partition("@")[0]
needs_source = pytest.mark.skipif(
    not SOURCE, reason="KATA_SOURCE does not name a git repository of Kata Containers"
)
pytestmark = pytest.mark.slow

_FIRST = {
    "assets.hypervisor.qemu.version",
    "assets.hypervisor.cloud_hypervisor.version",
    "assets.hypervisor.firecracker.version",
}
FLIPS = {
    "CVE-2025-58354": ["component-check-ends-the-guest"],
    "CVE-2026-24054": ["block-device-use-off"],
    "CVE-2026-24834": ["guest-image-read-only"],
    "CVE-2026-41326": ["policy-sees-links"],
    "CVE-2026-44210": ["no-virtiofsd-arguments"],
    "CVE-2026-47243": ["virtiofsd-sandbox"],
    "CVE-2026-50540": ["config-path-ignored"],
    "CVE-2026-64676": ["policy-fails-closed"],
    "CVE-2026-77176": ["generated-policy-binds-mounts"],
    "GHSA-7fhf-v3p3-rp56": ["bind-mounts-refused"],
    "GHSA-fgm4-mv68-h344": ["dragonball-block-range-check"],
}
"""Controls of which a claim flips, by advisory. All that were published in 2025 and 2026 and have a tag with the fix."""
OLDER = {
    "CVE-2020-2026": ["share-read-only"],
    "CVE-2020-27151": ["annotation-allow-list"],
    "CVE-2020-28914": ["volumes-read-only-on-the-host"],
}
"""Those of 2020 where the repository holds a tag without the fix."""


def _backtest(folder: Path, *words: str) -> Any:
    cli = Cli(cwd=folder, path=os.environ["PATH"])
    said = cli("backtest", str(ROOT / "models/kata"), "--format", "json", *words)
    assert said.code in {0, 3}, said.err
    return said.json


def test_every_advisory_is_named_by_a_threat(tmp_path: Path) -> None:
    value = _backtest(tmp_path, "--require-threats")
    assert (value["totals"]["named"], value["totals"]["advisories"]) == (19, 19)
    assert (value["totals"]["not_checked"], value["totals"]["no_tags"]) == (15, 4)
    assert value["totals"]["rules_not_checked"] == 11
    recent = [row for row in value["advisories"] if row["published"] >= "2025-01-01"]
    assert {row["id"] for row in recent} == set(FLIPS)


@pytest.fixture(name="checked", scope="module")
def _checked(tmp_path_factory: pytest.TempPathFactory) -> Any:
    words = ("--source", str(Path(SOURCE).absolute()), "--at-fixes", "--tag", "3.27.0")
    return _backtest(tmp_path_factory.mktemp("kata"), *words)


@needs_source
def test_a_claim_tells_each_recent_fix_from_its_flaw(checked: Any) -> None:
    told = {
        row["id"]: sorted({flip["control"] for flip in row["flips"]})
        for row in checked["advisories"]
        if row["verdict"] == "told-apart"
    }
    assert told == FLIPS | OLDER
    assert (checked["totals"]["told_apart"], checked["totals"]["by_fix"]) == (14, 14)
    assert all(flip["from_fix"] == "yes" for row in checked["advisories"] for flip in row["flips"])


@needs_source
def test_no_other_advisory_counts_as_passed(checked: Any) -> None:
    verdicts = {row["id"]: row["verdict"] for row in checked["advisories"] if row["verdict"] != "told-apart"}
    assert verdicts.pop("CVE-2020-2023") == "not-told-apart"
    assert set(verdicts.values()) == {"no-tags"}
    assert len(verdicts) == 4


@needs_source
def test_components_at_two_releases(checked: Any) -> None:
    states = {
        row["id"]: [pin["state"] for pin in row["pins"] if pin["key"] in {"", *_FIRST}]
        for row in checked["third_party"]
    }
    assert {id_: found for id_, found in states.items() if found[0] != found[1]} == {
        "CVE-2026-27211": ["affected", "fixed"],
        "CVE-2026-45782": ["unknown", "affected"],
    }
    assert {id_ for id_, found in states.items() if found[1] == "affected"} == {
        "CVE-2026-1386",
        "CVE-2026-45782",
    }
    assert {id_ for id_, found in states.items() if found[1] == "unknown"} == {
        "CVE-2019-14835",
        "CVE-2026-48914",
        "CVE-2026-53359",
    }
    assert {row["id"] for row in checked["third_party"] if not row["threats"]} == {
        "CVE-2021-20263",
        "CVE-2022-0358",
        "CVE-2023-30612",
        "CVE-2026-1386",
        "CVE-2026-27211",
    }


@needs_source
def test_a_branch_of_qemu_is_no_version(checked: Any) -> None:
    row = next(row for row in checked["third_party"] if row["id"] == "CVE-2021-3748")
    seen = {(pin["tag"], pin["seen"]): pin["state"] for pin in row["pins"]}
    assert seen == {
        ("3.27.0", "v10.2.1"): "fixed",
        ("3.27.0", "gpu-snp-20260107"): "unknown",
        ("3.27.0", "gpu-tdx-20260107"): "unknown",
        ("4.1.0", "v11.0.1"): "fixed",
        ("4.1.0", "gpu-snp-20260430"): "unknown",
        ("4.1.0", "gpu-tdx-20260430"): "unknown",
    }


@needs_source
@pytest.mark.tools
@pytest.mark.skipif(not (TOOLS / "semgrep").is_file(), reason="no scanners in .venv-scanners")
def test_rules_tell_each_recent_fix_from_its_flaw(tmp_path: Path) -> None:
    words = ("--source", str(Path(SOURCE).absolute()), "--with-rules", "--tools", str(TOOLS))
    value = _backtest(tmp_path, *words)
    assert {row["id"] for row in value["advisories"] if row["rules"]["verdict"] == "flagged"} == set(FLIPS)
    assert (value["totals"]["flagged"], value["totals"]["no_rule"]) == (11, 8)
