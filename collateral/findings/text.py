"""Findings for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from collateral.findings.values import FindingRow, FindingsFile
from collateral.report.markdown import inline
from threatmodel.core.text import fold

_DIGITS = 12


def list_text(file: FindingsFile) -> str:
    """One line for each finding, then how far each scanner came."""
    lines = [
        f"{row.fingerprint[:_DIGITS]}  {row.priority}  {row.severity}  {_place(row)}  {row.rule}  "
        f"{_where(row)}{_decision(row)}"
        for row in file.findings
    ]
    return "".join(f"{fold(line)}\n" for line in (*lines, *_state(file)))


def list_markdown(file: FindingsFile) -> str:
    """A table of the findings, then how far each scanner came."""
    lines = [
        "| Finding | Priority | Severity | Place | Rule | Where it runs |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in file.findings:
        cells = (
            row.fingerprint[:_DIGITS],
            row.priority,
            row.severity,
            _place(row),
            row.rule,
            _where(row) + _decision(row),
        )
        lines.append("| " + " | ".join(inline(cell) for cell in cells) + " |")
    return "\n".join((*lines, "", *(f"- {inline(line)}" for line in _state(file)))) + "\n"


def show_text(row: FindingRow, file: FindingsFile) -> str:
    """The facts of one finding."""
    return "".join(f"{fold(line)}\n" for line in (*_facts(row), "", *_state(file)))


def explain_text(row: FindingRow, file: FindingsFile) -> str:
    """The facts of one finding, and why it is joined to what it is joined to."""
    return "".join(f"{fold(line)}\n" for line in (*_facts(row), *_reasons(row), "", *_state(file)))


def show_markdown(row: FindingRow, file: FindingsFile, *, explained: bool = False) -> str:
    """The same as lists."""
    lines = [line for line in (*_facts(row), *(_reasons(row) if explained else ())) if line]
    shown = (f"{'  ' if line.startswith('  ') else ''}- {inline(line.strip())}" for line in lines)
    return "\n".join((*shown, "", *(f"- {inline(line)}" for line in _state(file)))) + "\n"


def _place(row: FindingRow) -> str:
    return f"{row.path}:{row.line}" if row.line else row.path


def _where(row: FindingRow) -> str:
    if not row.component:
        return "no component"
    if row.part not in ("runs", "unknown"):
        return f"{row.component} ({row.part})"
    return f"{row.component}: {', '.join(row.elements)}"


def _decision(row: FindingRow) -> str:
    return f" [{row.decision}]" if row.decision else ""


def _facts(row: FindingRow) -> Iterator[str]:
    yield f"{row.rule}: {' '.join(row.message.split())}"
    yield f"  at {_place(row)}" + (f", in {row.symbol}" if row.symbol else "")
    yield f"  {row.severity}, confidence {row.confidence}, {', '.join(row.cwe) or 'no weakness named'}"
    yield f"  told by {row.scanner}" + "".join(f" and {told.scanner} ({told.rule})" for told in row.also)
    yield f"  priority {row.priority}" + (f": {row.because}" if row.because else "")
    yield f"  {_where(row)}"
    yield f"  bears on {len(row.threats)} threat{'' if len(row.threats) == 1 else 's'}"
    if row.decision:
        yield f"  decision {row.decision}: {row.decided}"
    yield f"  fingerprint {row.fingerprint}"
    for told in row.also:
        yield f"  fingerprint {told.fingerprint} ({told.scanner})"


def _reasons(row: FindingRow) -> Iterator[str]:
    yield ""
    if row.component:
        yield f"Component {row.component}: {row.reason}"
    else:
        yield "No component of the model matches this place, so it bears on no element" + (
            f" ({row.reason})" if row.reason else ""
        )
    if row.threats:
        yield "Threats:"
        yield from (f"  {link.threat}: {link.reason}" for link in row.threats)
    elif row.part in ("test", "example"):
        yield f"No threat: {row.part} code does not run in the product"
    elif not row.elements:
        yield "No threat: what it is in runs in no element"
    else:
        yield "No threat: none there names its weakness, a kin of it, or its category at a boundary"


def _state(file: FindingsFile) -> Iterator[str]:
    shown = len(file.findings) + sum(len(row.also) for row in file.findings)
    yield f"{shown} of {file.total} findings of {file.scan}"
    if file.since:
        yield f"only files that changed since {file.since} were looked at"
    if file.withheld:
        yield f"{file.withheld} more are withheld by the edition of the scan"
    for scanner in file.scanners:
        unread = "files that it did not read are not all named" if scanner.unread is None else ""
        if scanner.unread:
            unread = f"{scanner.unread} file{'' if scanner.unread == 1 else 's'} not read, or only in part"
        yield f"{scanner.scanner}: {scanner.status}" + (f", {unread}" if unread else "")
