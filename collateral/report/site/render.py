"""One `index.html` from the view and the pictures: templates, style and script put together."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from collateral.report.site.derive import derived, script_data
from collateral.report.site.picture import UnusablePicture, inline_svg

_STYLES = ("base.css", "tables.css", "diagram.css", "small.css")
_SCRIPTS = ("tools.js", "tables.js", "diagram.js", "pages.js")
_JSON_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_WEB = re.compile(r"https?://[^\s<>\"']+", re.ASCII | re.IGNORECASE)
_CATALOGUES = (
    (re.compile(r"CWE-(\d+)", re.ASCII), "https://cwe.mitre.org/data/definitions/{}.html"),
    (re.compile(r"CAPEC-(\d+)", re.ASCII), "https://capec.mitre.org/data/definitions/{}.html"),
    (re.compile(r"(T\d{4}(?:\.\d{3})?)", re.ASCII), "https://attack.mitre.org/techniques/{}/"),
)


def render_site(view: Mapping[str, Any], svgs: Mapping[str, bytes]) -> bytes:
    """The page, in UTF-8. `svgs` are the pictures by diagram id; one that is missing or unusable is said so.

    Raises:
        jinja2.UndefinedError: the view lacks a part that a template shows.
    """
    style = "".join(_static(name) for name in _STYLES)
    early = _static("early.js")
    script = '"use strict";\n(() => {\n' + "".join(_static(name) for name in _SCRIPTS) + "})();\n"
    text = (
        _environment()
        .get_template("index.html.j2")
        .render(
            view=view,
            **derived(view),
            pictures=_pictures(view["diagrams"], svgs, "d"),
            path_pictures=_pictures(view["paths"]["pictures"] if "paths" in view else (), svgs, "p"),
            style=Markup(style),  # noqa: S704 - a file of this package
            early=Markup(early),  # noqa: S704 - a file of this package
            script=Markup(script),  # noqa: S704 - files of this package
            data=Markup(script_json(script_data(view))),  # noqa: S704 - no character that HTML reads
            policy=policy([style], [early, script]),
        )
    )
    return text.encode("utf-8", "backslashreplace")


def render_page(template: str, style_names: Sequence[str], **context: Any) -> bytes:
    """A page without a script, in UTF-8: its template gets the context, its style and its content security policy.

    Raises:
        jinja2.UndefinedError: the context lacks a part that the template shows.
    """
    style = "".join(_static(name) for name in style_names)
    made = _environment().get_template(template)
    text = made.render(**context, style=Markup(style), policy=policy([style], []))  # noqa: S704 - a file of this package
    return text.encode("utf-8", "backslashreplace")


def policy(styles: list[str], scripts: list[str]) -> str:
    """A content security policy that allows these inline texts and nothing else: no request, form or frame."""
    style = " ".join(f"'{_hash(text)}'" for text in styles)
    script = " ".join(f"'{_hash(text)}'" for text in scripts) or "'none'"
    return (
        f"default-src 'none'; style-src {style}; script-src {script}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def script_json(value: Any) -> str:
    """JSON that can stand in a `script` element: no character of it is read as markup or as a line end."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return "".join(_JSON_ESCAPES.get(char, char) for char in text)


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _static(name: str) -> str:
    return resources.files(__package__).joinpath("static", name).read_text("utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("collateral.report.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        key=key, web=web, catalogue=catalogue, words=words, mark=mark, relative=relative
    )
    return environment


def key(value: object) -> str:
    """A value as part of a hash link."""
    return quote(str(value), safe="@.:~")


def web(value: str) -> str:
    """An address of the web, or nothing where it is something else (`javascript:`, a file)."""
    return value if _WEB.fullmatch(value) else ""


def relative(path: str) -> str:
    """A path of the bundle as a link beside this page: never an address of its own."""
    return "./" + quote(path.lstrip("/"), safe="/@~")


def catalogue(value: str) -> str:
    """The page of a weakness, attack pattern or technique in its public catalogue, or nothing."""
    for pattern, address in _CATALOGUES:
        if match := pattern.fullmatch(value):
            return address.format(match[1].replace(".", "/"))
    return ""


def words(value: str) -> str:
    """A word of the model as people write it: `denial-of-service` becomes `denial of service`."""
    return value.replace("-", " ")


def mark(value: str) -> str:
    """A word of the model as a class name; anything else than lower-case letters and hyphens is not one."""
    return value if re.fullmatch(r"[a-z]+(-[a-z]+)*", value) else "other"


def _pictures(
    diagrams: Iterable[Mapping[str, Any]], svgs: Mapping[str, bytes], prefix: str
) -> dict[str, dict[str, Any]]:
    """Markup of each picture, or why there is none."""
    out = {}
    for index, diagram in enumerate(diagrams):
        svg, failed = "", diagram["failed"]
        data = svgs.get(diagram["id"])
        if data is None:
            failed = failed or "the picture is missing"
        elif not failed:
            try:
                svg = inline_svg(data, f"{prefix}{index}-")
            except UnusablePicture as error:
                failed = str(error)
        out[diagram["id"]] = {"svg": Markup(svg), "failed": failed}  # noqa: S704 - rebuilt by inline_svg
    return out
