"""Finding an installed tool, what it is, where it may read, and its staged input."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from scanners.finding import TIMEOUT
from scanners.protocol import Launch, RawOutput, ToolEnv, Work
from threatmodel.confine import Job, Limits, Outcome, clean_env

VERSION_LIMITS = Limits(
    wall_seconds=30, cpu_seconds=30, memory_bytes=None, output_bytes=65536, open_files=512, processes=None
)
_VERSION = re.compile(r"(?<![\w.])v?([0-9]+\.[0-9][\w.+-]*)")
_SHARED = ("/", "/usr", "/usr/local")
"""Prefixes that hold more than one tool."""
_SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """An executable, and the distribution that it belongs to where that is a Python package."""

    executable: Path
    version: str
    digest: str
    readable: tuple[Path, ...]
    path: tuple[Path, ...] = ()
    """Folders of programs that it starts."""


def locate(name: str, env: ToolEnv) -> Path | None:
    """The executable of that name: in the given folders, beside the interpreter, then in the given PATH."""
    on_path = (Path(entry) for entry in env.path.split(os.pathsep) if entry)
    for folder in (*env.tools, env.beside, *on_path):
        found = folder.absolute() / name
        if found.is_file() and os.access(found, os.X_OK):
            return found
    return None


def inspect(
    name: str,
    env: ToolEnv,
    launch: Launch,
    extra_env: dict[str, str],
    *,
    package: str = "",
    helpers: Iterable[Path] = (),
) -> Tool | None:
    """The tool as installed, or None. Its metadata is read; only where there is none is it asked for its version.

    `package` is the Python package that installs it, where that has another name; `helpers` are programs that it starts.
    """
    package = package or name
    executable = locate(name, env)
    if executable is None:
        return None
    readable = _readable(executable)
    for prefix in _prefixes(executable):
        for info in sorted(prefix.glob(f"lib/python*/site-packages/{package}-*.dist-info")):
            version = info.name.removeprefix(f"{package}-").removesuffix(".dist-info")
            return Tool(
                executable=executable,
                version=version,
                digest=_distribution(info, package, executable),
                readable=readable,
            )
    digest = hashlib.sha256(executable.read_bytes()).hexdigest()
    tool = Tool(executable=executable, version="", digest=digest, readable=readable)
    for program in helpers:
        tool = _with_helper(tool, program)
    return replace(tool, version=_ask_version(executable, tool.readable, launch, extra_env))


def _with_helper(tool: Tool, program: Path) -> Tool:
    """The tool, able to start this program, which is a part of what it is."""
    parts = (tool.digest, hashlib.sha256(program.resolve().read_bytes()).hexdigest())
    return replace(
        tool,
        digest=hashlib.sha256("\n".join(parts).encode()).hexdigest(),
        readable=(*tool.readable, *_home(program)),
        path=(*tool.path, program.parent),
    )


def _home(program: Path) -> tuple[Path, ...]:
    """What a program of a toolchain reads: its folder, and the toolchain where that has a folder of its own."""
    folders = dict.fromkeys((program.parent, program.resolve().parent))
    return tuple(folder if str(folder.parent) in _SHARED else folder.parent for folder in folders)


def folder_digest(folder: Path) -> str:
    """Digest of the names and contents of the regular files below a folder; links are not followed."""
    whole = hashlib.sha256()
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = Path(place, name)
            if not path.is_symlink() and path.is_file():
                whole.update(os.fsencode(path.relative_to(folder)) + b"\0")
                with path.open("rb") as handle:
                    whole.update(hashlib.file_digest(handle, "sha256").digest())
    return whole.hexdigest()


def _prefixes(executable: Path) -> tuple[Path, ...]:
    real = executable.resolve()
    return tuple(dict.fromkeys((executable.parent.parent, real.parent.parent)))


def _distribution(info: Path, name: str, executable: Path) -> str:
    """Digest of what the package's record says of its own code, and of the program where that is no script: scripts hold
    the path of their environment."""
    record = info / "RECORD"
    lines = record.read_text("utf-8", "replace").splitlines() if record.is_file() else []
    own = sorted(line for line in lines if line.startswith(f"{name}/") and "__pycache__" not in line)
    python = info.parent.parent.name
    program = executable.read_bytes()
    if not program.startswith(b"#!"):
        own.append(hashlib.sha256(program).hexdigest())
    return hashlib.sha256("\n".join((info.name, python, *own)).encode("utf-8", "replace")).hexdigest()


def _readable(executable: Path) -> tuple[Path, ...]:
    """The tool's environment and the interpreter that it is made for."""
    out: list[Path] = []
    for prefix in _prefixes(executable):
        config = prefix / "pyvenv.cfg"
        if config.is_file():
            out.append(prefix)
            for line in config.read_text("utf-8", "replace").splitlines():
                key, _, value = line.partition("=")
                if key.strip() == "home":
                    out.append(Path(value.strip()).resolve().parent)
        elif any(prefix.glob("lib/python*/site-packages")) and str(prefix) not in _SHARED:
            out += [folder for folder in (prefix / "bin", prefix / "lib") if folder.is_dir()]
    out += [executable.parent, executable.resolve().parent]
    return tuple(dict.fromkeys(out))


def _ask_version(executable: Path, readable: tuple[Path, ...], launch: Launch, extra: dict[str, str]) -> str:
    job = Job(
        argv=(str(executable), "--version"),
        readable=readable,
        writable=(),
        cwd=executable.parent,
        env=tool_env(executable, extra),
        limits=VERSION_LIMITS,
    )
    outcome = launch(job)
    found = _VERSION.search(outcome.stdout.decode("utf-8", "replace"))
    return found[1][:40] if outcome.ok and found else "unknown"


def tool_env(executable: Path, extra: dict[str, str], path: Iterable[Path] = ()) -> dict[str, str]:
    """A clean environment in which the tool finds its own helpers, and those in the folders of `path`."""
    own = (str(executable.parent), str(executable.resolve().parent), *map(str, path))
    folders = dict.fromkeys((*own, *_SYSTEM_PATH))
    env = clean_env(**extra)
    env["PATH"] = os.pathsep.join(folders)
    if executable.parent.name == "bin" and not (executable.parent.parent / "pyvenv.cfg").is_file():
        env["PYTHONUSERBASE"] = str(executable.parent.parent)  # HOME is private, so a user site is named
    return env


def stage(work: Work, executable_files: Iterable[str] = (), names: Mapping[str, str] | None = None) -> Path:
    """A folder with the planned files and nothing else: no configuration of the tree reaches the tool.

    Files are hard links where the file system allows. The named files are copies that may be executed, because some
    tools read a script without a suffix only then. `names` are paths to use instead of those of the tree.
    """
    root = work.workdir / "tree"
    marked = frozenset(executable_files)
    made: set[Path] = set()
    make_folder(root)
    for path in work.files:
        target = root / (names or {}).get(path, path)
        if target.parent not in made:
            make_folder(target.parent)
            made.add(target.parent)
        source = work.tree_dir / path
        if path in marked:
            shutil.copyfile(source, target, follow_symlinks=False)
            target.chmod(0o755)
            continue
        try:  # the source tree's files may be read by everyone
            os.link(source, target, follow_symlinks=False)
        except OSError:  # another file system, or links are not allowed there
            shutil.copyfile(source, target, follow_symlinks=False)
            target.chmod(0o644)
    return root


def make_folder(path: Path) -> None:
    """Make a folder and those above it readable for a tool that runs as another user, whatever the umask."""
    missing = [path]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for folder in reversed(missing):
        if not folder.exists():
            folder.mkdir()
            folder.chmod(0o755)


def read_report(path: Path, limit: int) -> tuple[bytes | None, str]:
    """The report that a tool wrote, or None and why it cannot be used. Links are not followed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None, "wrote no report"
    except OSError as error:
        return None, f"its report cannot be read: {error.strerror}"
    with os.fdopen(descriptor, "rb") as handle:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None, "its report is not a regular file"
        data = handle.read(limit + 1)
    if len(data) >= limit:
        return None, f"its report reached the limit of {limit} bytes"
    return data, ""


def execute(
    tool: Tool, work: Work, argv: tuple[str, ...], tree: Path, extra_env: dict[str, str], number: int = 0
) -> RawOutput:
    """Run the tool in the staged tree, for the `number`th time. In `argv`, `{output}`, `{config}` and `{home}` stand for
    private paths, but not in words that start with `./`: the names of files."""
    home = work.workdir / "home"
    out = work.workdir / "out"
    for folder in (home, out):
        make_folder(folder)
    report = out / (f"report-{number}.json" if number else "report.json")
    config = work.workdir / "config"
    names = {"{output}": str(report), "{config}": str(config), "{home}": str(home)}
    extra = {key: filled(value, names) for key, value in extra_env.items()}
    job = Job(
        argv=(
            str(tool.executable),
            *(word if word.startswith("./") else filled(word, names) for word in argv),
        ),
        readable=(*tool.readable, tree, *((config,) if config.is_dir() else ())),
        writable=(home, out),
        cwd=tree,
        env=tool_env(tool.executable, {"HOME": str(home), "TMPDIR": str(home)} | extra, tool.path),
        limits=work.limits,
    )
    outcome = work.launch(job)
    data, problem = read_report(report, work.limits.output_bytes)
    command = (tool.executable.name, *argv)
    return RawOutput(files=work.files, outcome=outcome, report=data, report_problem=problem, command=command)


def filled(word: str, names: Mapping[str, str]) -> str:
    """The word, what stands in it for something else replaced."""
    for name, value in names.items():
        word = word.replace(name, value)
    return word


def ending(outcome: Outcome, good: tuple[int, ...]) -> str:
    """Why the way in which a tool ended means that it failed; empty where it does not."""
    said = _first_line(outcome.stderr) or _first_line(outcome.stdout)
    after = f": {said}" if said else ""
    if outcome.timed_out:
        return f"timed out{after}"
    if outcome.limit:
        return f"ended by its limit on {outcome.limit}{after}"
    if outcome.signal is not None:
        return f"killed by signal {outcome.signal}{after}"
    if outcome.exit_code not in good:
        return f"exit code {outcome.exit_code}{after}"
    return ""


def ending_of_one(outcome: Outcome, good: tuple[int, ...]) -> str:
    """The same for one of several runs. A reason that starts so keeps the result out of the cache."""
    why = ending(outcome, good)
    return f"{TIMEOUT}: {why}" if outcome.timed_out or outcome.limit else why


def _first_line(data: bytes) -> str:
    for line in data[:65536].decode("utf-8", "replace").splitlines():
        text = " ".join(line.split())
        if any(char.isalnum() for char in text):
            return text[:300]
    return ""
