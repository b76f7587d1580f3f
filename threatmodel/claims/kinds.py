"""How each kind of claim is checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from threatmodel.claims import constants, defaults, kernel, keys, patterns, rules, sets, tests
from threatmodel.claims.check import ClaimCheck, Reading
from threatmodel.readers.content import why_unusable
from threatmodel.system import (
    Absent,
    ArgumentsAbsent,
    Claim,
    ConfigDefault,
    Constant,
    FileExists,
    HasTest,
    KernelConfig,
    KeySet,
    Present,
    RpcSet,
    Semgrep,
    Value,
    Version,
)

Checker = Callable[[ClaimCheck, Any, tuple[str, ...], Reading], ClaimCheck]
"""From a check without a result, its claim, the files that its globs match (one at least) and the tree to the result."""

CHECKERS: Mapping[type[Claim], Checker] = {
    Present: patterns.present,
    Absent: patterns.absent,
    ArgumentsAbsent: patterns.arguments_absent,
    Value: keys.value,
    Version: keys.version,
    HasTest: tests.has_test,
    Constant: constants.constant,
    ConfigDefault: defaults.config_default,
    KernelConfig: kernel.kernel_config,
    RpcSet: sets.rpc_set,
    KeySet: sets.key_set,
    Semgrep: rules.semgrep,
}


def check_on_tree(blank: ClaimCheck, claim: Claim, reading: Reading) -> ClaimCheck:
    """The result of a claim on a source tree."""
    matched = {glob: reading.select(glob) for glob in claim.paths}
    paths = tuple(dict.fromkeys(path for found in matched.values() for path in found))
    if isinstance(claim, FileExists):
        return _exists(blank, matched, reading)
    if not paths:
        detail = f"no file matches {', '.join(claim.paths)}"
        pattern = claim.pattern if isinstance(claim, Present) else ""
        if isinstance(claim, Constant):
            pattern = rf"\b{re.split('[:.]', claim.name)[-1]}\b"
        return replace(
            blank, state="not-found", detail=_with(detail, reading.moved_files(claim.paths, pattern))
        )
    found = CHECKERS[type(claim)](blank, claim, paths, reading)
    if isinstance(claim, Present) and found.state == "contradicted":
        return replace(found, detail=_with(found.detail, reading.moved_pattern(paths, claim.pattern)))
    return found


def _with(detail: str, hint: str) -> str:
    return f"{detail}; {hint}" if hint else detail


def _exists(blank: ClaimCheck, matched: Mapping[str, tuple[str, ...]], reading: Reading) -> ClaimCheck:
    """Verified where each glob has a file that holds something."""
    if missing := [glob for glob, paths in matched.items() if not paths]:
        detail = _with(f"no file matches {', '.join(missing)}", reading.moved_files(missing, ""))
        return replace(blank, state="contradicted", detail=detail)
    for paths in matched.values():
        reasons = (why_unusable(reading.tree.read(path), whole=False) for path in paths)
        reason = next(reasons)
        if reason and all(reasons):
            return replace(blank, path=paths[0], detail=reason)
    return replace(blank, state="verified", path=next(iter(matched.values()))[0])
