"""From what a user writes (directory, path@ref, URL@tag) to a source tree."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from threatmodel.core.errors import UsageError
from threatmodel.source.clone import Remote, fetch_into_cache
from threatmodel.source.directory import DirectoryTree
from threatmodel.source.git import find_repository
from threatmodel.source.gitref import GitRefTree
from threatmodel.source.tree import SourceTree, unavailable, usage

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/]*)(?P<path>/.*)", re.DOTALL)
_SCP = re.compile(
    r"(?P<authority>[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*):(?P<path>[^/-].*|/[^/].*)"
)
_HOST = re.compile(r"(?:\w[\w.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")
_TAG = re.compile(
    r"(?!-|/|\.|@$)(?!.*(?:\.\.|@\{|//|/\.|\.lock(?:/|$)|[./]$))[^\x00-\x20\x7f~^:?*\[\\]{1,200}"
)
_SCHEMES = ("https", "ssh", "file")
_FORMS = "write a directory, path@ref, or a git URL with @tag (https://, ssh://, git@host:path, file://)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    remote: Remote
    tag: str


def open_source(
    spec: str,
    *,
    cache: Path,
    base: Path,
    environ: Mapping[str, str] | None = None,
    partial: bool = False,
) -> SourceTree:
    """The source tree that `spec` names: a directory, `path@ref`, or a git URL with `@tag` or `@commit`.

    An existing directory wins over every other reading; of several `@` in `path@ref`, the one with the
    longest existing path. `base` is where relative paths start. A URL is cloned shallowly into `cache`
    once; a tag is taken not to move. From `environ` (the process's own by default) only settings for
    proxies, certificates and the ssh agent reach the clone. `partial` is as of `GitRefTree`.

    Raises: UsageError for a malformed spec, SourceUnavailable where it cannot be read.
    """
    if not spec.strip() or "\0" in spec:
        raise usage("source-spec", "no source tree is named", hint=_FORMS)
    whole = base / spec
    if whole.is_dir():
        return _open_directory(whole, spec)
    link = parse_url(spec)
    if link is not None:
        repo = fetch_into_cache(link.remote, link.tag, cache, os.environ if environ is None else environ)
        return GitRefTree(repo, link.tag, name=f"{link.remote.shown}@{link.tag}", partial=partial)
    at = spec.rfind("@")
    while at > 0:
        if (base / spec[:at]).is_dir():
            return GitRefTree(base / spec[:at], spec[at + 1 :], name=spec, partial=partial)
        at = spec.rfind("@", 0, at)
    raise unavailable("source-missing", f"{spec}: there is no such directory", hint=_FORMS)


def at_ref(spec: str, ref: str, base: Path) -> str:
    """The spec of the same source at another ref: `folder@ref` of a folder or of `folder@other`, `URL@ref` of a URL."""
    if (base / spec).is_dir():
        return f"{spec}@{ref}"
    at = spec.rfind("@")
    while at > 0 and parse_url(spec) is None and not (base / spec[:at]).is_dir():
        at = spec.rfind("@", 0, at)
    return f"{spec[:at] if at > 0 else spec}@{ref}"


def _open_directory(path: Path, spec: str) -> SourceTree:
    if not (path / ".git").exists() and find_repository(path) is not None:
        raise usage(
            "source-spec", f"{spec} is a git repository without a work tree", hint="name a ref too: path@ref"
        )
    return DirectoryTree(path, name=spec)


def public_address(spec: str) -> str:
    """The repository's address in a spec, fit to be published: no login, query, fragment or tag.

    `git@host:path` is written as `ssh://host/path`. Empty for a path, a file URL and whatever has no plain host.
    """
    match = _URL.fullmatch(spec) or _SCP.fullmatch(spec)
    if match is None:
        return ""
    scheme = (match.groupdict().get("scheme") or "ssh").lower()
    host = match["authority"].rpartition("@")[2]
    path = re.split("[@?#]", match["path"], maxsplit=1)[0].strip("/")
    if scheme not in ("https", "ssh") or not _HOST.fullmatch(host) or not path or not path.isprintable():
        return ""
    return f"{scheme}://{host}/{path}"


def lacks_tag(spec: str) -> bool:
    """True for a git URL that names no tag."""
    match = _URL.fullmatch(spec) or _SCP.fullmatch(spec)
    return match is not None and "@" not in match["path"]


def valid_tag(text: str) -> bool:
    """True for a text that can name a tag or a commit, and no expression of git's."""
    return _TAG.fullmatch(text) is not None


def parse_url(spec: str) -> _Link | None:
    """The remote and the tag of a spec that is a git URL, None for a path. Raises: UsageError."""
    url, scp = _URL.fullmatch(spec), _SCP.fullmatch(spec)
    if url is None and scp is None:
        if _HELPER.match(spec) or "://" in spec:
            raise _bad_url("this form of URL is not supported", spec)
        return None
    scheme = url["scheme"].lower() if url else "ssh"
    if scheme not in _SCHEMES:
        raise _bad_url(f"{scheme}:// is not supported", spec)
    match = url or scp
    authority = match["authority"] if match else ""
    rest = match["path"] if match else ""
    # a query may hold an `@`; what is behind it must not pass for a part of the tag, which is published
    path, at, tag = rest.rpartition("@") if "?" in rest.partition("@")[0] else rest.partition("@")
    if not at or not tag:
        raise _bad_url("a URL needs @tag", spec)
    if not _TAG.fullmatch(tag):
        raise usage("source-ref", f'"{tag}" cannot name a tag', hint="name a tag or a full commit id")
    host = authority.rpartition("@")[2]
    bad_port = re.search(r":(?![0-9]{1,5}$)", host.rpartition("]")[2])  # a password with a slash looks so
    odd = bad_port or not path.isprintable() or not authority.isprintable()
    if odd or path.strip("/") == "" or host.startswith("-"):
        raise _bad_url("the URL is malformed", spec)
    if (host == "") != (scheme == "file"):
        raise _bad_url(
            "the URL names no host" if host == "" else "a file URL has no host: file:///path", spec
        )
    start, joint = (f"{scheme}://", "") if url else ("", ":")
    remote = Remote(
        url=f"{start}{authority}{joint}{path}",
        shown=f"{start}{_without_secret(authority, scheme)}{joint}{path}",
        protocol=scheme,
    )
    return _Link(remote=remote, tag=tag)


def _without_secret(authority: str, scheme: str) -> str:
    """The authority without a password; over https a user name alone can be a token, so it goes too."""
    login, at, host = authority.rpartition("@")
    if not at:
        return host
    user, colon, _ = login.partition(":")
    if scheme == "https":
        return f"***@{host}"
    return f"{user}:***@{host}" if colon else f"{user}@{host}"


def _bad_url(why: str, spec: str) -> UsageError:
    shown = re.sub(r"//[^/]*@", "//***@", spec)
    return usage("source-spec", f"{shown}: {why}", hint=_FORMS)
