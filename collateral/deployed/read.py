"""Files of a deployment, read as hostile input: the runtime's, what drops in, the container manager's, a pod's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput, UsageError
from threatmodel.core.text import fold
from threatmodel.core.yamlpos import load
from threatmodel.load.tomlpos import TomlFile, read_toml

MAX_BYTES = 1 << 20
"""Most bytes of one file: a shipped one has 40,000."""
ANNOTATION = "io.katacontainers.config."


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One key as the last file that has it says. `key`: `section.name` without the hypervisor's name."""

    key: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the files say. `hypervisors`: the sections `[hypervisor.<name>]`, in their order; `used`: the one that counts.

    `manager`: settings of the container manager about this runtime. `annotations`: of the pod.
    """

    hypervisors: tuple[str, ...]
    used: str
    settings: Mapping[str, Setting]
    manager: Mapping[str, Setting]
    annotations: Mapping[str, Setting]


def read_settings(
    file: Path, shown: str, *, drop_ins: Path | None, manager: Path | None, annotations: Path | None
) -> Settings:
    """All files. Files that drop in count in the order of their names, the last one wins, as the runtimes do it.

    Raises:
        UsageError: U001 a file is not there.
        InvalidInput: M024 not TOML, Y001 not YAML; D047 no section of a hypervisor, or a file that is too large.
    """
    files = [_toml(file, shown)]
    if drop_ins is not None:
        if not drop_ins.is_dir():
            raise UsageError(Diagnostic(code="U001", message=f"no folder {drop_ins.name}"))
        files += [_toml(path, path.name) for path in sorted(drop_ins.glob("*.toml"))]
    own = settings_of(files, shown)
    return replace(
        own,
        manager=_manager(_toml(manager, manager.name), file.name) if manager else {},
        annotations=_annotations(annotations, annotations.name) if annotations else {},
    )


def settings_of(files: Sequence[TomlFile], shown: str) -> Settings:
    """What files of the runtime say together; the last one wins.

    Raises:
        InvalidInput: D047 no section of a hypervisor.
    """
    sections = [name for toml in files for name in _hypervisors(toml)]
    if not sections:
        raise InvalidInput(
            Diagnostic(
                code="D047",
                message="no section [hypervisor.<name>]",
                place=Place(shown),
                hint="name a configuration.toml of Kata Containers",
            )
        )
    used = next((n for toml in reversed(files) if (n := _named(toml)) in sections), sections[0])
    settings: dict[str, Setting] = {}
    for toml in files:
        settings.update((found.key, found) for found in _settings(toml, used))
    return Settings(
        hypervisors=tuple(dict.fromkeys(sections)),
        used=used,
        settings=settings,
        manager={},
        annotations={},
    )


def text_of(value: Any) -> str:
    """A value of a file as the text that rules compare: lists sorted and joined by commas, booleans in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(sorted(map(text_of, value)))
    return fold(" ".join(str(value).split()))


def _bytes(path: Path, shown: str) -> bytes:
    if not path.is_file():
        raise UsageError(Diagnostic(code="U001", message=f"no file {shown}"))
    if path.stat().st_size > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES} bytes"
        raise InvalidInput(Diagnostic(code="D047", message=message, place=Place(shown)))
    return path.read_bytes()


def _toml(path: Path, shown: str) -> TomlFile:
    _bytes(path, shown)
    return read_toml(path, shown)


def _hypervisors(toml: TomlFile) -> list[str]:
    table = toml.raw.get("hypervisor")
    return [fold(name) for name in table] if isinstance(table, dict) else []


def _named(toml: TomlFile) -> str:
    table = toml.raw.get("runtime")
    name = table.get("hypervisor_name") if isinstance(table, dict) else None
    return name if isinstance(name, str) else ""


def _settings(toml: TomlFile, used: str) -> Iterable[Setting]:
    """Every key, the hypervisors that are not used and the names of agents left out."""
    for section, table in toml.raw.items():
        if not isinstance(table, dict):
            continue
        if section in ("hypervisor", "agent"):
            for name, inner in table.items():
                if isinstance(inner, dict) and (section == "agent" or name == used):
                    yield from _flat(toml, section, f"{section}.{name}", inner)
        else:
            yield from _flat(toml, section, section, table)


def _flat(toml: TomlFile, key: str, section: str, table: Mapping[str, Any]) -> Iterable[Setting]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(toml, f"{key}.{name}", f"{section}.{name}", value)
        else:
            yield Setting(key=fold(f"{key}.{name}"), text=text_of(value), place=toml.place(section, name))


def _manager(toml: TomlFile, configuration: str) -> dict[str, Setting]:
    """The runtime of the container manager whose options name this file, else the first one of Kata Containers."""
    found = [*_runtimes(toml.raw, ())]
    named = [item for item in found if _config_path(item[1]).rpartition("/")[2] == configuration]
    for route, table in (named or found)[:1]:
        section = ".".join(route)
        return {
            name: Setting(key=name, text=text_of(table[name]), place=toml.place(section, name))
            for name in ("snapshotter", "pod_annotations", "privileged_without_host_devices")
            if name in table
        }
    return {}


def _runtimes(value: Any, route: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], dict[str, Any]]]:
    if not isinstance(value, dict) or len(route) > 8:
        return
    kind = value.get("runtime_type")
    if isinstance(kind, str) and "kata" in kind:
        yield route, value
    for name, inner in value.items():
        yield from _runtimes(inner, (*route, str(name)))


def _config_path(table: Mapping[str, Any]) -> str:
    options = table.get("options")
    path = options.get("ConfigPath") if isinstance(options, dict) else None
    return path if isinstance(path, str) else ""


def _annotations(path: Path, shown: str) -> dict[str, Setting]:
    """The annotations of Kata Containers of a pod, or of a plain mapping."""
    document = load(_bytes(path, shown), shown)
    value = document.value
    route: Sequence[str] = ()
    for step in ("metadata", "annotations"):
        if isinstance(value, dict) and isinstance(value.get(step), dict):
            value, route = value[step], (*route, step)
    if not isinstance(value, dict):
        message = "no mapping of annotations, and no pod"
        raise InvalidInput(Diagnostic(code="D047", message=message, place=Place(shown)))
    return {
        key: Setting(
            key=fold(key.removeprefix(ANNOTATION)), text=text_of(text), place=document.place(*route, key)
        )
        for key, text in value.items()
        if isinstance(key, str) and key.startswith(ANNOTATION) and re.fullmatch(r"[\w./-]{1,200}", key)
    }
