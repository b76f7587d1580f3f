from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from collateral.bundle.keys import read_private, read_public
from tests.bundle.signed import Signed, new_signed
from tests.bundle.support import Shop
from tests.cli.harness import Cli
from tests.collateral.support import make_tools, make_workspace

SECRET = "dont-publish-this-value"


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A folder with the tiny model, its source and fake scanners; layouts are kept between builds."""
    folder = make_workspace(tmp_path_factory.mktemp("shop"))
    make_tools(folder / "tools")
    return Shop(Cli(cwd=folder, path=os.environ["PATH"], environ={"SECRET_TOKEN": SECRET, "USER": SECRET}))


@pytest.fixture(scope="session")
def built(shop: Shop) -> Path:
    """The bundle of the tiny model, built once."""
    said = shop.build("out")
    assert (said.code, said.out, said.err) == (0, "out/tiny-1.0\n", "")
    return shop.cli.cwd / "out" / "tiny-1.0"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two signed releases that tests copy."""
    signed = new_signed(tmp_path_factory.mktemp("signed"))
    signed.make("1.0")
    signed.make("2.0")
    new_signed(signed.folder / "other")
    return signed.folder


@pytest.fixture
def signed(releases: Path, tmp_path: Path) -> Signed:
    """A copy of both releases, and the key."""
    folder = shutil.copytree(releases, tmp_path / "s")
    keys = folder / "keys"
    return Signed(folder, read_private(keys / "signing.key", ""), read_public(keys / "signing.pub", ""))
