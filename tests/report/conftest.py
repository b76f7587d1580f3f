from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from collateral.report.site import render_site
from tests.report.browser import ARGUMENTS, CHROMIUM, Opened, Session
from tests.report.site_view import small_svgs, small_view
from tests.report.whole_view import write_pages


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with importlib.import_module("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("site") / "index.html"
    path.write_bytes(render_site(small_view(), small_svgs()))
    return path.as_uri()


@pytest.fixture
def opened(browser: Any, site: str) -> Iterator[Callable[..., Session]]:
    """Opens the page at an anchor; afterwards no error, no dialog and no request of its own may have been."""
    sessions = []

    def start(anchor: str = "", url: str = "", **options: Any) -> Session:
        context = browser.new_context(**options)
        context.set_default_timeout(10_000)
        session = Session(context.new_page(), url or site)
        page = session.page
        page.on("console", lambda m: session.troubles.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda error: session.troubles.append(str(error)))
        page.on("dialog", session.dialog)
        page.on("request", lambda request: session.requests.append(request.url))
        page.goto(session.url + (f"#{anchor}" if anchor else ""))
        sessions.append((session, context))
        return session

    yield start
    for session, context in sessions:
        context.close()
        assert session.troubles == []
        own = {session.url, "data:,"}
        assert {address.split("#")[0] for address in session.requests} <= own


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `write_pages`."""
    folder = tmp_path_factory.mktemp("pages")
    write_pages(folder)
    return folder


@pytest.fixture
def at(opened: Opened, pages: Path) -> Opened:
    """Opens one of those pages at an anchor, where a test may run its own script."""

    def start(name: str, anchor: str = "", **options: Any) -> Session:
        return opened(anchor, url=(pages / name).as_uri(), bypass_csp=True, **options)

    return start
