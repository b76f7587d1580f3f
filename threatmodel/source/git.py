"""Running git on a repository that is not trusted.

A repository's own configuration can name programs (fsmonitor, filters, hooks, helpers) and places (work tree,
excludes). So it is not overridden key by key but never read: git runs on a private, throw-away git directory
that borrows only HEAD, refs, index and objects of the real one. Environment and command line close the same
doors a second time.
"""

from __future__ import annotations

import os
import re
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from threatmodel.source.tree import unavailable

LOCAL_SECONDS = 120.0
MAX_OUTPUT_BYTES = 128 * 1024 * 1024
_MAX_ERROR_BYTES = 64 * 1024
_SMALL_FILE_BYTES = 64 * 1024

_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    *("-c", "safe.directory=*"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.attributesFile=/dev/null"),
    *("-c", "core.excludesFile=/dev/null"),
    *("-c", "core.untrackedCache=false"),
    *("-c", "credential.helper="),
    *("-c", "protocol.allow=never"),
    *("-c", "submodule.recurse=false"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """Where a repository's files are. A linked work tree has its own HEAD and index."""

    git_dir: Path
    common_dir: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a finished git process left: exit status, standard output, standard error."""

    status: int
    out: bytes
    err: bytes

    def reason(self) -> str:
        """The last line that says what went wrong."""
        lines = [line.strip() for line in self.err.decode("utf-8", "replace").splitlines() if line.strip()]
        told = [line for line in lines if line.startswith(("fatal:", "error:", "ERROR:"))]
        return (told or lines or [f"git ended with status {self.status}"])[-1][:500]


def find_repository(path: Path) -> Repository | None:
    """The repository of a work tree's top, or the bare one or git directory at `path`; None for neither."""
    return work_tree_repository(path) or _repository(path)


def work_tree_repository(path: Path) -> Repository | None:
    """The repository whose work tree has its top at `path`, else None."""
    dot_git = path / ".git"
    if dot_git.is_file():
        text = _small(dot_git).decode("utf-8", "surrogateescape").strip()
        if not text.startswith("gitdir:"):
            return None
        return _repository(path / text.removeprefix("gitdir:").strip())
    return _repository(dot_git)


def _repository(git_dir: Path) -> Repository | None:
    if not (git_dir / "HEAD").is_file():
        return None
    common = git_dir
    if (git_dir / "commondir").is_file():
        common = git_dir / _small(git_dir / "commondir").decode("utf-8", "surrogateescape").strip()
    if not ((common / "objects").is_dir() and (common / "refs").is_dir()):
        return None
    return Repository(git_dir=git_dir.resolve(), common_dir=common.resolve())


def _small(path: Path) -> bytes:
    """The start of a regular file. Raises: SourceUnavailable."""
    try:
        with path.open("rb") as handle:
            return handle.read(_SMALL_FILE_BYTES)
    except OSError as error:
        raise unavailable(
            "source-git", f"cannot read {path.name}: {error.strerror}", path=str(path)
        ) from error


def git_program() -> str:
    """The absolute path of git. Raises: SourceUnavailable where it is not installed."""
    found = shutil.which("git", path=os.environ.get("PATH", os.defpath))
    if found is None:
        raise unavailable(
            "source-no-git", "git is not installed", hint="install git, or name a plain directory"
        )
    return str(Path(found).absolute())


def clean_environment(home: Path) -> dict[str, str]:
    """The whole environment of a git process: nothing but the search path comes from outside."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C",
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_ALLOW_PROTOCOL": "none",  # the name of no protocol; wins over all protocol.* settings
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def run_git(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: Path,
    seconds: float = LOCAL_SECONDS,
    max_output: int = MAX_OUTPUT_BYTES,
) -> Output:
    """Run git to its end.

    Raises: SourceUnavailable where it takes longer than `seconds` or writes more than `max_output` bytes;
    its whole process group is killed then.
    """
    with _start(arguments, environment, directory, subprocess.DEVNULL, subprocess.PIPE) as process:
        try:
            out, err = _collect(process, time.monotonic() + seconds, seconds, max_output)
            return Output(status=process.wait(), out=out, err=err)
        finally:
            kill_group(process)


def _start(
    arguments: Sequence[str], environment: Mapping[str, str], directory: Path, stdin: int, stderr: int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [git_program(), *_OPTIONS, *arguments],
        bufsize=0,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=dict(environment),
        cwd=directory,
        start_new_session=True,
    )


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that has not been waited for, together with everything that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _collect(
    process: subprocess.Popen[bytes], deadline: float, seconds: float, max_output: int
) -> tuple[bytes, bytes]:
    out, err = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for stream, store, limit in (
            (process.stdout, out, max_output),
            (process.stderr, err, _MAX_ERROR_BYTES),
        ):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, (store, limit))
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise unavailable("source-timeout", f"git did not end within {seconds:g} seconds")
            for key, _ in ready:
                store, limit = key.data
                piece = os.read(key.fd, 1 << 20)
                if not piece:
                    selector.unregister(key.fileobj)
                elif store is err:
                    store += piece[: limit - len(store)]
                elif len(store) + len(piece) > limit:
                    raise unavailable(
                        "source-too-large", f"git wrote more than {limit} bytes; the tree is too large"
                    )
                else:
                    store += piece
    return bytes(out), bytes(err)


class GitSession:
    """A private git directory that borrows from a repository; removed by `close` or when it is forgotten."""

    def __init__(self, repository: Repository, *, work_tree: Path | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="source-git-"))
        self._remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        try:
            home = self._folder / "home"
            home.mkdir()
            self._borrow(repository)
            self._environment = {
                **clean_environment(home),
                "GIT_DIR": str(self._folder),
                "GIT_OBJECT_DIRECTORY": str(repository.common_dir / "objects"),
            }
            if work_tree is not None:
                self._environment["GIT_WORK_TREE"] = str(work_tree)
        except OSError as error:
            self.close()
            raise unavailable("source-git", f"cannot read the repository: {error.strerror}") from error

    def _borrow(self, repository: Repository) -> None:
        common, own = repository.common_dir, self._folder
        (own / "HEAD").write_bytes(_head(_small(repository.git_dir / "HEAD")))
        (own / "objects").mkdir()
        (own / "info").mkdir()
        config = "[core]\n\trepositoryformatversion = 0\n"
        if (common / "config").is_file() and re.search(
            rb'(?im)^\s*objectformat\s*=\s*"?sha256\b', _small(common / "config")
        ):
            config = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n"
        (own / "config").write_text(config, encoding="utf-8")
        (own / "refs").symlink_to(common / "refs")
        for name in ("packed-refs", "shallow"):
            if (common / name).is_file():
                (own / name).symlink_to(common / name)
        for source in (repository.git_dir / "index", *sorted(repository.git_dir.glob("sharedindex.*"))):
            if source.is_file():
                shutil.copy2(source, own / source.name)  # with its time: git compares it to the files' times
        if (common / "info" / "exclude").is_file():
            shutil.copyfile(common / "info" / "exclude", own / "info" / "exclude")

    def run(self, *arguments: str) -> Output:
        """Run git on the borrowed repository. Raises: SourceUnavailable, see `run_git`."""
        return run_git(arguments, environment=self._environment, directory=self._folder)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A git process with pipes for standard input and output; the caller ends it with `kill_group`.

        Raises: SourceUnavailable after `close`.
        """
        try:
            return _start(arguments, self._environment, self._folder, subprocess.PIPE, subprocess.DEVNULL)
        except FileNotFoundError as error:
            raise unavailable("source-closed", "the source tree was closed before it was read") from error

    def close(self) -> None:
        """Remove the private directory."""
        self._remove()


def _head(content: bytes) -> bytes:
    """HEAD, or that of a repository before its first commit where the content is not a HEAD at all."""
    line = content.strip()
    known = re.fullmatch(rb"ref: refs/[^\x00-\x20]+|[0-9a-f]{40}|[0-9a-f]{64}", line)
    return (line if known else b"ref: refs/heads/unborn") + b"\n"


def last_commit_time(folder: Path) -> int | None:
    """The committer's time, in Unix seconds, of the last commit that touched anything in `folder`.

    None outside a work tree, for a folder that no commit has, and where a shallow clone ends before that commit.
    Raises: SourceUnavailable where the repository cannot be read.
    """
    place = folder.resolve()
    for top in (place, *place.parents):
        if (repository := work_tree_repository(top)) is None:
            continue
        inside = place.relative_to(top).as_posix()
        session = GitSession(repository, work_tree=top)
        try:
            if session.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").status != 0:
                return None
            wanted = () if inside == "." else ("--", inside)
            done = session.run("log", "-1", "--no-show-signature", "--format=%H %ct", "HEAD", *wanted)
        finally:
            session.close()
        if done.status != 0:
            raise unavailable("source-git", f"git log failed: {done.reason()}", hint="run git fsck")
        commit, _, seconds = done.out.decode("ascii", "replace").strip().partition(" ")
        return int(seconds) if seconds.isdigit() and commit not in shallow_ends(repository) else None
    return None


def shallow_ends(repository: Repository) -> frozenset[str]:
    """The commits at which a shallow clone ends; all files seem to come from them."""
    shallow = repository.common_dir / "shallow"
    return frozenset(shallow.read_text("ascii", "replace").split()) if shallow.is_file() else frozenset()


def commit_seconds(commit: bytes) -> int | None:
    """The committer's time of a raw commit object in Unix seconds, None where it is malformed."""
    header = commit.partition(b"\n\n")[0]
    found = re.search(rb"^committer [^\n]*> (\d{1,12}) [+-]\d{4}$", header, re.MULTILINE)
    return int(found[1]) if found else None
