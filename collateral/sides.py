"""Two states of one model, opened side by side: what a pull request starts from, and what it proposes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from collateral.own_packs import packs_of
from collateral.policy import Policy, read_policy
from collateral.response import Response, load_response
from collateral.triage import Triage, read_triage
from collateral.vectors import ThreatVector
from collateral.vectors.reader import vectors_alone
from threatmodel.analysis import Disposition, read_dispositions
from threatmodel.core.canonical import sha256
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import ThreatModelError, UsageError
from threatmodel.load import Loaded, Loading, Manifest, read_manifest
from threatmodel.load.manifest import FILE as MANIFEST
from threatmodel.rules import Rule, load_packs, load_vocabulary
from threatmodel.source import GitRefTree
from threatmodel.source.git import work_tree_repository
from threatmodel.system import Configuration

DISPOSITIONS = "dispositions.yaml"
_LONE = ".py"
"""The ending of a model that is one file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One state of a model. `files` maps each file of its folder to the SHA-256 of its content.

    `commit` is empty for a folder.
    """

    name: str
    commit: str
    loaded: Loaded
    rules: tuple[Rule, ...]
    dispositions: tuple[Disposition, ...]
    triage: Triage
    policy: Policy
    files: Mapping[str, str]
    response: Response | None = None
    """What the model says about the handling of reports, where it has a file of that."""
    vectors: tuple[ThreatVector, ...] = ()
    """CVSS of its threats as its file says, not held against the model."""


class _HasPlace(Protocol):
    """A frozen dataclass with a place."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def place(self) -> Place | None: ...


_Placed = TypeVar("_Placed", bound=_HasPlace)


class Places:
    """Places below the model's path in its repository, whatever the side was called."""

    def __init__(self, model: str, sides: tuple[Side, Side]) -> None:
        """`model` is the path of the model in its repository."""
        self._model = _around(model.strip("/"))
        names = {_around(side.name.rstrip("/")) + "/" for side in sides}
        self._names = tuple(sorted(names, key=len, reverse=True))

    def of(self, place: Place | None) -> Place | None:
        """The place, below the model's path."""
        if place is None or not place.path:
            return place
        path = next(
            (place.path.removeprefix(name) for name in self._names if place.path.startswith(name)), place.path
        )
        return Place(f"{self._model}/{path}" if self._model else path, place.line)

    def moved(self, item: _Placed) -> _Placed:
        """The same value with its `place` below the model's path."""
        return replace(item, place=self.of(item.place))


def _around(name: str) -> str:
    """The folder of a model: itself, or the one that a lone file lies in."""
    return name.rpartition("/")[0] if name.endswith(_LONE) else name


class NoModel(UsageError):
    """One of the two states has no model where it was looked for. `head` says which."""

    def __init__(self, *diagnostics: Diagnostic, head: bool) -> None:
        super().__init__(*diagnostics)
        self.head = head


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    name: str
    commit: str
    folder: Path


@contextmanager
def open_sides(
    base: str,
    head: str,
    model: str,
    cwd: Path,
    *,
    extra: Callable[[Manifest], Sequence[Configuration]] = lambda _: (),
) -> Iterator[tuple[Side, Side]]:
    """Both states of the model at the path `model`, each loaded in a confined process of its own, at the same time.

    `base` and `head` are each a folder (the checkout that holds `model`, or the model's folder itself) or a revision
    of the git repository that `cwd` lies in. `model` is relative to `cwd`. A revision is read from git's objects:
    nothing is checked out, no hook or configuration of the repository counts. Of a model that is a lone file, nothing
    but that file is taken from a revision. `extra` says of each side's manifest which configurations are asked for
    beside those that it names.

    Raises:
        UsageError: there is no such folder or repository.
        NoModel: one of the states has no model there.
        SourceUnavailable: git does not know the revision.
        InvalidInput: one of the models is invalid.
    """
    with ExitStack() as stack:
        places = [
            _find(text, model, cwd, stack, head=head_side)
            for text, head_side in ((base, False), (head, True))
        ]
        manifests = [read_manifest(place.folder, place.name) for place in places]
        started = [
            stack.enter_context(Loading(place.folder, place.name, manifest=manifest, extra=extra(manifest)))
            for place, manifest in zip(places, manifests, strict=True)
        ]
        vocabulary = load_vocabulary()
        sides = []
        for place, loading in zip(places, started, strict=True):
            enabled = loading.manifest.place("packs", "enabled")
            own = packs_of(loading.manifest, place.folder, place.name)
            rules = load_packs(loading.manifest.packs, vocabulary, enabled, own, cases=False)
            loaded = loading.finish(vocabulary)
            decisions = _decisions(place)
            sides.append(
                Side(
                    name=place.name,
                    commit=place.commit,
                    loaded=loaded,
                    rules=rules,
                    dispositions=read_dispositions(*decisions) if decisions else (),
                    triage=read_triage(*decisions) if decisions else {},
                    policy=read_policy(loaded.manifest),
                    files=_digests(place.folder),
                    response=load_response(place.folder, place.name),
                    vectors=vectors_alone(place.folder, place.name),
                )
            )
        yield sides[0], sides[1]


def _find(text: str, model: str, cwd: Path, stack: ExitStack, *, head: bool) -> _Place:
    folder = cwd / text
    if folder.is_dir():
        if _is_revision(text, cwd):
            message = f'"{text}" names a revision and a folder'
            raise UsageError(Diagnostic(code="U012", message=message, hint=f"write ./{text} for the folder"))
        inside = folder / model
        lone = model.endswith(_LONE) and inside.is_file()
        found = inside if lone or inside.is_dir() else folder
        if not lone and not any((found / name).is_file() for name in ("__init__.py", MANIFEST)):
            raise _missing(text, model, head)
        shown = f"{text.rstrip('/')}/{model.rstrip('/')}" if found is inside else text
        return _Place(name=shown, commit="", folder=found)
    top = _top(cwd)
    if top is None:
        hint = "name a folder, or run the command inside the repository"
        message = f"{text} is no folder, and {cwd.name or cwd} is in no git repository"
        raise UsageError(Diagnostic(code="U011", message=message, hint=hint))
    under = _inside(model, cwd, top)
    tree = stack.enter_context(GitRefTree(top, text, name=text))
    parent = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="threatmodel-side-")))
    where = parent / "tree" / under
    if under.endswith(_LONE) and under in tree.paths():
        where.parent.mkdir(parents=True)
        where.write_bytes(tree.read(under))
    else:
        tree.materialise(parent / "tree", under)
        if not where.is_dir():
            raise _missing(text, model, head)
    return _Place(name=f"{text}:{model.rstrip('/')}", commit=tree.commit or "", folder=where)


def _inside(model: str, cwd: Path, top: Path) -> str:
    """The model's path in the repository, as it is written: no link of the work tree, which may be that of the change,
    leads to another model."""
    place = Path(os.path.normpath(cwd / model))
    for root in (top, top.resolve()):
        if place.is_relative_to(root):
            return place.relative_to(root).as_posix()
    hint = "run the command inside the model's repository"
    raise UsageError(Diagnostic(code="U001", message=f"{model} is not in this repository", hint=hint))


def _top(cwd: Path) -> Path | None:
    return next((at for at in (cwd, *cwd.parents) if work_tree_repository(at) is not None), None)


def _is_revision(text: str, cwd: Path) -> bool:
    """True where git knows a revision of that name, so that no folder of a change can stand in for what it starts
    from."""
    top = _top(cwd)
    if top is None or text.startswith((".", "/")):
        return False
    try:
        GitRefTree(top, text, name=text).close()
    except ThreatModelError:
        return False
    return True


def _missing(text: str, model: str, head: bool) -> NoModel:
    hint = "name the model's folder as it is called there"
    return NoModel(Diagnostic(code="U001", message=f"no model at {model} in {text}", hint=hint), head=head)


def _decisions(place: _Place) -> tuple[bytes, str] | None:
    """The file of decisions and its name, where there is one."""
    path = place.folder / DISPOSITIONS
    return (path.read_bytes(), f"{place.name}/{DISPOSITIONS}") if path.is_file() else None


def _digests(folder: Path) -> dict[str, str]:
    if folder.is_file():
        return {folder.name: sha256(folder.read_bytes())}
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts
    }
