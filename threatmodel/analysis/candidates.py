"""One option, every value: which configuration stands for each value, beside the one that somebody runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from threatmodel.system import Configuration, Project

Broken = Callable[[Sequence[Mapping[str, str]]], Sequence[Sequence[str]]]
"""For each combination of options, the sentences of the model's rules that it breaks; none where it is valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherOption:
    """An option that differs beside the one that was asked about."""

    option: str
    start: str
    here: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The configuration that stands for one value of the option.

    `configuration` is None where nothing can: `why` are the sentences of the rules that the change alone breaks.
    `named`: the model's files name it; else it is one that they name with options changed. `also`: what else differs
    from the start.
    """

    value: str
    configuration: Configuration | None
    named: bool = True
    also: tuple[OtherOption, ...] = ()
    why: tuple[str, ...] = ()


def candidates(project: Project, option: str, start: str, broken: Broken) -> tuple[Candidate, ...]:
    """A candidate for each value of the option, the value of `start` first, then in the order of the model.

    The start itself stands for its own value. For another value: a configuration that is named and differs in nothing
    else; else the start with the option changed, where `broken` finds that valid; else the configuration of that
    value that the model's files name and that differs least (of equals, the first); else the valid one that differs
    least among the start with one option more changed, and those that the files name with the option changed.

    Raises:
        KeyError: the model has no such option, or no such configuration.
        ValueError: `broken` does not answer for each combination.
    """
    spec = next((spec for spec in project.options if spec.name == option), None)
    if spec is None:
        raise KeyError(option)
    origin = project.system(start).configuration
    own = origin.options[option]
    values = [value for value in spec.values if value != own]
    changed = [origin.changed({option: value}) for value in values]
    answers = tuple(broken([item.options for item in changed])) if changed else ()
    if len(answers) != len(changed):
        raise ValueError("not every combination was judged")
    found = [Candidate(value=own, configuration=origin)]
    lost: list[int] = []
    for value, alone, why in zip(values, changed, answers, strict=True):
        near = _nearest(project, option, value, origin)
        also = _others(origin, near, option) if near else ()
        if near and (why or not also):
            found.append(Candidate(value=value, configuration=near, also=also, why=tuple(why)))
        elif why:
            lost.append(len(found))
            found.append(Candidate(value=value, configuration=None, why=tuple(why)))
        else:
            found.append(Candidate(value=value, configuration=alone, named=False))
    further = [_further(project, option, found[at].value, origin) for at in lost]
    for at, configuration in zip(lost, _first_valid(further, broken), strict=True):
        if configuration:
            also = _others(origin, configuration, option)
            found[at] = replace(found[at], configuration=configuration, named=False, also=also)
    return tuple(found)


def _first_valid(groups: Sequence[Sequence[Configuration]], broken: Broken) -> list[Configuration | None]:
    """The first configuration of each group that breaks no rule."""
    every = [item.options for group in groups for item in group]
    answers = iter(broken(every) if every else ())
    judged = [[(item, next(answers)) for item in group] for group in groups]
    return [next((item for item, rules in group if not rules), None) for group in judged]


def _further(project: Project, option: str, value: str, origin: Configuration) -> list[Configuration]:
    """What the model's files name with the option changed, and the origin with one option more; what differs least
    first."""
    out = [
        origin.changed({option: value, spec.name: other})
        for spec in project.options
        if spec.name != option
        for other in spec.values
        if other != origin.options[spec.name]
    ]
    out += [system.configuration.changed({option: value}) for system in project.systems]
    return sorted(out, key=lambda made: len(_others(origin, made, option)))


def _nearest(project: Project, option: str, value: str, origin: Configuration) -> Configuration | None:
    known = [
        system.configuration
        for system in project.systems
        if system.configuration.options.get(option) == value
    ]
    return min(known, key=lambda item: len(_others(origin, item, option)), default=None)


def _others(origin: Configuration, other: Configuration, option: str) -> tuple[OtherOption, ...]:
    return tuple(
        OtherOption(option=key, start=value, here=other.options.get(key, ""))
        for key, value in origin.options.items()
        if key != option and other.options.get(key, "") != value
    )
