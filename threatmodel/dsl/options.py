"""Options: how one model describes several configurations, with the rules of which go together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from threatmodel.core.diagnostics import Place, nearest
from threatmodel.dsl.session import current
from threatmodel.system import OptionSpec

_Check = TypeVar("_Check", bound=Callable[..., bool])


@dataclass(frozen=True, slots=True)
class Validity:
    """One rule between options: its sentence, its check and where it is written."""

    sentence: str
    check: Callable[[Any], bool]
    place: Place


def rule(sentence: str) -> Callable[[_Check], _Check]:
    """Marks a method of an options class that must be true; `sentence` says what the rule is."""

    def mark(check: _Check) -> _Check:
        place = current().place()
        check.__validity__ = Validity(sentence, check, place)  # type: ignore[attr-defined]
        return check

    return mark


class Options:
    """Base of a model's options. Each option is an annotation `name: Literal[…] = default`."""

    def __init_subclass__(cls) -> None:
        for spec in cls.specs():
            default = getattr(cls, spec.name, spec.values[0])
            if default not in spec.values:
                hint = nearest(str(default), spec.values) or f"one of {', '.join(spec.values)}"
                message = f'option {spec.name} cannot be "{default}", its default'
                current().report("M014", message, current().place(), hint)

    def __init__(self, **values: str) -> None:
        for spec in self.specs():
            object.__setattr__(self, spec.name, values.get(spec.name, spec.values[0]))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"options do not change: {name} = {value!r}")

    @classmethod
    def specs(cls) -> tuple[OptionSpec, ...]:
        """The options in the order of the class; the default comes first among the values."""
        return _specs(cls)  # type: ignore[arg-type]  # a class is hashable

    @classmethod
    def validities(cls) -> tuple[Validity, ...]:
        """The rules between the options, in the order of the class."""
        return _validities(cls)  # type: ignore[arg-type]


@cache
def _specs(cls: type) -> tuple[OptionSpec, ...]:
    out = []
    for name, hint in get_type_hints(cls).items():
        if get_origin(hint) is not Literal:
            continue
        words = tuple(str(word) for word in get_args(hint))
        default = getattr(cls, name, words[0])
        if default not in words:
            default = words[0]
        out.append(OptionSpec(name=name, values=(default, *(w for w in words if w != default))))
    return tuple(out)


@cache
def _validities(cls: type) -> tuple[Validity, ...]:
    return tuple(
        member.__validity__
        for base in reversed(cls.__mro__)
        for member in vars(base).values()
        if hasattr(member, "__validity__")
    )


def judge(options: type[Options]) -> Callable[[Mapping[str, str]], bool]:
    """Says of a value for each option, all known, whether they go together. Made for many thousand questions."""
    checks = [validity.check for validity in options.validities()]

    def valid(values: Mapping[str, str]) -> bool:
        chosen = options.__new__(options)
        chosen.__dict__.update(values)
        return all(check(chosen) for check in checks)

    return valid


def broken(options: type[Options], values: Mapping[str, str]) -> list[str]:
    """What is wrong with these values, in sentences; empty where they go together."""
    specs = {spec.name: spec for spec in options.specs()}
    found = []
    for name, value in values.items():
        if name not in specs:
            found.append(f'no option "{name}"')
        elif value not in specs[name].values:
            found.append(f'option {name} cannot be "{value}"')
    if found:
        return found
    chosen = options(**values)
    return [validity.sentence for validity in options.validities() if not validity.check(chosen)]


def choose(options: type[Options], values: Mapping[str, str], place: Place) -> Options | None:
    """The options with these values; problems are reported and give None."""
    session = current()
    specs = {spec.name: spec for spec in options.specs()}
    good = True
    for name, value in values.items():
        if name not in specs:
            known = f"options are {', '.join(specs)}" if specs else "the model has none; write options = {}"
            hint = nearest(name, specs) or known
            session.report("M014", f'no option "{name}"', place, hint)
            good = False
        elif value not in specs[name].values:
            hint = nearest(str(value), specs[name].values) or f"one of {', '.join(specs[name].values)}"
            session.report("M014", f'option {name} cannot be "{value}"', place, hint)
            good = False
    if not good:
        return None
    chosen = options(**values)
    for validity in options.validities():
        if not validity.check(chosen):
            given = " ".join(
                f"{name}={getattr(chosen, name)}"
                for at, (name, spec) in enumerate(specs.items())
                if at < 2 or getattr(chosen, name) != spec.values[0]
            )
            session.report(
                "M015",
                f"invalid combination {given}: {validity.sentence}",
                place,
                f"the rule is at {validity.place}",
            )
            good = False
    return chosen if good else None
