"""The loader's child process: runs a model file and writes one JSON value. Everything here is untrusted by the parent."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import json
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from threatmodel.core.canonical import compact_bytes
from threatmodel.core.diagnostics import Place, nearest
from threatmodel.dsl.model import Model
from threatmodel.dsl.options import Options, broken, choose, judge
from threatmodel.dsl.session import Session, begin
from threatmodel.inside.wire import DECLARED, to_wire
from threatmodel.system import Configuration, OptionSpec, Project, SystemModel
from threatmodel.system.cover import Cover, make_cover

_PACKAGE = "model_under_review"


def main() -> None:
    """Read the request on standard input, run the model, write the answer to the original standard output: a line with
    what it declares where that is known early, and the rest."""
    channel = _Channel(os.dup(1), os.getpid())
    os.dup2(2, 1)  # what the model prints must not reach the answer
    request = json.loads(sys.stdin.buffer.read())
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115 - the model may not read the request
    session = begin(request["root"], request["shown"])
    answer: dict[str, Any] = {"project": None}
    try:
        answer = _run(request, session, channel)
    except BaseException as error:
        _explain(error, session)
    answer["diagnostics"] = session.diagnostics
    channel.send({"answer": answer})
    os._exit(0)


class _Channel:
    """The way to the parent."""

    def __init__(self, descriptor: int, process: int) -> None:
        self._descriptor, self._process = descriptor, process

    def send(self, value: dict[str, Any], end: bytes = b"") -> None:
        if os.getpid() != self._process:
            os._exit(1)  # a copy of this process, made by the model, has nothing to say
        sys.stdout.flush()
        data = compact_bytes(value) + end
        while data:
            data = data[os.write(self._descriptor, data) :]


def _declared(session: Session) -> dict[str, Any]:
    return {name: list(getattr(session, name)) for name in DECLARED}


def _run(request: dict[str, Any], session: Session, channel: _Channel) -> dict[str, Any]:
    module, plain = _import(Path(request["entry"]), session)
    if plain is not None:
        return {"project": to_wire(plain)}
    model = getattr(module, "MODEL", None)
    if not isinstance(model, Model):
        session.report(
            "M002",
            "the model exposes no MODEL = Model(…)",
            Place(session.shown),
            "a plain pytm file must end in tm.process()",
        )
        return {"project": None}
    configurations = [Configuration(**found) for found in request["configurations"]]
    if not configurations:
        chosen = {spec.name: spec.values[0] for spec in model.options.specs()}
        configurations = [Configuration(name="default", options=chosen)]
    if request["check"]:
        return {"project": None, "broken": [broken(model.options, values) for values in request["check"]]}
    if request["cover"] is not None:
        return {"project": None, "cover": _cover(model, request)}
    declared = _declared(session)
    channel.send({"declared": declared}, b"\n")
    systems = []
    places = request["places"]
    for configuration in configurations:
        place = Place(*places[configuration.name]) if configuration.name in places else model.place
        options = choose(model.options, configuration.options, place)
        if options is not None:
            systems.append(_build(model, options, configuration, session))
    project = _project(model, model.options.specs(), session, systems, request)
    return {"project": to_wire(project, declared=declared == _declared(session))}


def _cover(model: Model, request: dict[str, Any]) -> Cover:
    starts = [found["options"] for found in request["configurations"]]
    specs = model.options.specs()
    return make_cover(specs, request["cover"], starts, judge(model.options))


def _build(model: Model, options: Options, configuration: Configuration, session: Session) -> SystemModel:
    whole = {spec.name: getattr(options, spec.name) for spec in model.options.specs()}
    session.start_build()
    _takes_options(model.build, session)
    model.build(options)
    session.building = False
    return SystemModel(
        configuration=replace(configuration, options=whole),
        boundaries=tuple(session.boundaries),
        elements=tuple(session.elements),
        flows=tuple(session.flows),
    )


class _WrongBuild(TypeError):
    """`build` cannot be called with the options."""

    def __init__(self, place: Place) -> None:
        super().__init__("build must take one argument, the options")
        self.place = place


def _takes_options(build: Callable[[Any], object], session: Session) -> None:
    try:
        inspect.signature(build).bind(None)
    except ValueError:  # written in C: it says nothing about itself
        return
    except TypeError:
        code = getattr(build, "__code__", None)
        shown = session.own(code.co_filename) if code else False
        place = Place(session.show(code.co_filename), code.co_firstlineno) if code and shown else None
        raise _WrongBuild(place or Place(session.shown)) from None


def _project(
    model: Model,
    specs: tuple[OptionSpec, ...],
    session: Session,
    systems: list[SystemModel],
    request: dict[str, Any],
) -> Project:
    default = request["default"] or (systems[0].configuration.name if systems else "default")
    return Project(
        id=model.id,
        name=model.name,
        description=model.description,
        default_configuration=default,
        options=specs,
        data=tuple(session.data),
        controls=tuple(session.controls),
        adversaries=tuple(session.adversaries),
        components=tuple(session.components),
        code_kinds=tuple(session.code_kinds),
        views=tuple(session.views),
        answers=tuple(session.answers),
        systems=tuple(systems),
    )


def _import(entry: Path, session: Session) -> tuple[ModuleType, Project | None]:
    from threatmodel.inside import plain_pytm

    is_package = entry.name == "__init__.py"
    search = [str(entry.parent)] if is_package else None
    # a lone file is run as a script would be: many plain pytm files end in `if __name__ == "__main__":`
    name = _PACKAGE if is_package else "__main__"
    spec = importlib.util.spec_from_file_location(name, entry, submodule_search_locations=search)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot read {entry.name}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with plain_pytm.capture(session) as captured, contextlib.suppress(plain_pytm.Processed):
        spec.loader.exec_module(module)
    if captured.model is not None and not hasattr(module, "MODEL"):
        return module, plain_pytm.convert(captured)
    return module, None


def _explain(error: BaseException, session: Session) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if session.own(frame.filename)]
    place = Place(session.show(own[-1].filename), own[-1].lineno or 0) if own else Place(session.shown)
    hint = ""
    code = "M001"
    match error:
        case SystemExit():
            code, message = "M019", f"the model called sys.exit({error.code!r})"
            hint = "a model describes a system and returns"
        case SyntaxError():
            message = f"not Python: {error.msg}"
            if error.filename:
                place = Place(session.show(error.filename), error.lineno or 0)
        case MemoryError():
            code, message = "M020", "the model needs more memory than the limit"
        case RecursionError():
            code, message = "M020", "the model calls itself without end"
            hint = f"the limit is {sys.getrecursionlimit()} calls inside each other"
        case OSError():
            message = f"the model raised {type(error).__name__}: {error}"
            hint = "a model reads the files of its own folder; it writes nothing, starts nothing and has no network"
        case _WrongBuild():
            message, place = str(error), error.place
            hint = "write def build(options):"
        case NameError() | AttributeError() | ImportError():
            message = f"{type(error).__name__}: {error}"
            hint = _near_name(error)
        case _:
            message = f"the model raised {type(error).__name__}: {error}"
    session.report(code, message[:2000], place, hint)


def _near_name(error: NameError | AttributeError | ImportError) -> str:
    name = getattr(error, "name", None)
    if isinstance(error, ModuleNotFoundError):
        return "a model imports threatmodel.dsl, pytm, the standard library and its own files (with a leading dot)"
    if isinstance(error, ImportError):
        module = sys.modules.get(error.name or "")
        wanted = str(error).split("'")[1] if "'" in str(error) else ""
        return nearest(wanted, dir(module)) if module else ""
    if not name:
        return ""
    if isinstance(error, AttributeError):
        return nearest(name, [found for found in dir(error.obj) if not found.startswith("_")])
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    known = {**trace.tb_frame.f_globals, **trace.tb_frame.f_locals} if trace else {}
    return nearest(name, known)
