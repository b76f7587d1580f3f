"""What a confined child may see: the system's folders, the interpreter's, and its environment."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable
from pathlib import Path

MINIMAL_PATH = "/usr/local/bin:/usr/bin:/bin"
_TOP = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_ETC = (
    "alternatives",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    # public certificates: some tools load them when they start, though there is no network
    "pki/ca-trust/extracted",
    "pki/tls/certs",
    "ssl/ca-bundle.pem",
    "ssl/certs",
)


def clean_env(**extra: str) -> dict[str, str]:
    """An environment for a child that owes nothing to the caller's: UTF-8, UTC, no bytecode files.

    HOME is `/nonexistent` unless given; a tool that writes to its home gets a writable folder of its own.
    """
    base = {
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PATH": MINIMAL_PATH,
        "PYTHONDONTWRITEBYTECODE": "1",
        "TZ": "UTC",
    }
    return base | extra


def interpreter_paths() -> tuple[Path, ...]:
    """Folders of the running interpreter and its environment."""
    executable = Path(sys.executable)
    return outermost((Path(sys.prefix), Path(sys.base_prefix), executable.resolve().parent))


def python_paths(*packages: str) -> tuple[Path, ...]:
    """Folders that a Python child must be able to read to import what this process can.

    The interpreter, the site-packages on `sys.path`, this package, and the named top-level packages.

    Raises:
        ModuleNotFoundError: a named package is not installed.
    """
    sites = (Path(entry) for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"})
    named = (folder for name in ("threatmodel", *packages) for folder in _package_folders(name))
    return outermost((*interpreter_paths(), *sites, *named))


def _package_folders(name: str) -> tuple[Path, ...]:
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"no package named {name!r}", name=name)
    if spec.submodule_search_locations:
        return tuple(Path(folder) for folder in spec.submodule_search_locations)
    return (Path(spec.origin),) if spec.origin else ()


def outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The existing paths made absolute, sorted, without those that lie inside another one."""
    kept: list[Path] = []
    for path in sorted({Path(os.path.abspath(p)) for p in paths}):  # noqa: PTH100  resolve() would follow links
        if path.exists() and not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return tuple(kept)


def system_links() -> tuple[tuple[str, str], ...]:
    """Top folders that are symbolic links (`/bin` to `usr/bin`): target and path."""
    tops = (Path("/", name) for name in _TOP)
    return tuple((str(path.readlink()), str(path)) for path in tops if path.is_symlink())


def system_paths() -> tuple[Path, ...]:
    """Folders and files of the system that programs need to start, links left out."""
    tops = (Path("/", name) for name in _TOP)
    etc = (Path("/etc", name) for name in _ETC)
    return tuple(
        path for path in (Path("/usr"), *tops, *etc) if path.exists() and not Path(path).is_symlink()
    )
