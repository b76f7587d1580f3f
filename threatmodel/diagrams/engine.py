"""The layout engine: a confined process that reads DOT and writes a picture, within a time limit."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from threatmodel.confine import ConfineError, Job, Limits, clean_env, run
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, ThreatModelError
from threatmodel.core.text import fold

_PACKAGE = "graphviz-pure"
_OUTPUT_BYTES = 64 << 20
_VERSION_SECONDS = 20.0


class LayoutFailed(ThreatModelError):
    """A picture could not be laid out: no engine, a crash, or the time limit. The caller names the picture."""

    exit = Exit.INCOMPLETE

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__(
            Diagnostic(code="P001", message=f"the layout of a diagram failed: {reason}", hint=hint)
        )
        self.reason = reason


class EngineRefused(LayoutFailed):
    """The engine ended by itself with an error: the same input does so again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A program with the command line of Graphviz's `dot`. `version` names it in outputs and cache keys."""

    program: Path
    version: str
    seconds: float

    def run(self, dot: str, form: str, *options: str) -> bytes:
        """`dot` in the output format `form` (`svg`, `png`, `json0`).

        Raises:
            EngineRefused: the engine reported an error.
            LayoutFailed: it did not end within the limits, or could not be started.
        """
        return _execute(self.program, (f"-T{form}", *options), dot.encode(), self.seconds)[0]


def find_engine(dot: Path | None = None, *, seconds: float = 60.0) -> Engine:
    """The engine of the `graphviz-pure` wheel, or the installed `dot` named; `seconds` limits each run.

    Raises:
        LayoutFailed: there is no such program, or it does not tell its version.
    """
    program = dot if dot is not None else _embedded()
    out, err = _execute(program, ("-V",), b"", _VERSION_SECONDS)
    said = (err or out).decode("utf-8", "replace").split("\n", 1)[0].strip()
    return Engine(program=program, version=fold(said.removeprefix("graphviz-pure - ")), seconds=seconds)


def _embedded() -> Path:
    """The program that the wheel installed."""
    hint = f'install the package "{_PACKAGE}" or name an installed dot'
    try:
        files = importlib.metadata.files(_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        raise LayoutFailed(f'the package "{_PACKAGE}" is not installed', hint=hint) from None
    for file in files:
        if file.stem == _PACKAGE and file.parent.name in {"bin", "Scripts"}:
            return Path(str(file.locate())).resolve()
    raise LayoutFailed(f'the package "{_PACKAGE}" holds no program', hint=hint)


def _execute(program: Path, options: tuple[str, ...], stdin: bytes, seconds: float) -> tuple[bytes, bytes]:
    job = Job(
        argv=(str(program), *options),
        readable=(program,),
        writable=(),
        cwd=Path("/"),
        env=clean_env(),
        limits=Limits(
            wall_seconds=seconds,
            cpu_seconds=max(1, round(seconds)),
            memory_bytes=2 << 30,
            output_bytes=_OUTPUT_BYTES,
            open_files=64,
            processes=32,
        ),
        stdin=stdin,
    )
    try:
        outcome = run(job)
    except ConfineError as error:
        raise LayoutFailed(error.diagnostics[0].message, hint=error.diagnostics[0].hint) from error
    if outcome.ok:
        return outcome.stdout, outcome.stderr
    if outcome.limit:
        raise LayoutFailed(f"{program.name} reached its limit ({outcome.limit})")
    last = fold(outcome.stderr.decode("utf-8", "replace").strip().split("\n")[-1][:300])
    if outcome.signal is not None:
        raise LayoutFailed(f"{program.name} was ended by signal {outcome.signal}: {last}")
    raise EngineRefused(f"{program.name} ended with exit code {outcome.exit_code}: {last}")
