"""Options of shipped configurations beside what their templates say at a source tree, once a makefile has filled them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from collateral.deployed.keys import DeployedKeys, KeyRule, TemplateRule
from collateral.deployed.options import Choice, to_options
from collateral.deployed.read import Settings, settings_of
from threatmodel.claims.check import Reading, Tree, line_of
from threatmodel.claims.defaults import makefile_variables
from threatmodel.core.diagnostics import Place
from threatmodel.core.errors import InvalidInput
from threatmodel.core.globs import select
from threatmodel.core.text import fold
from threatmodel.load.tomlpos import TomlFile
from threatmodel.readers.content import Unparsable, Unusable
from threatmodel.readers.filled import Filled, fill
from threatmodel.readers.toml_template import VARIABLE, read_template
from threatmodel.system import Configuration, Project

OptionState = Literal["same", "differs", "not-checked"]
_NO_RULE = "the model names no makefile for this template"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedOption:
    """An option of a configuration beside its template. `value` is the model's, `shipped` the template's.

    `origin`: the key that decides. `detail`: why the option could not be checked.
    """

    option: str
    value: str
    state: OptionState
    shipped: str = ""
    origin: str = ""
    path: str = ""
    line: int = 0
    seen: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedConfiguration:
    """A configuration whose template was read, or why it was not. `without_key`: options that no key of it stands for."""

    name: str
    template: str
    options: tuple[ShippedOption, ...] = ()
    without_key: tuple[str, ...] = ()
    unread: str = ""


def check_shipped(project: Project, keys: DeployedKeys, tree: Tree) -> tuple[ShippedConfiguration, ...]:
    """Each configuration that names a template, in the order of the model."""
    reading = Reading(tree=tree)
    return tuple(
        _configuration(system.configuration, keys, reading)
        for system in project.systems
        if system.configuration.template
    )


def _configuration(
    configuration: Configuration, keys: DeployedKeys, reading: Reading
) -> ShippedConfiguration:
    path = configuration.template
    unread = ShippedConfiguration(name=configuration.name, template=path)
    if path not in reading.tree.paths():
        return _unread(unread, "the source has no such file")
    rule = next((rule for rule in keys.templates if select([path], rule.files)), None)
    if rule is None:
        return _unread(unread, _NO_RULE)
    content = reading.content(path)
    if isinstance(content, Unusable):
        return _unread(unread, content.reason)
    variables = makefile_variables(rule.makefile, _given(rule, configuration), reading)
    if isinstance(variables, Unusable):
        return _unread(unread, f"{rule.makefile}: {variables.reason}")
    filled = fill(content.text, variables, rule.makefile)
    try:
        template = read_template(filled.text)
    except Unparsable as error:
        return _unread(unread, f"line {error.line}: {error.reason}")
    lines = {".".join(route): line for route, line in template.lines.items()}
    try:
        settings = settings_of([TomlFile(name=path, raw=template.value, lines=lines)], path)
    except InvalidInput as error:
        return _unread(unread, fold(str(error)))
    rows = tuple(_options(configuration, keys, settings, filled, content.text))
    told = {row.option for row in rows}
    return ShippedConfiguration(
        name=configuration.name,
        template=path,
        options=rows,
        without_key=tuple(option for option in configuration.options if option not in told),
    )


def _unread(configuration: ShippedConfiguration, why: str) -> ShippedConfiguration:
    return ShippedConfiguration(name=configuration.name, template=configuration.template, unread=fold(why))


def _given(rule: TemplateRule, configuration: Configuration) -> dict[str, str]:
    """What make gets from outside for this configuration."""
    return {
        name: value
        for name, given in rule.given.items()
        if (value := given.values.get(configuration.options.get(given.option, ""), ""))
    }


def _options(
    configuration: Configuration, keys: DeployedKeys, settings: Settings, filled: Filled, text: str
) -> Iterator[ShippedOption]:
    open_keys = {
        key: found for key, setting in settings.settings.items() if (found := VARIABLE.search(setting.text))
    }
    known = {key: setting for key, setting in settings.settings.items() if key not in open_keys}
    bare = Settings(
        hypervisors=settings.hypervisors, used=settings.used, settings=known, manager={}, annotations={}
    )
    decided = {choice.option: choice for choice in to_options(bare, keys, _never).choices}
    for option, value in configuration.options.items():
        rule = _open_rule(option, keys.rules, open_keys, configuration)
        choice = decided.get(option)
        if rule is not None:
            name = open_keys[rule.key][1]
            why = filled.open.get(name)
            reason = f"{name} is not known: {why.reason if why else 'it makes itself'}"
            place = settings.settings[rule.key].place
            yield ShippedOption(
                option=option,
                value=value,
                state="not-checked",
                origin=rule.key,
                path=place.path,
                line=place.line,
                seen=_seen(text, place),
                detail=fold(f"{reason}{f' at {why.path}:{why.line}' if why and why.line else ''}"),
            )
        elif choice is not None:
            yield _beside(value, choice, text)


def _beside(value: str, choice: Choice, text: str) -> ShippedOption:
    return ShippedOption(
        option=choice.option,
        value=value,
        state="same" if choice.value == value else "differs",
        shipped=choice.value,
        origin=choice.origin,
        path=choice.place.path,
        line=choice.place.line,
        seen=_seen(text, choice.place),
    )


def _open_rule(
    option: str, rules: Sequence[KeyRule], open_keys: Mapping[str, object], configuration: Configuration
) -> KeyRule | None:
    """The rule of an option that might decide it, if its key had a known value."""
    for rule in rules:
        fits = all(configuration.options.get(name, "") in wanted for name, wanted in rule.when.items())
        if rule.option == option and rule.key in open_keys and fits:
            return rule
    return None


def _never(_expressions: Sequence[str], _name: str) -> bool:
    """A template has no annotations of a pod."""
    return False


def _seen(text: str, place: Place) -> str:
    return line_of(text, place.line) if place.line else ""
