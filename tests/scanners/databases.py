"""Databases of one advisory each, in the forms that tools read."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from tests.scanners.support import make_tree

_RUSTSEC = """```toml
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
_GO: dict[str, Any] = {
    "schema_version": "1.3.1",
    "id": "GO-2021-0113",
    "modified": "2024-01-01T00:00:00Z",
    "summary": "Odd tags",
    "affected": [
        {
            "package": {"name": "golang.org/x/text", "ecosystem": "Go"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "0.3.7"}]}],
            "ecosystem_specific": {"imports": [{"path": "golang.org/x/text/language", "symbols": ["Parse"]}]},
        }
    ],
}


def rustsec(folder: Path) -> Path:
    """A RustSec database: smallvec before 0.6.3."""
    return make_tree(folder, {"crates/smallvec/RUSTSEC-2018-0003.md": _RUSTSEC})


def govulndb(folder: Path) -> Path:
    """A Go vulnerability database: golang.org/x/text before 0.3.7, where `language.Parse` is called."""
    return make_tree(folder, {"GO-2021-0113.json": json.dumps(_GO)})


def osv_archives(folder: Path) -> Path:
    """The same as an archive of osv.dev."""
    archive = folder / "osv-scanner" / "Go" / "all.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("GO-2021-0113.json", json.dumps(_GO))
    return folder
