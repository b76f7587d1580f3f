"""Source trees of other projects beside the model's own: opened at the ref that the release wants, or not used.

A claim on such a tree is about the version that the release pins. A tree at another ref says nothing of that version,
so its claims are not checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from threatmodel.core.diagnostics import Diagnostic, Severity
from threatmodel.core.errors import SourceUnavailable, ThreatModelError
from threatmodel.core.text import fold
from threatmodel.load import DeclaredSource
from threatmodel.readers.values import Unreadable, value_at
from threatmodel.source import SourceTree, open_pinned, stands_at, valid_tag


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSource:
    """A source beside the model's own. `wanted` is the ref that the release pins; `ref` and `commit` are those of the
    tree that was given, empty where none was. `reason` says why its claims were not checked, empty where they were."""

    name: str
    wanted: str = ""
    ref: str = ""
    commit: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSources:
    """All sources that a model declares, in its order, and the trees of those that claims may be checked against."""

    trees: Mapping[str, SourceTree] = field(default_factory=dict)
    records: tuple[NamedSource, ...] = ()

    @property
    def missing(self) -> dict[str, str]:
        """Why the claims of a source are not checked, by its name."""
        return {record.name: record.reason for record in self.records if record.reason}

    def beside(self, own: SourceTree | None) -> dict[str, SourceTree]:
        """All trees by name, the model's own under the empty one."""
        return {**({"": own} if own is not None else {}), **self.trees}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How named sources are opened: the specs that were given, by name, where relative ones start, and the stack that
    closes the trees. `told`: what is wrong with a tree, for people; it may name places of this machine."""

    specs: Mapping[str, str]
    cache: Path
    base: Path
    environ: Mapping[str, str]
    stack: ExitStack
    told: list[Diagnostic] = field(default_factory=list)

    def __call__(self, declared: Iterable[DeclaredSource], own: SourceTree | None) -> NamedSources:
        """The declared sources at the refs that this state of the model's own source pins.

        Raises:
            UsageError: a malformed spec.
        """
        found = [self._one(source, own) for source in declared]
        return NamedSources(
            trees={record.name: tree for record, tree in found if tree is not None},
            records=tuple(record for record, _ in found),
        )

    def _one(self, source: DeclaredSource, own: SourceTree | None) -> tuple[NamedSource, SourceTree | None]:
        wanted, reason = wanted_ref(source, own)
        blank = NamedSource(name=source.name, wanted=wanted, reason=reason)
        if reason:
            return blank, None
        spec = self.specs.get(source.name)
        if spec is None:
            return replace(blank, reason=f"{source.name} {wanted} was not given"), None
        try:
            tree = open_pinned(spec, wanted, cache=self.cache, base=self.base, environ=self.environ)
        except SourceUnavailable as error:
            self.told.extend(error.diagnostics)
            return replace(blank, reason=f"{source.name} {wanted} could not be read"), None
        self.stack.enter_context(tree)
        ref = fold((tree.ref or "").removeprefix("refs/tags/"))
        record = replace(blank, ref=ref, commit=tree.commit or "")
        if stands_at(tree, wanted):
            return record, tree
        return replace(record, reason=self._other(record)), None

    def _other(self, record: NamedSource) -> str:
        given = (
            f"at {record.ref}"
            if record.ref
            else f"as a folder, which does not show that it is {record.wanted}"
        )
        reason = f"{record.name} was given {given}" + f", the release wants {record.wanted}" * bool(
            record.ref
        )
        hint = "name its repository without a ref: then the wanted one is read"
        self.told.append(Diagnostic(code="U025", message=reason, hint=hint, severity=Severity.WARNING))
        return reason


def wanted_ref(source: DeclaredSource, own: SourceTree | None) -> tuple[str, str]:
    """The ref of a source that the model's own tree pins, or an empty text and why there is none."""
    if own is None:
        return "", f"without the model's own source nothing says which ref of {source.name} the release wants"
    where = f"{source.ref_key} in {source.ref_file}"
    try:
        found = value_at(own.read(source.ref_file), source.ref_file, source.ref_key)
    except KeyError:
        return (
            "",
            f"the source has no {source.ref_file}, which says which ref of {source.name} the release wants",
        )
    except (Unreadable, ThreatModelError) as error:
        return "", fold(f"{where} cannot be read: {error}")
    if found is None:
        return "", f"the source has no {where}, which says which ref of {source.name} the release wants"
    if not isinstance(found.value, str) or not valid_tag(found.value):
        return "", fold(f"{where} names no ref of {source.name}: {str(found.value)[:80]!r}")
    return fold(found.value), ""
