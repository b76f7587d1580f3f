"""What scanners read beside the tree, for the examples: databases of one or a few advisories, and crates and modules."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping

RUSTSEC: Mapping[str, bytes] = {
    "crates/smallvec/RUSTSEC-2018-0003.md": b"""```toml
[advisory]
id = "RUSTSEC-2018-0003"
package = "smallvec"
date = "2018-07-19"
[versions]
patched = [">= 0.6.3"]
```

# Memory

It goes wrong.
"""
}
"""A RustSec database: smallvec before 0.6.3."""


def _entry(id_: str, name: str, ecosystem: str, fixed: str, kind: str = "SEMVER", **more: object) -> bytes:
    events = [{"introduced": "0"}, {"fixed": fixed}]
    affected = {
        "package": {"name": name, "ecosystem": ecosystem},
        "ranges": [{"type": kind, "events": events}],
        **more,
    }
    entry = {
        "schema_version": "1.3.1",
        "id": id_,
        "modified": "2024-01-01T00:00:00Z",
        "summary": "It goes wrong",
    }
    return json.dumps({**entry, "affected": [affected]}).encode()


_TEXT = "golang.org/x/text"
GOVULNDB: Mapping[str, bytes] = {
    "GO-2021-0113.json": _entry(
        "GO-2021-0113",
        _TEXT,
        "Go",
        "0.3.7",
        ecosystem_specific={"imports": [{"path": f"{_TEXT}/language", "symbols": ["Parse"]}]},
    )
}
"""A Go vulnerability database: golang.org/x/text before 0.3.7, where `language.Parse` is called."""
OSV: Mapping[str, bytes] = {
    **GOVULNDB,
    "RUSTSEC-2018-0003.json": _entry("RUSTSEC-2018-0003", "smallvec", "crates.io", "0.6.3"),
    "PYSEC-2019-217.json": _entry("PYSEC-2019-217", "jinja2", "PyPI", "2.10.1", "ECOSYSTEM"),
}
"""Entries in the OSV format, one for each ecosystem."""


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of these files, the same each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


OSV_ARCHIVES: Mapping[str, bytes] = {"osv-scanner/Go/all.zip": zipped(GOVULNDB)}
"""The Go entries as an archive of osv.dev."""
GIT = "git+https://example.org/elsewhere?rev=0123456789012345678901234567890123456789"
_CRATES = {"smallvec": "0.6.2", "elsewhere": "1.0.0"}
CARGO_HOME: Mapping[str, bytes] = {
    "config.toml": f"""[source.crates-io]
replace-with = "here"

[source."{GIT}"]
git = "{GIT[4:].partition("?")[0]}"
rev = "{GIT[-40:]}"
replace-with = "here"

[source.here]
directory = "cargo-home/here"
""".encode(),
    **{
        f"here/{name}/Cargo.toml": f'[package]\nname = "{name}"\nversion = "{version}"\n'.encode()
        for name, version in _CRATES.items()
    },
    **{f"here/{name}/.cargo-checksum.json": b'{"files": {}, "package": null}' for name in _CRATES},
    **{f"here/{name}/src/lib.rs": b"" for name in _CRATES},
}
"""A home of cargo, in a folder of the name `cargo-home`: a crate of crates.io and one from git."""


def cargo_toml(name: str) -> bytes:
    """A manifest that needs both crates, one in any version."""
    git, _, rev = GIT.removeprefix("git+").partition("?rev=")
    needs = f'smallvec = "*"\nelsewhere = {{ git = "{git}", rev = "{rev}" }}\n'
    return f'[package]\nname = "{name}"\nversion = "1.0.0"\n\n[dependencies]\n{needs}'.encode()


def cargo_lock(name: str) -> bytes:
    """Its lock file."""
    sources = {
        "elsewhere": f"{GIT}#{GIT[-40:]}",
        "smallvec": "registry+https://github.com/rust-lang/crates.io-index",
    }
    parts = [f'name = "{name}"\nversion = "1.0.0"\ndependencies = [\n "elsewhere",\n "smallvec",\n]\n']
    parts += [
        f'name = "{key}"\nversion = "{_CRATES[key]}"\nsource = "{source}"\n'
        for key, source in sources.items()
    ]
    return ("version = 4\n" + "".join(f"\n[[package]]\n{part}" for part in parts)).encode()


def _hash(files: Mapping[str, bytes]) -> str:
    """What Go calls `h1`: a digest of the names and digests of files."""
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()


_AT = f"{_TEXT}@v0.3.0"
_GO_MOD = f"module {_TEXT}\n\ngo 1.20\n".encode()
_SOURCE = {
    f"{_AT}/go.mod": _GO_MOD,
    f"{_AT}/language/a.go": b"package language\n\nfunc Parse(s string) {}\n",
}
GO_SUM = f"{_TEXT} v0.3.0 {_hash(_SOURCE)}\n{_TEXT} v0.3.0/go.mod {_hash({'go.mod': _GO_MOD})}\n".encode()
"""The checksums of the module, for `go.sum`."""
GO_MODULES: Mapping[str, bytes] = {
    **_SOURCE,
    f"cache/download/{_TEXT}/@v/v0.3.0.info": b'{"Version": "v0.3.0", "Time": "2018-01-01T00:00:00Z"}',
    f"cache/download/{_TEXT}/@v/v0.3.0.mod": _GO_MOD,
    f"cache/download/{_TEXT}/@v/v0.3.0.zip": zipped(_SOURCE),
    f"cache/download/{_TEXT}/@v/v0.3.0.ziphash": _hash(_SOURCE).encode(),
}
"""A cache of Go modules with one."""
