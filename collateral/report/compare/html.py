"""A comparison as one self-contained page in the look of the site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from collateral.report.pictures import Picture
from collateral.report.site.picture import UnusablePicture, inline_svg
from collateral.report.site.render import render_page


def html(
    view: Mapping[str, Any],
    pictures: Sequence[Picture] = (),
    deployed: Mapping[str, Any] | None = None,
) -> bytes:
    """The page, in UTF-8: no script, no request. `pictures` stand beside each other; `deployed` is what is said of a
    deployment that is compared with the configuration nearest to it."""
    return render_page(
        "compare.html.j2",
        ("base.css", "tables.css", "small.css", "compare.css"),
        view=view,
        deployed=deployed,
        pictures=[_picture(picture, f"d{number}-") for number, picture in enumerate(pictures)],
    )


def _picture(picture: Picture, prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": picture.diagram.title,
        "alt": picture.diagram.alt,
        "svg": "",
        "failed": picture.failed,
    }
    if picture.rendered is not None:
        try:
            found["svg"] = Markup(inline_svg(picture.rendered.svg, prefix))  # noqa: S704 - rebuilt by inline_svg
        except UnusablePicture as error:
            found["failed"] = str(error)
    return found
