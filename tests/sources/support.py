"""A tiny model with a claim on a library, its own source that pins the library, and the library's repository."""

from __future__ import annotations

from pathlib import Path

from tests.collateral.support import INIT, SOURCE, TOML, git, make_repository, make_workspace, write_files

DECLARED = """
[sources.lib]
about = "The library that the service ships"
address = "https://example.org/lib"
ref-from = { file = "versions.yaml", key = "externals.lib.version" }
"""
SAFE = 'LIMIT = Control("limit", "Reads are bounded", provides=["resource-quota"], claims=['
CLAIM = 'present("src/lib.py", "^LIMIT = 10$", source="lib"'
MODEL = INIT.replace("STRANGER =", f"{SAFE}{CLAIM})])\nSTRANGER =").replace(
    "controls=[TOKENS] if o.auth", "controls=[TOKENS, LIMIT] if o.auth"
)


def pins(version: str) -> str:
    return f'externals:\n  lib:\n    version: "{version}"\n'


def make(folder: Path, *, pin: str = "v2.0", model: str = MODEL, toml: str = TOML + DECLARED) -> Path:
    """`model/`, `source/` (tag 1.0, pins the library) and `lib/` (tags v1.9 with another limit, and v2.0)."""
    make_workspace(folder, init=model, toml=toml, source=False)
    make_repository(folder / "source", {**SOURCE, "versions.yaml": pins(pin)})
    lib = make_repository(folder / "lib", {"src/lib.py": "LIMIT = 99\n"})
    git(lib, "tag", "v1.9")
    write_files(lib, {"src/lib.py": "LIMIT = 10\n"})
    git(lib, "commit", "--quiet", "--all", "--message", "second")
    git(lib, "tag", "--annotate", "--message", "two", "v2.0")
    write_files(lib, {"src/lib.py": "changed in the work tree\n"})
    return folder
