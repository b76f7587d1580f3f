"""What became of the earlier threat model, for the terminal and as Markdown."""

from __future__ import annotations

from collateral.predecessor.answers import Answer, Answered
from collateral.predecessor.files import PredecessorFile
from collateral.report.markdown import inline


def headline(file: PredecessorFile) -> str:
    """`67 of 67 answered`."""
    return f"{len(file.statements) - len(file.unanswered)} of {len(file.statements)} answered"


def coverage_text(file: PredecessorFile) -> str:
    """The document, the statements by verdict, and each statement with what answers it."""
    width = max(len(row.verdict) for row in file.verdicts)
    lines = [
        f"{file.document.path} as of {file.document.release}: {headline(file)}",
        "",
        f"{'verdict':{width}}  statements  answered  meaning",
        *(
            f"{row.verdict:{width}}  {row.statements:>10}  {row.answered:>8}  {row.meaning}"
            for row in file.verdicts
            if row.statements
        ),
    ]
    for found in file.statements:
        statement = found.statement
        lines += ["", f"{statement.id}  line {statement.line}  {statement.verdict}  {statement.says}"]
        lines += [f"    {_plain(answer)}" for answer in found.answers]
        if statement.nothing:
            lines.append(f"    not answered: {statement.nothing}")
        lines.append(f"    because: {statement.note}{_seen(found)}")
    return "\n".join(lines) + "\n"


def coverage_markdown(file: PredecessorFile) -> str:
    """The same as two tables."""
    document = file.document
    lines = [
        f"## {inline(document.title)}",
        "",
        f"[{inline(document.path)}]({document.source}) as of {inline(document.release)}: {headline(file)}.",
        "",
        "| Verdict | Statements | Answered | Meaning |",
        "| --- | ---: | ---: | --- |",
        *(
            f"| {row.verdict} | {row.statements} | {row.answered} | {inline(row.meaning)} |"
            for row in file.verdicts
            if row.statements
        ),
        "",
        "| Statement | Line | In short | Verdict | Answered by | Why |",
        "| --- | ---: | --- | --- | --- | --- |",
    ]
    for found in file.statements:
        statement = found.statement
        by = (
            ", ".join(_marked(answer) for answer in found.answers)
            or f"not answered: {inline(statement.nothing)}"
        )
        lines.append(
            f"| {inline(statement.id)} | {statement.line} | {inline(statement.says)} | {statement.verdict} | {by} "
            f"| {inline(statement.note + _seen(found))} |"
        )
    return "\n".join(lines) + "\n"


def _seen(found: Answered) -> str:
    return f" [{', '.join(found.statement.seen)}]" if found.statement.seen else ""


def _plain(answer: Answer) -> str:
    status = f" {answer.status}" if answer.status else ""
    return f"{answer.id}  {answer.kind}{status}  {answer.name}"


def _marked(answer: Answer) -> str:
    return f"`{inline(answer.id)}`" + (f" ({answer.status})" if answer.status else "")
