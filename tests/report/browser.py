"""The site in a real browser, where one is installed."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MISSING = (
    "playwright is not installed"
    if importlib.util.find_spec("playwright") is None
    else "no chromium, chromium-browser or google-chrome on PATH"
    if CHROMIUM is None
    else ""
)
"""Why no page can be opened; empty where one can."""
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip


@dataclass
class Session:
    """A page with everything that it did and should not have done."""

    page: Any
    url: str
    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def go(self, anchor: str) -> Any:
        self.page.evaluate("anchor => { location.hash = anchor; }", anchor)
        self.page.wait_for_function(
            "anchor => location.hash.startsWith('#' + anchor.split('&')[0])", arg=anchor
        )
        return self.page

    def dialog(self, dialog: Any) -> None:
        self.troubles.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def visible(self, selector: str) -> int:
        return int(self.page.locator(f"{selector}:visible").count())


Opened = Callable[..., Session]
"""Opens a page at an anchor."""
SCHEMES = ("light", "dark")
