"""clippy over the Rust files of a tree, crate by crate, without building anything else. Attributes have no effect.

cargo would build what a crate needs, and run its build scripts and procedural macros: code of the tree, and of strangers.
So clippy's compiler is run alone on the root file of each crate. A crate that needs others does not compile; its files
count as not scanned, with the compiler's words. What a crate is made of the compiler tells itself (its dep-info). Code
that features, tests or another platform switch on is not looked at.
"""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from scanners.adapters.file_tool import FILES, FileTool, Planted, Report, read_above
from scanners.adapters.judge import Account, Claim, cwe_list, mapping, normal_path, text
from scanners.adapters.tool import ending_of_one
from scanners.adapters.weaknesses import severity, weakness
from scanners.protocol import RawOutput, SourceFiles

_ROOT = re.compile(r"(?:.*/)?(?:src/(?:lib|main|bin/[^/]+|bin/[^/]+/main)|examples/[^/]+|build)\.rs")
_PREFIX = "clippy::"
_EDITIONS = ("2015", "2018", "2021", "2024")
_EDITION = "2021"
"""Where no manifest names one."""
_MOST = 1 << 20
"""Bytes of a manifest."""
_LINTS = (
    "correctness",
    "suspicious",
    "cast_possible_truncation",
    "indexing_slicing",
    "mem_forget",
    "panic",
    "undocumented_unsafe_blocks",
    "unwrap_used",
)
"""Groups and lints that are told whatever the attributes of the code say."""


def wants(path: str, _tree: SourceFiles) -> bool:
    return path.endswith(".rs") or PurePosixPath(path).name == "Cargo.toml"


def roots(files: tuple[str, ...]) -> tuple[str, ...]:
    """The files that a crate starts with, where cargo looks for them."""
    return tuple(path for path in files if _ROOT.fullmatch(path))


def edition(word: str, tree: Path) -> tuple[str, ...]:
    """The option for the edition of a crate: that of the nearest manifest, or of its workspace."""
    place = PurePosixPath(normal_path(word))
    for folder in place.parents:
        manifest = _manifest(tree / folder / "Cargo.toml")
        workspace = mapping(mapping(manifest.get("workspace")).get("package"))
        for found in (mapping(manifest.get("package")).get("edition"), workspace.get("edition")):
            if found in _EDITIONS:
                return (f"--edition={found}",)
    return (f"--edition={_EDITION}",)


def _manifest(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as handle:
            return tomllib.loads(handle.read(_MOST).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


def read(report: Report) -> Account:
    compiled: set[str] = set()
    problems: dict[str, str] = {}
    claims: list[Claim] = []
    for root, raw in report.runs:
        messages = list(_messages(raw))
        files = _parts(raw)
        failed = _failed(raw, messages) or ("" if root in files else "what it read is not known")
        files |= {root}
        if failed:
            problems |= {path: problems.get(path, failed) for path in files}
        else:
            compiled |= files
        claims += [_claim(item) for item in messages if _code(item).startswith(_PREFIX)]
    manifests = [path for path in report.files if not path.endswith(".rs")]
    return Account(
        scanned=frozenset(compiled | read_above(compiled, manifests)),
        problems={path: why for path, why in problems.items() if path not in compiled},
        claims=tuple(dict.fromkeys(claims)),
        rules=(),
        notes=(),
        degraded=any(raw.outcome.stderr_truncated for _, raw in report.runs),
    )


def _messages(raw: RawOutput) -> Iterator[dict[str, Any]]:
    for line in raw.outcome.stderr.decode("utf-8", "replace").splitlines():
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _failed(raw: RawOutput, messages: list[dict[str, Any]]) -> str:
    """Why a crate was not searched; empty where it was."""
    errors = [item for item in messages if item.get("level") == "error"]
    if errors:
        return "its crate does not compile alone: " + " ".join(text(errors[0].get("message"), 200).split())
    return ending_of_one(raw.outcome, (0,)) or raw.report_problem


def _parts(raw: RawOutput) -> set[str]:
    """The files of a crate: those that have a line of their own in the compiler's list, as makefiles have it."""
    try:
        lines = (raw.report or b"").decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return set()
    names = (line.removesuffix(":").replace("\\ ", " ") for line in lines if line.endswith(":"))
    return {normal_path(posixpath.normpath(name)) for name in names}


def _code(item: Mapping[str, Any]) -> str:
    return text(mapping(item.get("code")).get("code"), 200)


def _claim(item: Mapping[str, Any]) -> Claim:
    rule = _code(item)
    spans = item.get("spans")
    primary = [span for span in spans if mapping(span).get("is_primary")] if isinstance(spans, list) else []
    place = mapping(primary[0]) if primary else {}
    return Claim(
        rule=rule,
        message=text(item.get("message"), 500),
        severity=severity("clippy", rule),
        confidence="medium",
        cwe=cwe_list([weakness("clippy", rule)]),
        stride="",
        path=normal_path(posixpath.normpath(text(place.get("file_name")) or ".")),
        line=place.get("line_start"),
        column=place.get("column_start"),
        end_line=place.get("line_end"),
        end_column=place.get("column_end"),
    )


SCANNER = FileTool(
    name="clippy",
    cost=40,
    program="clippy-driver",
    licence="Apache-2.0 OR MIT",
    argv=(
        "--crate-type=lib",
        "--crate-name=scanned",
        "--emit=dep-info={output},metadata",
        "--out-dir={home}",
        "--error-format=json",
        *(f"--force-warn=clippy::{name}" for name in _LINTS),
        FILES,
    ),
    wants=wants,
    read=read,
    words=roots,
    each=True,
    options=edition,
    helpers=("rustc",),
    planted=Planted(
        ending="/src/lib.rs",
        content=b"pub fn planted(a: Option<u8>) -> u8 {\n    a.unwrap()\n}\n",
        rule="clippy::unwrap_used",
    ),
    good=(0, 1),
    env={"CLIPPY_CONF_DIR": "{home}"},
)
