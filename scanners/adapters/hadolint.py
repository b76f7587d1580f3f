"""hadolint over the Dockerfiles of a tree. Pragmas of the tree have no effect."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from scanners.adapters.file_tool import FILES, FileTool, Planted, Report, printed
from scanners.adapters.judge import Account, items, text
from scanners.adapters.lint import lint_account
from scanners.protocol import SourceFiles

_NOT_PARSED = frozenset({"DL1000"})


def wants(path: str, _tree: SourceFiles) -> bool:
    name = PurePosixPath(path).name.lower()
    kinds = ("dockerfile", "containerfile")
    return (
        name in kinds
        or name.endswith(tuple(f".{kind}" for kind in kinds))
        or name.startswith(tuple(f"{kind}." for kind in kinds))
    )


def read(report: Report) -> Account:
    messages = tuple(items(printed(report.raw), "the list"))
    return lint_account(report, messages, "hadolint", _rule, _NOT_PARSED)


def _rule(message: Mapping[str, Any]) -> str:
    return text(message.get("code"), 200) or "(no rule)"


SCANNER = FileTool(
    name="hadolint",
    licence="GPL-3.0-only",
    argv=("--no-fail", "--no-color", "--disable-ignore-pragma", "--format", "json", FILES),
    wants=wants,
    read=read,
    planted=Planted(ending=".dockerfile", content=b"FROM planted:latest\n", rule="DL3007"),
)
