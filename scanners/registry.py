"""The scanners that there are: a literal list, and others only where they are enabled by name."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

from scanners.adapters.bandit import BanditScanner
from scanners.adapters.semgrep import SemgrepScanner
from scanners.protocol import Scanner
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import UsageError

BUILT_IN: tuple[Scanner, ...] = (BanditScanner(), SemgrepScanner())
GROUP = "threatmodel.scanners"
_ATTRIBUTES = ("name", "describe", "plan", "run", "parse")


def offered() -> tuple[EntryPoint, ...]:
    """Entry points of installed packages, by name; none of their code is imported."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)))


def select(names: Iterable[str], plugins: Iterable[EntryPoint] | None = None) -> tuple[Scanner, ...]:
    """The scanners of these names, in order of name. A plug-in is imported here and nowhere else.

    Raises:
        UsageError: a name is not known, or a plug-in cannot be loaded or is no scanner.
    """
    built_in = {scanner.name: scanner for scanner in BUILT_IN}
    others = {point.name: point for point in (offered() if plugins is None else plugins)}
    out: list[Scanner] = []
    for name in sorted(set(names)):
        if name in built_in:
            out.append(built_in[name])
        elif name in others:
            out.append(_load(others[name]))
        else:
            known = sorted({*built_in, *others})
            hint = nearest(name, known) or f"known: {', '.join(known)}"
            raise UsageError(Diagnostic(code="S010", message=f'no scanner is named "{name}"', hint=hint))
    return tuple(out)


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
