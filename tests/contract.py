"""What readers, authors and programs may rely on, as one value; `docs/versioning.md` says for how long."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from collateral.outputs import all_schemas
from threatmodel import DSL_VERSION, dsl
from threatmodel.core.canonical import digest, dump_bytes
from threatmodel.core.errors import Exit
from threatmodel.rules import PACKS, load_packs, load_vocabulary
from threatmodel.rules.retired import RETIRED
from threatmodel.system.claims import Claim

ROOT = Path(__file__).parents[1]
FILE = Path(__file__).parent / "data" / "contract.json"
Contract = Mapping[str, Any]


def current() -> dict[str, Any]:
    """The promises of the code as it is."""
    return {
        "claim-kinds": sorted(kind.__dataclass_fields__["kind"].default for kind in get_args(Claim)),
        "diagnostics": _codes(),
        "dsl": {
            "names": {name: _signature(getattr(dsl, name)) for name in dsl.__all__},
            "version": DSL_VERSION,
        },
        "exit-codes": {code.name: int(code) for code in Exit},
        "retired-rules": sorted(entry.id for entry in RETIRED),
        "rules": [rule.id for rule in load_packs(PACKS, load_vocabulary())],
        "schemas": {name: digest(_bare(found)) for name, found in all_schemas().items()},
    }


def contract_bytes() -> bytes:
    """The file as it should be."""
    return dump_bytes(current())


def broken(before: Contract, after: Contract) -> list[str]:
    """What `before` promised and `after` does not hold; empty where nothing was taken away without its version."""
    found = [
        f"{section}: {name} is gone"
        for section in ("claim-kinds", "diagnostics", "retired-rules")
        for name in sorted({*before[section]} - {*after[section]})
    ]
    rules = {*after["rules"], *after["retired-rules"]}
    found += [f"rules: {name} is gone and not retired" for name in before["rules"] if name not in rules]
    found += [
        f"rules: {name} is retired and there" for name in after["rules"] if name in after["retired-rules"]
    ]
    for name, number in before["exit-codes"].items():
        if after["exit-codes"].get(name) != number:
            found.append(f"exit-codes: {name} is no longer {number}")
    for name, value in before["schemas"].items():
        if name in after["schemas"] and after["schemas"][name] != value:
            found.append(f"schemas: {name} changed, and its version did not")
        if name not in after["schemas"] and _stem(name) not in map(_stem, after["schemas"]):
            found.append(f"schemas: {name} is gone")
    if before["dsl"]["version"] == after["dsl"]["version"]:
        found += _narrower(before["dsl"]["names"], after["dsl"]["names"])
    return found


def released() -> bool:
    """True once the change log has a release: until then nothing was promised to anybody."""
    return bool(re.search(r"^## \[\d", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE))


def _narrower(before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> list[str]:
    found = []
    for name, parameters in before.items():
        there = after.get(name)
        if there is None:
            found.append(f"dsl: {name} is gone")
            continue
        bare = {parameter.rstrip("?") for parameter in there}
        found += [f"dsl: {name} lost {p}" for p in parameters if p.rstrip("?") not in bare]
        known = {parameter.rstrip("?"): parameter.endswith("?") for parameter in parameters}
        found += [f"dsl: {name} needs {p}" for p in there if not p.endswith("?") and known.get(p, True)]
    return found


def _stem(name: str) -> str:
    return name.rpartition(":")[0]


def _codes() -> list[str]:
    """The diagnostic codes of docs/exit-codes.md; tests/docs ties them to the source."""
    text = (ROOT / "docs" / "exit-codes.md").read_text("utf-8")
    return sorted(re.findall(r"^\| ([A-Z]\d{3}|[a-z]+(?:-[a-z]+)+) \|", text, flags=re.MULTILINE))


def _signature(item: Any) -> list[str]:
    """The parameters; a question mark says that one may be left out."""
    target = item.__init__ if inspect.isclass(item) else item
    found = [p for p in inspect.signature(target).parameters.values() if p.name != "self"]
    return sorted(
        f"{p.name}{'' if p.default is p.empty and p.kind < p.VAR_POSITIONAL else _maybe(p)}" for p in found
    )


def _maybe(parameter: inspect.Parameter) -> str:
    required = parameter.default is parameter.empty and parameter.kind == parameter.KEYWORD_ONLY
    return "" if required else "?"


def _bare(schema: Any) -> Any:
    """The schema without words for readers, which may change."""
    if isinstance(schema, dict):
        return {
            key: _bare(value)
            for key, value in schema.items()
            if not (key in {"title", "description"} and isinstance(value, str))
        }
    return [_bare(value) for value in schema] if isinstance(schema, list) else schema
