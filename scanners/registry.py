"""The scanners that there are: a literal list, and others only where they are enabled by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from scanners.adapters import (
    actionlint,
    ast_grep,
    cargo_audit,
    cargo_deny,
    clippy,
    gitleaks,
    gosec,
    govulncheck,
    hadolint,
    osv_scanner,
    ruff,
    shellcheck,
    trivy,
    zizmor,
)
from scanners.adapters.bandit import BanditScanner
from scanners.adapters.semgrep import SemgrepScanner
from scanners.dependencies.scanner import DependencyScanner
from scanners.protocol import Scanner
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import UsageError

DEFAULT: tuple[Scanner, ...] = (BanditScanner(), SemgrepScanner())
"""Those that run where nobody names others."""
BUILT_IN: tuple[Scanner, ...] = (
    *DEFAULT,
    actionlint.SCANNER,
    ast_grep.SCANNER,
    cargo_audit.SCANNER,
    cargo_deny.SCANNER,
    clippy.SCANNER,
    DependencyScanner(),
    gitleaks.SCANNER,
    gosec.SCANNER,
    govulncheck.SCANNER,
    hadolint.SCANNER,
    osv_scanner.SCANNER,
    ruff.SCANNER,
    shellcheck.SCANNER,
    trivy.CONFIG,
    trivy.SECRET,
    zizmor.SCANNER,
)
DATA = tuple(sorted({name for scanner in BUILT_IN for name in getattr(scanner, "data", ())}))
"""Names of folders beside the tree that a scanner reads where somebody gives them."""
GROUP = "threatmodel.scanners"
_ATTRIBUTES = ("name", "describe", "plan", "run", "parse")


def offered() -> tuple[EntryPoint, ...]:
    """Entry points of installed packages, by name; none of their code is imported."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)))


def select(
    names: Iterable[str],
    plugins: Iterable[EntryPoint] | None = None,
    versions: Mapping[str, str] | None = None,
) -> tuple[Scanner, ...]:
    """The scanners of these names, in order of name. A plug-in is imported here and nowhere else, and only where it
    is of the version that `versions` names for it.

    Raises:
        UsageError: a name is not known, or a plug-in cannot be loaded, is no scanner, or has another version.
    """
    built_in = {scanner.name: scanner for scanner in BUILT_IN}
    wanted = versions or {}
    others = {point.name: point for point in (offered() if plugins is None else plugins)}
    out: list[Scanner] = []
    for name in sorted(set(names)):
        if name in built_in:
            out.append(built_in[name])
        elif name in others:
            _right_version(others[name], wanted.get(name, ""))
            out.append(_load(others[name]))
        else:
            known = sorted({*built_in, *others})
            hint = nearest(name, known) or f"known: {', '.join(known)}"
            raise UsageError(Diagnostic(code="S010", message=f'no scanner is named "{name}"', hint=hint))
    return tuple(out)


def _right_version(point: EntryPoint, wanted: str) -> None:
    """
    Raises:
        UsageError: S014, the package is of another version than the one that was named, or none was.
    """
    there = point.dist.version if point.dist else "unknown"
    if wanted != there:
        said = f"{wanted} is wanted" if wanted else "none is named"
        raise UsageError(
            Diagnostic(
                code="S014",
                message=f'the scanner plug-in "{point.name}" is of version {there}, {said}',
                hint=f'[scanners.installed] {point.name} = "{there}" in threatmodel.toml enables it',
            )
        )


def _load(point: EntryPoint) -> Scanner:
    try:
        scanner: Scanner = point.load()()
    except Exception as error:
        message = f'the scanner plug-in "{point.name}" cannot be loaded: {type(error).__name__}: {error}'
        raise UsageError(Diagnostic(code="S011", message=message)) from error
    lacking = [name for name in _ATTRIBUTES if not hasattr(scanner, name)]
    if lacking or scanner.name != point.name:
        why = f"lacks {', '.join(lacking)}" if lacking else f"calls itself {scanner.name!r}"
        raise UsageError(Diagnostic(code="S012", message=f'the scanner plug-in "{point.name}" {why}'))
    return scanner
