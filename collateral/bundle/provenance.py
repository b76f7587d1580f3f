"""What was built from what, as an in-toto statement with SLSA provenance.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md, https://slsa.dev/spec/v1.0/provenance
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collateral.bundle.manifest import Manifest
from collateral.bundle.sign import Malformed, read_json
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import UsageError

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:threatmodel:build:1"
NO_BUILDER = "urn:threatmodel:builder:unnamed"
"""The builder where the caller named none: nothing is claimed about where a bundle was built."""
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a signed statement says: digests by name of file, and who built."""

    subjects: Mapping[str, str]
    builder: str


def checked_builder(text: str) -> str:
    """A builder's id.

    Raises:
        UsageError: not a URI.
    """
    if len(text) > 2000 or not _URI.fullmatch(text):
        hint = "write a URI that names what runs the build, such as https://example.org/ci/release"
        raise UsageError(Diagnostic(code="U020", message=f"--builder {text!r} is not a URI", hint=hint))
    return text


def make_statement(manifest: Manifest, subjects: Mapping[str, str], builder: str = NO_BUILDER) -> bytes:
    """The statement on a bundle. `subjects` maps names of files to their SHA-256."""
    return dump_bytes(
        {
            "_type": STATEMENT,
            "subject": [{"name": name, "digest": {"sha256": subjects[name]}} for name in sorted(subjects)],
            "predicateType": PREDICATE,
            "predicate": {
                "buildDefinition": {
                    "buildType": BUILD_TYPE,
                    "externalParameters": {
                        "configuration": manifest.configuration,
                        "edition": manifest.edition,
                        "modelDigest": manifest.model_digest,
                        "project": manifest.project,
                        "release": manifest.release,
                        "sourceCommit": manifest.source_commit,
                        "sourceModified": manifest.source_dirty,
                    },
                    "resolvedDependencies": _dependencies(manifest),
                },
                "runDetails": {"builder": {"id": builder}},
            },
        }
    )


def _dependencies(manifest: Manifest) -> list[dict[str, Any]]:
    """Source, model, toolkit and scanners, each with a digest where one is known.

    The manifest has no digest of a tool's code, so none is given here; that of its rules has an entry of its own.
    """
    made: list[dict[str, Any]] = []
    if manifest.source_digest:
        digests = {"threatmodelTree": manifest.source_digest}
        if manifest.source_commit and not manifest.source_dirty:
            digests["gitCommit"] = manifest.source_commit
        source: dict[str, Any] = {"name": "source", "digest": digests}
        address, _, _ref = manifest.source_name.rpartition("@")
        if address.startswith("https://"):
            source["uri"] = f"git+{manifest.source_name}"
        made.append(source)
    made.append(
        {
            "name": "model",
            "uri": f"urn:threatmodel:model:{manifest.project}",
            "digest": {"sha256": manifest.model_digest},
        }
    )
    for tool in manifest.tools:
        notes = {"version": tool.version, **({"status": tool.status} if tool.status else {})}
        made.append({"name": tool.name, "uri": f"urn:threatmodel:tool:{tool.name}", "annotations": notes})
        if tool.ruleset_digest:
            made.append(
                {
                    "name": f"{tool.name}-rules",
                    "uri": f"urn:threatmodel:rules:{tool.name}",
                    "digest": {"sha256": tool.ruleset_digest},
                }
            )
    return made


def read_statement(payload: bytes) -> Statement:
    """What a statement says about files. The payload is one whose signature was checked, or is not trusted.

    Raises:
        Malformed: it is no statement of this kind.
    """
    match read_json(payload):
        case {
            "_type": str(kind),
            "predicateType": str(predicate),
            "subject": [*rows],
            "predicate": {"runDetails": {"builder": {"id": str(builder)}}},
        } if (kind, predicate) == (STATEMENT, PREDICATE):
            pass
        case _:
            raise Malformed("not an in-toto statement with SLSA provenance")
    subjects: dict[str, str] = {}
    for row in rows:
        match row:
            case {"name": str(name), "digest": {"sha256": str(digest)}} if _SHA256.fullmatch(digest):
                if name in subjects:
                    raise Malformed("a subject stands twice")
                subjects[name] = digest
            case _:
                raise Malformed("a subject without name and SHA-256")
    return Statement(subjects=subjects, builder=builder)
