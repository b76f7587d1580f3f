"""Shallow clones of remote repositories, kept in a cache."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from threatmodel.core.errors import SourceUnavailable
from threatmodel.source.git import clean_environment, run_git
from threatmodel.source.tree import unavailable

CLONE_SECONDS = 600.0

_PASSED_ON = (
    "ALL_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "all_proxy",
    "https_proxy",
    "no_proxy",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A repository elsewhere. `shown` is the URL without secrets, `protocol` all that git may use."""

    url: str
    shown: str
    protocol: str


def fetch_into_cache(
    remote: Remote, tag: str, cache: Path, environ: Mapping[str, str], seconds: float = CLONE_SECONDS
) -> Path:
    """A bare repository in `cache` with one commit: that of `tag`, or of a full commit id.

    It is reused where it is there. The clone is made beside its place and renamed, so a broken one is never
    found there.
    Raises: SourceUnavailable with git's reason.
    """
    key = hashlib.sha256(f"{remote.shown}\0{tag}".encode()).hexdigest()[:24]
    stem = re.sub(r"[^A-Za-z0-9]+", "-", remote.shown.rstrip("/").rpartition("/")[2].removesuffix(".git"))
    place = cache / f"{stem.strip('-')[:40] or 'source'}-{key}.git"
    if (place / "HEAD").is_file():
        return place
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _scratch(cache) as scratch:
            _fetch(remote, tag, scratch, environ, seconds)
            try:
                (scratch / "repository").rename(place)
            except OSError:
                # Another process may have been faster; its clone is as good as ours.
                if not (place / "HEAD").is_file():
                    raise
    except OSError as error:
        raise unavailable(
            "source-cache",
            f"cannot write the clone of {remote.shown} to the cache: {error.strerror}",
            hint="look at the cache directory's rights and free space",
        ) from error
    return place


@contextlib.contextmanager
def _scratch(cache: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=".clone-", dir=cache))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetch(remote: Remote, tag: str, scratch: Path, environ: Mapping[str, str], seconds: float) -> None:
    home = scratch / "home"
    home.mkdir()
    environment = {
        **clean_environment(home),
        **{name: environ[name] for name in _PASSED_ON if name in environ},
        "GIT_ALLOW_PROTOCOL": remote.protocol,
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
        "GIT_SSH_VARIANT": "ssh",
    }
    pinned = re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", tag) is not None
    refspec = f"{tag}:refs/source/pinned" if pinned else f"refs/tags/{tag}:refs/tags/{tag}"
    form = "sha256" if pinned and len(tag) == 64 else "sha1"
    steps = (
        ("init", "--quiet", "--bare", "--template=", f"--object-format={form}", "repository"),
        (
            *(
                "--git-dir=repository",
                "fetch",
                "--quiet",
                "--depth=1",
                "--no-tags",
                "--no-recurse-submodules",
            ),
            *("--no-write-fetch-head", "--no-auto-maintenance", "--", remote.url, refspec),
        ),
    )
    for step in steps:
        try:
            done = run_git(step, environment=environment, directory=scratch, seconds=seconds)
        except SourceUnavailable as error:
            raise _unreachable(remote, tag, error.diagnostics[0].message) from error
        if done.status != 0:
            raise _unreachable(remote, tag, done.reason().replace(remote.url, remote.shown))


def _unreachable(remote: Remote, tag: str, reason: str) -> SourceUnavailable:
    if "couldn't find remote ref" in reason:
        hint = "name a tag of the repository or a full commit id; branches move and are not taken"
    else:
        hint = "look at the URL, the network and your access rights, or name a local clone with path@ref"
    return unavailable("source-unreachable", f"{remote.shown}@{tag} cannot be fetched: {reason}", hint=hint)
