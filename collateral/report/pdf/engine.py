"""Typst and pikepdf: templates and data in, one tagged, archivable PDF out."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, cast

import pikepdf
import typst

from collateral.report.pdf.fonts import FONT_PACKAGES, font_folders
from threatmodel.core.canonical import digest, sha256
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import ThreatModelError
from threatmodel.diagrams.cache import PictureCache

STANDARDS: tuple[Literal["ua-1"], Literal["a-3a"]] = ("ua-1", "a-3a")
"""Accessible (ISO 14289-1) and archivable (ISO 19005-3, level A), both in one file."""


class PdfFailed(ThreatModelError):
    """The document could not be typeset."""


def typeset(
    template: str,
    data: Mapping[str, Any],
    files: Mapping[str, bytes],
    *,
    timestamp: int,
    cache: Path | None = None,
) -> bytes:
    """The PDF of `template` (a file name in the templates folder).

    The template reads `data` as `data.json` and `files` by name; nothing else can be read. `timestamp` is in
    seconds since 1970. A warning counts as an error. Same arguments, same bytes; `cache` keeps them.

    Raises:
        PdfFailed: typst refused the document or had a warning.
    """
    folder = resources.files("collateral.report.pdf") / "templates"
    tree: dict[str, bytes] = {
        item.name: item.read_bytes() for item in folder.iterdir() if item.name.endswith(".typ")
    }
    tree["data.json"] = json.dumps(data, ensure_ascii=False, sort_keys=True).encode()
    tree |= files
    tree["main.typ"] = tree[template]
    store = PictureCache(cache) if cache is not None else None
    key = digest(
        [_versions(), list(STANDARDS), timestamp, {name: sha256(content) for name, content in tree.items()}]
    )
    if store and (kept := store.get(key)) is not None:
        return kept
    # The stub names no mapping; the engine takes file names with their bytes.
    compiler = typst.Compiler(
        input=cast(Any, tree), font_paths=list(font_folders()), ignore_system_fonts=True
    )
    try:
        pdf, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=[*STANDARDS], timestamp=timestamp
        )
    except typst.TypstError as error:
        raise _failed(template, str(error)) from error
    except BaseException as error:  # a panic of the engine is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise _failed(template, f"typst panicked: {error}") from error
    if not isinstance(pdf, bytes):
        raise _failed(template, "typst wrote something else than one PDF")
    if warnings:
        raise _failed(template, "; ".join(sorted(str(warning) for warning in warnings)))
    made = _compact(pdf)
    if store:
        store.put(key, made)
    return made


def _versions() -> list[str]:
    """What besides the arguments decides the bytes."""
    return [f"{name} {version(name)}" for name in ("typst", "pikepdf", *FONT_PACKAGES)]


def _failed(template: str, why: str) -> PdfFailed:
    return PdfFailed(Diagnostic(code="pdf-failed", message=f"{template} could not be typeset: {why}"))


def _compact(pdf: bytes) -> bytes:
    """The same document in object streams (a third of the size); still PDF/A-3a, and still the same bytes each time."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=True,
            deterministic_id=True,
        )
    return out.getvalue()
