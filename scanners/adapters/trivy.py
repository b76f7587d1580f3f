"""trivy, offline, as two scanners: `trivy-config` over configuration and `trivy-secret` over text files.

Settings, ignore files and ignore comments of the tree have no effect; checks are those that the program brings. Its rules
for secrets leave out files by name, whatever lies below `test` or ends in `.md`, so these files get neutral names.
Kubernetes manifests are read as they are; templates are not rendered. Its scan for vulnerabilities needs a database of
its own and is not offered: `osv-scanner` and `dependencies` look up lock files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from scanners.adapters import hadolint
from scanners.adapters.file_tool import FileTool, Planted, Report, printed
from scanners.adapters.judge import Account, Claim, cwe_list, https, items, mapping, normal_path, text
from scanners.adapters.weaknesses import severity, weakness
from scanners.finding import RuleInfo
from scanners.protocol import SourceFiles

_LICENCE = "Apache-2.0"
_OPTIONS = (
    "filesystem",
    "--config=/dev/null",
    "--ignorefile=/dev/null",
    "--cache-dir={home}/trivy",
    "--offline-scan",
    "--skip-version-check",
    "--disable-telemetry",
    "--no-progress",
    "--format=json",
)
_KEYS = (re.compile(rb"^apiVersion:", re.MULTILINE), re.compile(rb"^kind:", re.MULTILINE))
_TEMPLATE = b"{{"
_IGNORE = re.compile(rb"(trivy|tfsec):(?=ignore)")
_LOG = re.compile(r"[0-9T:Z+-]+\t([A-Z]+)\t(.*)")
_EXPECTED = "[misconfig] Falling back to embedded checks"
_OPENED = re.compile(r'\[secret\] Using streaming scanner\tfile_path="([^"]+)"')
_MAVEN = frozenset({"settings.xml", "settings-security.xml"})
"""Names that its rules for secrets ask for."""
_SMALLEST = 10
"""Bytes of a file that it searches for secrets."""
_TEXT = 8000


def wants_config(path: str, tree: SourceFiles) -> bool:
    """Dockerfiles, Terraform files, and Kubernetes manifests that are no templates."""
    if hadolint.wants(path, tree) or path.endswith(".tf"):
        return True
    if not path.endswith((".yaml", ".yml")):
        return False
    data = tree.read(path)
    return _TEMPLATE not in data and all(key.search(data) for key in _KEYS)


def wants_text(path: str, tree: SourceFiles) -> bool:
    data = tree.read(path)
    return len(data) >= _SMALLEST and b"\0" not in data[:_TEXT]


def neutral(number: int, path: str) -> str:
    """A name for a file that no rule on names leaves out."""
    name = PurePosixPath(path).name.lower()
    return f"{number:06}/{name}" if name in _MAVEN else f"{number:06}"


def without_ignores(data: bytes) -> bytes:
    """The file with comments that switch checks off made plain ones of the same length."""
    return _IGNORE.sub(rb"\1;", data)


def read_config(report: Report) -> Account:
    results = _results(report)
    found = [
        (normal_path(result.get("Target")), item)
        for result in results
        for item in items(result.get("Misconfigurations", []), "Misconfigurations")
    ]
    notes = _notes(report)
    return Account(
        scanned=frozenset(
            normal_path(result.get("Target")) for result in results if result.get("Class") == "config"
        ),
        problems={},
        claims=tuple(_config(path, item) for path, item in found),
        rules=tuple(_rule(item, _config_id(item)) for _, item in found),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def read_secrets(report: Report) -> Account:
    results = _results(report)
    said = report.raw.outcome.stderr.decode("utf-8", "replace")
    notes = [note for note in _notes(report) if not note.startswith("[secret] The size of the scanned file")]
    return Account(
        scanned=frozenset(normal_path(name) for name in _OPENED.findall(said)),
        problems={},
        claims=tuple(
            _secret(normal_path(result.get("Target")), item)
            for result in results
            for item in items(result.get("Secrets", []), "Secrets")
        ),
        rules=(),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def _results(report: Report) -> tuple[dict[str, Any], ...]:
    return tuple(items(mapping(printed(report.raw)).get("Results"), "Results"))


def _notes(report: Report) -> list[str]:
    """Its warnings and errors, without the values that it adds: they can be secrets."""
    notes = []
    for line in report.raw.outcome.stderr.decode("utf-8", "replace").splitlines():
        match = _LOG.fullmatch(line)
        if match and match[1] in ("WARN", "ERROR", "FATAL") and not match[2].startswith(_EXPECTED):
            notes.append(match[2].split("\t")[0][:300])
    if report.raw.outcome.stderr_truncated:
        notes.append("its messages reached the limit")
    return notes


def _config_id(item: Mapping[str, Any]) -> str:
    return (text(item.get("AVDID"), 100).removeprefix("AVD-") or text(item.get("ID"), 100)) or "(no rule)"


def _rule(item: Mapping[str, Any], id_: str) -> RuleInfo:
    return RuleInfo(
        id=id_,
        title=text(item.get("Title"), 200) or id_,
        description=text(item.get("Description"), 2000),
        cwe=cwe_list([weakness("trivy", id_)]),
        help_uri=https(item.get("PrimaryURL")),
        severity=severity("trivy", text(item.get("Severity"), 20)),
    )


def _config(path: str, item: Mapping[str, Any]) -> Claim:
    id_ = _config_id(item)
    place = mapping(item.get("CauseMetadata"))
    return Claim(
        rule=id_,
        message=text(item.get("Message"), 500) or text(item.get("Title"), 500),
        severity=severity("trivy", text(item.get("Severity"), 20)),
        confidence="medium",
        cwe=cwe_list([weakness("trivy", id_)]),
        stride="",
        path=path,
        line=place.get("StartLine") or 1,
        column=1,
        end_line=place.get("EndLine"),
        end_column=0,
    )


def _secret(path: str, item: Mapping[str, Any]) -> Claim:
    return Claim(
        rule=text(item.get("RuleID"), 200) or "(no rule)",
        message=text(item.get("Title"), 300),
        severity=severity("trivy", text(item.get("Severity"), 20)),
        confidence="medium",
        cwe=cwe_list([weakness("trivy-secret", "")]),
        stride="",
        path=path,
        line=item.get("StartLine"),
        column=1,
        end_line=item.get("EndLine"),
        end_column=0,
        secret=True,
    )


CONFIG = FileTool(
    name="trivy-config",
    cost=30,
    program="trivy",
    licence=_LICENCE,
    argv=(
        *_OPTIONS,
        "--scanners=misconfig",
        "--misconfig-scanners=dockerfile,kubernetes,terraform",
        "--skip-check-update",
        ".",
    ),
    wants=wants_config,
    read=read_config,
    change=without_ignores,
    planted=Planted(ending="/Dockerfile", content=b"FROM planted:latest\n", rule="DS-0001"),
)
SECRET = FileTool(
    name="trivy-secret",
    cost=15,
    program="trivy",
    licence=_LICENCE,
    argv=(*_OPTIONS, "--scanners=secret", "--debug", "."),
    wants=wants_text,
    read=read_secrets,
    rename=neutral,
    quoted=False,
    planted=Planted(
        ending="",
        content=b"token = 'ghp_" + b"8aLq2ZkW0vB5nXc7RtY3mJ1sD6fG9hK4pEuT'\n",
        rule="github-pat",
    ),
)
