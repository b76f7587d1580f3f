"""`SECURITY.md` drafted from `response.yaml`: what the project has published, with its source; the rest is marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from collateral.response.model import Response, Statement
from collateral.response.rubric import Rubric
from threatmodel.core.text import fold

PATH = "SECURITY.md"
_MARKUP = re.compile(r"[\\`*_\[\]<>|~#]")
_STEPS = {
    "acknowledge": "Acknowledgement",
    "triage": "Triage",
    "fix": "Fix",
    "publish": "Publication",
}


def security_md(response: Response, rubric: Rubric, *, project: str, release: str, adopted: bool) -> bytes:
    """The file (CommonMark with tables). Unless the model is adopted its first line says that it is a draft."""
    draft = f"> Draft, proposed: made from a model of {_plain(project)} {_plain(release)}, not adopted by the project."
    first = [] if adopted else [draft, "> Statements without a source are proposals and bind nobody.", ""]
    parts = [
        first,
        [f"# Security policy of {_plain(project)}", ""],
        _reporting(response),
        _supported(response),
        _targets(response),
        _section("What is in scope", response.scope),
        _out_of_scope(response, rubric),
        _section("Proof", (*response.rubric.proof, *response.rubric.automated)),
        _section("Severity", (response.severity.version, *response.severity.notes)),
        _section("Embargo and early notification", (*response.embargo.rules, *response.embargo.downstream)),
        _roles(response),
    ]
    return "\n".join(line for part in parts for line in part).rstrip("\n").encode() + b"\n"


def _reporting(response: Response) -> list[str]:
    lines = [
        "## Reporting a vulnerability",
        "",
        "Please do not open a public issue or pull request for it.",
        "",
    ]
    for channel in response.intake.channels:
        where = f": <{channel.uri}>" if channel.uri else ""
        lines.append(f"- {_plain(channel.name)}{where}{_mark(channel.source)}")
    if response.intake.fields:
        lines += ["", "What helps:", ""]
        lines += [f"- {_named(field)}{_mark(field.source)}" for field in response.intake.fields]
    return [*lines, ""]


def _supported(response: Response) -> list[str]:
    policy = response.supported.policy
    lines = ["## Supported releases", "", f"{_plain(policy.text)}{_mark(policy.source)}", ""]
    if response.supported.releases:
        lines += ["| release | gets fixes | note |", "| --- | --- | --- |"]
        for item in response.supported.releases:
            note = " ".join(part for part in (item.note, f"until {item.until}" if item.until else "") if part)
            fixes = "yes" if item.supported else "no"
            lines.append(f"| {_plain(item.release)} | {fixes} | {_plain(note)}{_mark(item.source)} |")
        lines.append("")
    return lines


def _targets(response: Response) -> list[str]:
    if not response.targets:
        return []
    lines = ["## What happens after a report", "", "| step | within | note |", "| --- | --- | --- |"]
    lines += [
        f"| {_STEPS[item.step]} | {_plain(item.within)} | {_plain(item.note)}{_mark(item.source)} |"
        for item in response.targets
    ]
    return [*lines, ""]


def _out_of_scope(response: Response, rubric: Rubric) -> list[str]:
    lines = ["## What is not a vulnerability", ""]
    lines += [
        f"- {_plain(text)} (from the model, {_plain(rubric.configuration)})"
        for text in rubric.not_vulnerabilities
    ]
    said = (*response.rubric.not_vulnerabilities, *response.rubric.exclusions)
    return [*lines, *(f"- {_named(item)}{_mark(item.source)}" for item in said), ""]


def _roles(response: Response) -> list[str]:
    if not response.roles:
        return []
    lines = ["## Roles", "", "| role | holder | term ends |", "| --- | --- | --- |"]
    for role in response.roles:
        held = [holder for holder in role.holders if holder.source]
        names = ", ".join(f"{_plain(h.name)}{_mark(h.source)}" for h in held)
        ends = ", ".join(dict.fromkeys(h.term_end or "not published" for h in held))
        nobody = "named for each case" if role.state == "case-by-case" else "vacant"
        lines.append(f"| {_plain(role.role)}{_mark(role.source)} | {names or nobody} | {ends or '–'} |")
    return [*lines, ""]


def _section(title: str, items: Sequence[Statement] | Iterable[Statement]) -> list[str]:
    lines = [f"- {_named(item)}{_mark(item.source)}" for item in items]
    return [f"## {title}", "", *lines, ""] if lines else []


def _named(item: Statement) -> str:
    return f"{_plain(item.title)}: {_plain(item.text)}" if item.title else _plain(item.text)


def _mark(source: str) -> str:
    if not source:
        return " *(proposed)*"
    if source.startswith("https://"):
        return f" ([source](<{_address(source)}>))"
    return f" ({_plain(source)})"


def _address(source: str) -> str:
    return source.replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")


def _plain(text: str) -> str:
    """Text that cannot start markup, on one line."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(fold(text).split())).replace("@", "&#64;")
