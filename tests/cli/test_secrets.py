"""A secret that a scanner found stands in nothing that the program writes."""

from __future__ import annotations

import os
import sys
import zlib
from pathlib import Path

import pytest

from tests.cli.harness import Cli
from tests.collateral.support import make_workspace
from tests.scanners.fake_programs import PRELUDE

pytestmark = pytest.mark.slow

SECRET = "hunter2-Zk9-Q4x8"
BODY = """
found = [f for f in own if "SECRET".encode() in open(f, "rb").read()]
sys.stderr.write("9:44PM TRC skipping finding finding=SECRET path=000000\\n")
good(*[dict(finding(f, "jwt"), StartLine=2, EndLine=2, Line="SECRET", Match="SECRET") for f in found])
""".replace("SECRET", SECRET)


@pytest.fixture(scope="module", name="here")
def _here(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The tiny model with a secret in the code of its component, and gitleaks alone."""
    folder = make_workspace(tmp_path_factory.mktemp("secrets"))
    manifest = folder / "model/threatmodel.toml"
    manifest.write_text(f'{manifest.read_text()}\n[scanners]\nenabled = ["gitleaks"]\n')
    (folder / "source/app/key.py").write_text(f'import os\nkey = "{SECRET}"\n')
    tool = folder / "tools" / "gitleaks"
    tool.parent.mkdir()
    tool.write_text(f"#!{sys.executable}\ntool = 'gitleaks'\n{PRELUDE}\n{BODY}\n")
    tool.chmod(0o755)
    return Cli(cwd=folder, path=os.environ["PATH"])


@pytest.mark.parametrize("form", ["text", "json", "sarif", "markdown"])
def test_no_form_of_a_scan_has_the_secret(form: str, here: Cli) -> None:
    words = (
        "scan",
        "source",
        "--model",
        "model",
        "--tools",
        "tools",
        "--edition",
        "private",
        "--format",
        form,
    )
    said = here(*words)
    assert said.code == 0, said.err
    assert "key.py" in said.out.replace("\\", "")
    assert "jwt" in said.out
    assert SECRET not in said.out + said.err


@pytest.mark.parametrize("edition", ["private", "public"])
def test_no_file_of_a_bundle_or_the_cache_has_the_secret(edition: str, here: Cli) -> None:
    words = ("--source", "source", "--tools", "tools", "--edition", edition)
    said = here("build", "model", "-o", f"out-{edition}", *words)
    assert SECRET not in said.out + said.err
    written = [path for path in (here.cwd / f"out-{edition}").rglob("*") if path.is_file()]
    kept = [path for path in here.cwd.rglob("scans/*.json") if path.is_file()]
    assert len(written) > 10
    assert kept
    assert [path.name for path in (*written, *kept) if SECRET.encode() in _plain(path)] == []
    if edition == "private":
        assert any(b"app/key.py" in path.read_bytes() for path in written)


def _plain(path: Path) -> bytes:
    """The bytes of a file, and those of the streams of a PDF."""
    data = path.read_bytes()
    if path.suffix == ".pdf":
        for part in data.split(b"stream\n")[1:]:
            try:
                data += zlib.decompressobj().decompress(part)
            except zlib.error:
                continue
    return data
