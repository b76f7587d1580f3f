"""Attack paths for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from collateral.paths.files import ConfigurationPaths, PathsFile
from collateral.paths.words import (
    CELLS,
    NAME_ONE,
    UNCHECKED,
    Names,
    cell,
    changed,
    controls,
    cost,
    counted,
    gives,
    outcome,
    separated,
)
from collateral.report.columns import aligned, piped
from collateral.report.markdown import inline
from threatmodel.analysis.paths import AttackPath, Pair
from threatmodel.system import Project

_MOST_CHANGES = 40


def paths_text(file: PathsFile, project: Project) -> str:
    """A table of adversaries and goals, then each pair where they are few."""
    lines: list[str] = []
    for found in file.configurations:
        lines += [_head(file, found), ""]
        lines += [] if file.source else [f"{UNCHECKED} {NAME_ONE}", ""]
        columns = [f"A{place}" for place, _ in enumerate(found.adversaries, start=1)]
        lines += [f"{column}  {id_}" for column, id_ in zip(columns, found.adversaries, strict=True)]
        lines += ["", *aligned(["", *columns], _rows(found)), CELLS]
        names = Names(project, project.system(found.configuration))
        for pair in found.pairs:
            if pair.paths is not None or len(found.pairs) == 1:
                lines += ["", *_pair(pair, names, file)]
        lines += _changes(file, found)
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def paths_markdown(file: PathsFile, project: Project) -> str:
    """The same as Markdown."""
    lines: list[str] = []
    for found in file.configurations:
        lines += [f"### {inline(_head(file, found))}", ""]
        lines += [] if file.source else [inline(f"{UNCHECKED} {NAME_ONE}"), ""]
        lines += [*piped(["Goal", *found.adversaries], _rows(found)), "", inline(CELLS)]
        names = Names(project, project.system(found.configuration))
        for pair in found.pairs:
            if pair.paths is not None or len(found.pairs) == 1:
                title, *rest = _pair(pair, names, file)
                lines += ["", f"#### {inline(title)}", "", *(_bullet(line) for line in rest)]
        if told := _changes(file, found):
            lines += ["", *(f"- {inline(line)}" for line in told if line)]
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def _bullet(line: str) -> str:
    depth = (len(line) - len(line.lstrip())) // 2
    return f"{'  ' * max(depth - 1, 0)}- {inline(line.strip())}"


def _head(file: PathsFile, found: ConfigurationPaths) -> str:
    against = f" against {file.source}" if file.source else ""
    many = len(found.adversaries)
    adversaries = f"{many} {'adversary' if many == 1 else 'adversaries'}, {counted(len(found.goals), 'goal')}"
    failing = f", if {', '.join(file.without)} fails" if file.without else ""
    return f"{file.project} · {found.configuration}: {adversaries}{against}{failing}"


def _rows(found: ConfigurationPaths) -> list[list[str]]:
    by_goal = {(pair.goal, pair.adversary): cell(pair) for pair in found.pairs}
    return [[goal, *(by_goal[goal, adversary] for adversary in found.adversaries)] for goal in found.goals]


def _pair(pair: Pair, names: Names, file: PathsFile) -> Iterator[str]:
    if pair.weakest is None:
        yield f"{pair.adversary} → {pair.goal}: {outcome(pair)}"
        return
    yield f"{pair.adversary} → {pair.goal}: {cost(pair.weakest)}"
    yield from _path(pair.weakest, pair, names)
    if pair.own:
        yield f"  It has it from the start at {', '.join(pair.own)}; this way leads to it elsewhere."
    others = (pair.paths or ())[1:]
    for place, path in enumerate(others, start=2):
        yield f"  path {place}: {cost(path)}"
        yield from _path(path, pair, names)
    if pair.complete is False:
        limits = file.limits
        yield (
            f"  Not all paths are listed: {limits.paths} at most, of up to {limits.steps} steps, "
            f"the weakest of the {limits.looked} shortest."
        )
    if pair.separation is not None:
        for line in separated(pair.separation):
            yield f"  {line}"


def _path(path: AttackPath, pair: Pair, names: Names) -> Iterator[str]:
    for place, step in enumerate(path.steps, start=1):
        into = f", into {' / '.join(step.enters)}" if step.enters else ""
        yield f"    {place}  {step.source} → {step.target}  {names.way(step)}{into}: {gives(step)}"
        if step.threat:
            more = f"; {counted(len(step.other_threats), 'other threat')} there" if step.other_threats else ""
            flaw = "; needs a mistake in code" if step.needs_flaw else ""
            yield f"       {step.threat}  {step.title}"
            yield f"       {controls(step)}{flaw}{more}"
    if path.found and pair.goal_kind == "asset":
        last = path.steps[-1].target if path.steps else ""
        yield f"       {pair.goal} is there: {path.found} at {last}"


def _changes(file: PathsFile, found: ConfigurationPaths) -> list[str]:
    if not file.without:
        return []
    also = [id_ for id_ in file.failing if id_ not in file.without]
    with_it = f" ({', '.join(also)} with it)" if also else ""
    lines = ["", f"If {', '.join(file.without)} fails{with_it}:"]
    if not found.changes:
        return [*lines, "  no weakest path changes"]
    shown = sorted(found.changes, key=lambda told: _ORDER.index(told.what))
    lines += [f"  {told.adversary} → {told.goal}  {changed(told)}" for told in shown[:_MOST_CHANGES]]
    if len(shown) > _MOST_CHANGES:
        lines.append(f"  and {len(shown) - _MOST_CHANGES} others: --format json has all")
    return lines


_ORDER = ("opens", "loses-last-proven", "weaker", "other-path")
