"""The configurations that a manifest names, what is derived from them, and the one that a command line asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from threatmodel.core.diagnostics import Diagnostic, Place, nearest
from threatmodel.core.errors import UsageError
from threatmodel.load.tomlpos import TomlFile
from threatmodel.system import Configuration

FILE = "configurations.toml"
COMMAND_LINE = "--set"
"""The place of a configuration that a command line made."""
NAME_RULE = (
    "a name has letters, digits and . _ -, starts with a letter or digit, and has at most 64 characters"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_KEYS = ("description", "options", "template")
_DERIVED_KEYS = ("description", "options")


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """`NAME-<suffix>` is there for every configuration NAME: the same with these options changed."""

    suffix: str
    options: Mapping[str, str]
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configurations:
    """What a model's files name. `places` are those of the configurations.

    `structural`: the options that change what is there; every valid combination of them stands in a cover.
    """

    named: tuple[Configuration, ...] = ()
    derived: tuple[Derived, ...] = ()
    structural: tuple[str, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)

    def select(self, name: str | None, changes: Sequence[str], default: str = "") -> Configuration | None:
        """The configuration that `--config` and `--set option=value` ask for; None where it is one of `named`, or
        where nothing is named and nothing changed.

        Raises:
            UsageError: U003 an unknown name; U015 a change that is not `option=value`.
        """
        changed = dict(_change(text) for text in changes)
        wanted = name if name is not None else default
        base = next((c for c in self.named if c.name == wanted), None)
        base = base or self._derived(wanted)
        if base is None:
            if name is not None:
                raise UsageError(self._unknown(name))
            base = self.named[0] if self.named else Configuration(name="default", options={})
        if changed:
            return base.changed(changed)
        return None if base in self.named or name is None else base

    def knows(self, name: str) -> bool:
        """True for a named configuration, and for one of a derived class."""
        return any(c.name == name for c in self.named) or self._derived(name) is not None

    def _derived(self, name: str) -> Configuration | None:
        for derived in self.derived:
            stem = name.removesuffix(f"-{derived.suffix}")
            base = next((c for c in self.named if c.name == stem), None)
            if stem != name and base is not None:
                return Configuration(
                    name=name,
                    options={**base.options, **derived.options},
                    description=f"{base.description or base.name}; {derived.description}",
                    template=base.template,
                )
        return None

    def _unknown(self, name: str) -> Diagnostic:
        names = [c.name for c in self.named]
        every = [*names, *(f"{n}-{d.suffix}" for n in names for d in self.derived)]
        hint = nearest(name, every)
        if not hint and names:
            more = f" …; `threatmodel configurations` lists all {len(names)}" if len(names) > 8 else ""
            hint = f"configurations are {', '.join(names[:8])}{more}"
        return Diagnostic(code="U003", message=f'no configuration "{name}"', hint=hint)


def read_configurations(files: Sequence[TomlFile], problems: list[Diagnostic]) -> Configurations:
    """The tables `configurations` and `derived` of the files, in their order; problems are added to `problems`."""
    named: dict[str, Configuration] = {}
    places: dict[str, Place] = {}
    derived: dict[str, Derived] = {}
    for file in files:
        for name, value in file.table("configurations", problems).items():
            section = f"configurations.{name}"
            problems += _name(file, "configuration", section, name)
            options = _options(file, "configuration", section, name, value, _KEYS, problems)
            if name in named:
                problems.append(file.problem(section, f'configuration "{name}" stands in {places[name]} too'))
            elif options is not None:
                places[name] = file.place(section)
                named[name] = Configuration(
                    name=name,
                    options=options,
                    description=str(value.get("description", "")),
                    template=str(value.get("template", "")),
                )
        for suffix, value in file.table("derived", problems).items():
            section = f"derived.{suffix}"
            problems += _name(file, "derived", section, suffix)
            options = _options(file, "derived", section, suffix, value, _DERIVED_KEYS, problems)
            if options is not None:
                derived[suffix] = Derived(
                    suffix=suffix, options=options, description=str(value.get("description", ""))
                )
    return Configurations(
        named=tuple(named.values()),
        derived=tuple(derived.values()),
        structural=tuple(name for file in files for name in _structural(file, problems)),
        places=places,
    )


def _name(file: TomlFile, what: str, section: str, name: str) -> list[Diagnostic]:
    """A problem where the name could not stand in the name of a file or on a command line."""
    if _NAME.fullmatch(name):
        return []
    return [file.problem(section, f'{what} "{name}": {NAME_RULE}', "name it anew")]


def _structural(file: TomlFile, problems: list[Diagnostic]) -> list[str]:
    table = file.table("cover", problems)
    problems += [
        file.problem("cover", f'unknown key "{key}"', 'did you mean "structural"?', key)
        for key in table
        if key != "structural"
    ]
    names = table.get("structural", [])
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return names
    problems.append(file.problem("cover", "structural must be a list of options", key="structural"))
    return []


def _options(
    file: TomlFile,
    what: str,
    section: str,
    name: str,
    value: Any,
    keys: Sequence[str],
    problems: list[Diagnostic],
) -> dict[str, str] | None:
    options = value.get("options") if isinstance(value, dict) else None
    for word in value if isinstance(value, dict) else ():
        if word not in keys:
            message = f'{what} "{name}": unknown key "{word}"'
            problems.append(file.problem(section, message, nearest(word, keys), word))
    if not isinstance(options, dict) or not all(isinstance(v, str) for v in options.values()):
        problems.append(file.problem(section, f'{what} "{name}" needs options = {{ name = "value" }}'))
        return None
    return dict(options)


def _change(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (sign and name.strip() and value.strip()):
        message = f'"{text}" is no change of an option'
        raise UsageError(Diagnostic(code="U015", message=message, hint="write --set option=value"))
    return name.strip(), value.strip()
