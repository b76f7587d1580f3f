"""veraPDF, the official validator of PDF/A and PDF/UA, as a program beside the tests. `make verapdf` brings it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JAR = Path(__file__).parents[2] / "build/verapdf/verapdf.jar"
JAVA = shutil.which("java")
MISSING = "java is not installed" if JAVA is None else "" if JAR.is_file() else "make verapdf was not run"
"""Why nothing can be validated; empty where it can."""
PROFILES = frozenset({"PDF/UA-1 validation profile", "PDF/A-3a validation profile"})
"""What every document of ours declares."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The profiles that a document declares and was held against, and every rule that it breaks, with an example."""

    profiles: frozenset[str]
    failed: tuple[str, ...]

    @property
    def clauses(self) -> frozenset[str]:
        """The broken rules as `clause-number`."""
        return frozenset(line.split()[1].rstrip(":") for line in self.failed)


def validate(documents: Sequence[Path]) -> Mapping[str, Verdict]:
    """The verdicts on `documents` by file name, each held against all profiles that it declares itself."""
    command = [
        str(JAVA),
        "-jar",
        str(JAR),
        "--flavour",
        "0",
        "--format",
        "json",
        "--maxfailuresdisplayed",
        "1",
    ]
    done = subprocess.run([*command, *map(str, documents)], capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr.decode()
    jobs = json.loads(done.stdout)["report"]["jobs"]
    verdicts = {Path(job["itemDetails"]["name"]).name: _verdict(job) for job in jobs}
    assert len(jobs) == len(verdicts) == len(documents)
    return verdicts


def _verdict(job: Mapping[str, Any]) -> Verdict:
    results = job["validationResult"]
    assert all(result["jobEndStatus"] == "normal" for result in results)
    failed = tuple(_words(rule) for result in results for rule in result["details"]["ruleSummaries"])
    assert len(failed) == sum(result["details"]["failedRules"] for result in results)
    return Verdict(frozenset(result["profileName"] for result in results), failed)


def _words(rule: Mapping[str, Any]) -> str:
    where = rule["checks"][0]["context"] if rule["checks"] else ""
    clause = f"{rule['specification'].replace(' ', '-')} {rule['clause']}-{rule['testNumber']}"
    return f"{clause}: {rule['description']} ({rule['failedChecks']} times, first at {where})"
