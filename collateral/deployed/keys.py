"""`configuration-keys.yaml` of a model: which key of a configuration file stands for which option."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from collateral.records import CLOSED, problem, read_record, record_schema
from threatmodel.core.diagnostics import nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.globs import compile_glob
from threatmodel.system import Project

KEYS = "configuration-keys.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRule:
    """One key that decides an option. The first rule of an option whose key is there, and that fits, decides.

    `key`: `section.name`; the name of a hypervisor is left out (`hypervisor.rootless`). `values`: text of the key to
    value of the option, with lists sorted and joined by commas. `other`: the value for any other text; without it such a
    text is reported. `when`: options, decided by earlier rules, that must have one of these values.
    """

    __pydantic_config__: ClassVar = CLOSED
    option: str
    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    other: str = ""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenVariable:
    """What make gets from outside, by the value of an option of the configuration."""

    __pydantic_config__: ClassVar = CLOSED
    option: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRule:
    """How a build fills templates. `files`: a glob; `makefile`: its variables stand as `@NAME@`; `given`: by variable."""

    __pydantic_config__: ClassVar = CLOSED
    files: str
    makefile: str
    given: Mapping[str, GivenVariable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedKeys:
    """`configuration-keys.yaml`. `hypervisors`: name of the section `[hypervisor.<name>]` to value of the option.

    `marks`: keys that only one runtime has, by runtime: they tell which one a file is for. `known`: names of all keys, by
    runtime, as names separated by blanks. `snapshotters`: of the container manager, to how images reach the guest.
    `templates`: how those that a configuration names are filled; the first one that fits counts.
    """

    __pydantic_config__: ClassVar = CLOSED
    hypervisors: Mapping[str, str]
    marks: Mapping[str, tuple[str, ...]]
    known: Mapping[str, tuple[str, ...]]
    rules: tuple[KeyRule, ...]
    snapshotters: tuple[KeyRule, ...] = ()
    templates: tuple[TemplateRule, ...] = ()


def read_keys(data: bytes, path: str, project: Project) -> DeployedKeys:
    """The file, held against the options of the model.

    Raises:
        InvalidInput: Y001, D040, D041 of the form; D046 an option or value that the model does not have.
    """
    read, document = read_record(DeployedKeys, data, path, {})
    known = {option.name: option.values for option in project.options}
    problems = []
    for table in ("rules", "snapshotters"):
        for index, rule in enumerate(getattr(read, table)):
            at = (table, index)
            if rule.option not in known:
                hint = nearest(rule.option, known)
                problems.append(
                    problem(document, (*at, "option"), "D046", f'no option "{rule.option}"', hint)
                )
                continue
            values = [*rule.values.values(), *((rule.other,) if rule.other else ())]
            wrong = [value for value in values if value not in known[rule.option]]
            wrong += [
                f"{name}={value}"
                for name, wanted in rule.when.items()
                for value in wanted
                if value not in known.get(name, ())
            ]
            problems += [
                problem(document, at, "D046", f'option {rule.option}: no value "{value}"') for value in wrong
            ]
    for index, template in enumerate(read.templates):
        problems += [
            problem(document, ("templates", index), "D046", message) for message in _wrong(template, known)
        ]
    for name, value in read.hypervisors.items():
        if value not in known.get("hypervisor", ()):
            problems.append(
                problem(document, ("hypervisors", name), "D046", f'option hypervisor: no value "{value}"')
            )
    if problems:
        raise InvalidInput(*problems)
    return read


def _wrong(template: TemplateRule, known: Mapping[str, tuple[str, ...]]) -> list[str]:
    found = []
    try:
        compile_glob(template.files)
    except ValueError as error:
        found.append(str(error))
    for given in template.given.values():
        if given.option not in known:
            found.append(f'no option "{given.option}"')
        else:
            wrong = sorted({*given.values} - {*known[given.option]})
            found += [f'option {given.option}: no value "{value}"' for value in wrong]
    return found


def load_keys(model: Path, project: Project, shown: str = "") -> DeployedKeys | None:
    """The file of a model; None where it has none.

    Raises:
        InvalidInput: as of `read_keys`.
    """
    path = model / KEYS
    return read_keys(path.read_bytes(), f"{shown}/{KEYS}", project) if path.is_file() else None


def keys_schema() -> dict[str, Any]:
    """The JSON Schema of the file."""
    return record_schema("configuration-keys-input", DeployedKeys)
