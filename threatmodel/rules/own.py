"""Rule packs that the toolkit does not ship: folders of a model, and packages that are installed beside us.

Nothing of a package runs: its rule files are read where its distribution says that they lie. A package counts only where
`threatmodel.toml` names it with its version, so that what is installed changes no verdict.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from threatmodel.core.diagnostics import Diagnostic, Place, nearest
from threatmodel.core.errors import InvalidInput

if TYPE_CHECKING:
    from importlib.metadata import Distribution

GROUP = "threatmodel.packs"
"""The group of entry points: a pack's name, and the import name of the package that holds its rule files."""
MAX_FILES = 500
MAX_BYTES = 64 * 1024
_ENDING = ".yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPack:
    """The rule files of a pack, by the path that messages show."""

    name: str
    files: tuple[tuple[str, bytes], ...]


def own_packs(
    names: Iterable[str],
    folders: Mapping[str, str],
    installed: Mapping[str, str],
    root: Path,
    shown: str,
    place: Callable[[str, str], Place],
) -> dict[str, OwnPack]:
    """Those of the named packs that are a folder below `root` or an installed package with the version that is written.

    `place` gives the line of a key of a section.

    Raises:
        InvalidInput: R015, a folder is not there, lies elsewhere or holds too much; R016, a package is not installed, has
            another version or no such folder. Holds every problem.
    """
    found: dict[str, OwnPack] = {}
    problems: list[Diagnostic] = []
    for name in names:
        try:
            if name in folders:
                at = place("packs.folders", name)
                found[name] = _folder(name, root, folders[name], f"{shown}/{folders[name]}", at)
            elif name in installed:
                found[name] = _package(name, installed[name], place("packs.installed", name))
        except InvalidInput as error:
            problems += error.diagnostics
    if problems:
        raise InvalidInput(*problems)
    return found


def read_files(
    name: str, folder: Path, shown: str, place: Place | None = None, code: str = "R015"
) -> OwnPack:
    """The rule files of a folder, in the order of their names; folders in it and links are not followed.

    Raises:
        InvalidInput: `code`, it holds no rule file, a link, too many files, or one that is too large.
    """

    def wrong(message: str, hint: str) -> InvalidInput:
        return InvalidInput(
            Diagnostic(code=code, message=f'pack "{name}": {message}', place=place, hint=hint)
        )

    try:
        paths = sorted(path for path in folder.iterdir() if path.name.endswith(_ENDING))
    except OSError as error:
        raise wrong(f"{shown} cannot be read: {error.strerror}", "name a folder with rule files") from error
    if not paths:
        raise wrong(f"{shown} has no rule file", f"a rule is a file RULE-ID{_ENDING}")
    if len(paths) > MAX_FILES:
        raise wrong(f"{shown} has {len(paths)} rule files, at most {MAX_FILES} are read", "split the pack")
    files = []
    for path in paths:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            raise wrong(f"{shown}/{path.name} is a link or no file", "put the rule itself there")
        if found.st_size > MAX_BYTES:
            raise wrong(f"{shown}/{path.name} has more than {MAX_BYTES >> 10} KiB", "shorten the rule")
        files.append((f"{shown}/{path.name}", path.read_bytes()))
    return OwnPack(name=name, files=tuple(files))


def _folder(name: str, root: Path, folder: str, shown: str, place: Place) -> OwnPack:
    path = root / folder
    inside = path.resolve()
    base = root.resolve()
    linked = any(part.is_symlink() for part in (path, *path.parents) if base in part.resolve().parents)
    if linked or base not in inside.parents:
        raise InvalidInput(
            Diagnostic(
                code="R015",
                message=f'pack "{name}": {folder} is not a folder of the model',
                place=place,
                hint="name a folder below the model's own, which is no link",
            )
        )
    return read_files(name, path, shown, place)


def _package(name: str, version: str, place: Place) -> OwnPack:
    from importlib.metadata import distributions

    offers = {
        entry.name: (found, entry.value)
        for found in distributions()
        for entry in found.entry_points
        if entry.group == GROUP
    }

    def wrong(message: str, hint: str) -> InvalidInput:
        return InvalidInput(
            Diagnostic(code="R016", message=f'pack "{name}": {message}', place=place, hint=hint)
        )

    if name not in offers:
        hint = nearest(name, offers) or "install the package that has it, or take it out"
        raise wrong("no installed package has it", hint)
    found, value = offers[name]
    if found.version != version:
        raise wrong(
            f"{found.metadata['Name']} {found.version} is installed, not {version}",
            "install that version, or write the other one after reading what changed",
        )
    return read_files(name, _place_of(found, value), f"{found.metadata['Name']}-{version}", place, "R016")


def _place_of(found: Distribution, value: str) -> Path:
    """Where the package's files lie; it is not imported."""
    return Path(str(found.locate_file(value.strip().replace(".", "/"))))
