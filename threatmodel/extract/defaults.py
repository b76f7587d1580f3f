"""What a makefile puts in the place of the variables of a template."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from threatmodel.extract.fact import Spec
from threatmodel.readers.content import Unparsable
from threatmodel.readers.filled import fill
from threatmodel.readers.make import read_makefile
from threatmodel.readers.make_values import Variables
from threatmodel.readers.toml_template import VARIABLE, Template, read_template

Load = Callable[[str], str | None]


def files_of(spec: Spec, load: Load) -> list[tuple[str, str]]:
    """The makefile of the settings and all that it includes, path and text each. Raises: Unparsable without the makefile,
    and what `load` raises."""
    read: dict[str, str] = {}

    def noted(path: str) -> str | None:
        text = load(path)
        if text is not None:
            read[path] = text
        return text

    text = noted(spec.makefile)
    if text is None:
        raise Unparsable("there is no such file")
    read_makefile(text, spec.makefile, given=_given(spec.given), load=noted)
    return sorted(read.items())


def filled(text: str, spec: Spec) -> tuple[Template | None, dict[str, str]]:
    """The template as it is shipped, and why variables have no value; None where it is no TOML once it is filled."""
    variables = _variables(spec.around.files, spec.makefile, spec.given)
    made = fill(text, variables, spec.makefile)
    why = {name: unresolved.reason for name, unresolved in made.open.items()}
    try:
        return read_template(made.text), why
    except Unparsable:
        return None, dict.fromkeys(VARIABLE.findall(text), "the filled template is no TOML") | why


def _given(pairs: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


@lru_cache(maxsize=4)
def _variables(files: tuple[tuple[str, str], ...], makefile: str, given: tuple[str, ...]) -> Variables:
    texts = dict(files)
    return read_makefile(texts[makefile], makefile, given=_given(given), load=texts.get)
