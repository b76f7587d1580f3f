"""cargo-audit over the Cargo.lock files of a tree, with a copy of the RustSec database. Settings have no effect.

The database is a folder that somebody names (`--tool-data rustsec=DIR`). An empty one would leave everything clean; but
the planted lock files name a release with an advisory, so that such a scan fails. Only packages of crates.io have
advisories. Yanked releases are not looked up, which needs a network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from scanners.adapters.advisories import ended_well, newest_of, package_line
from scanners.adapters.file_tool import FILES, FileTool, Planted, Report, printed
from scanners.adapters.judge import Account, Claim, Unusable, cwe_list, items, mapping, text
from scanners.adapters.weaknesses import severity, weakness
from scanners.finding import RuleInfo
from scanners.protocol import SourceFiles

_GOOD = (0, 1)
_VULNERABILITY = "vulnerability"
_DATE = re.compile(rb'^date = "([0-9]{4}-[0-9]{2}-[0-9]{2})"', re.MULTILINE)


def wants(path: str, _tree: SourceFiles) -> bool:
    return PurePosixPath(path).name == "Cargo.lock"


def read(report: Report) -> Account:
    runs, problems = ended_well(report, _GOOD)
    scanned: set[str] = set()
    claims: list[Claim] = []
    rules: list[RuleInfo] = []
    for path, raw in runs:
        try:
            whole = mapping(printed(raw))
            found = [
                (_VULNERABILITY, item)
                for item in items(mapping(whole.get("vulnerabilities")).get("list"), "list")
            ]
            warnings = mapping(whole.get("warnings"))
            found += [(kind, item) for kind in sorted(warnings) for item in items(warnings[kind], kind)]
        except Unusable as error:
            problems[path] = str(error)
            continue
        scanned.add(path)
        for kind, item in found:
            rules.append(_rule(kind, item))
            claims.append(_claim(kind, item, path, report.tree))
    count, newest = newest_of(report.data.get("rustsec"), "*/*/RUSTSEC-*.md", _DATE)
    return Account(
        scanned=frozenset(scanned),
        problems=problems,
        claims=tuple(claims),
        rules=tuple(rules),
        notes=(f"advisories: {count}, the newest of {newest}",),
        degraded=False,
    )


def _rule(kind: str, item: Mapping[str, Any]) -> RuleInfo:
    advisory = mapping(item.get("advisory"))
    id_ = _id(advisory)
    return RuleInfo(
        id=id_,
        title=text(advisory.get("title"), 200) or id_,
        description=text(advisory.get("description"), 2000),
        cwe=cwe_list([weakness("cargo-audit", kind)]),
        help_uri=f"https://rustsec.org/advisories/{id_}.html" if id_.startswith("RUSTSEC-") else "",
        severity=severity("cargo-audit", kind),
    )


def _id(advisory: Mapping[str, Any]) -> str:
    return text(advisory.get("id"), 100) or "(no advisory)"


def _claim(kind: str, item: Mapping[str, Any], path: str, tree: SourceFiles) -> Claim:
    advisory, package = mapping(item.get("advisory")), mapping(item.get("package"))
    name, version = text(package.get("name"), 100), text(package.get("version"), 100)
    patched = mapping(item.get("versions")).get("patched")
    fixed = ", ".join(text(value, 100) for value in patched) if isinstance(patched, list) else ""
    return Claim(
        rule=_id(advisory),
        message=f"{name} {version}: {text(advisory.get('title'), 300)}; "
        + (f"fixed in {fixed}" if fixed else "no fix"),
        severity=severity("cargo-audit", kind),
        confidence="high",
        cwe=cwe_list([weakness("cargo-audit", kind)]),
        stride="",
        path=path,
        line=package_line(tree, path, name, version),
        column=1,
        end_line=0,
        end_column=0,
    )


SCANNER = FileTool(
    name="cargo-audit",
    licence="Apache-2.0 OR MIT",
    argv=(
        "audit",
        "--no-fetch",
        "--stale",
        "--no-yanked",
        "--quiet",
        "--color=never",
        "--json",
        "--db",
        "{rustsec}",
        "--file",
        FILES,
    ),
    wants=wants,
    read=read,
    each=True,
    data=("rustsec",),
    needs=("rustsec",),
    planted=Planted(
        ending="/Cargo.lock",
        content=(
            b'version = 3\n\n[[package]]\nname = "smallvec"\nversion = "0.6.2"\n'
            b'source = "registry+https://github.com/rust-lang/crates.io-index"\n'
        ),
        rule="RUSTSEC-2018-0003",
    ),
    good=_GOOD,
)
