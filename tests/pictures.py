"""`make pictures`: the pictures of README, made by the program from its own model. Needs poppler-utils."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
PAGE = "Executive summary"
"""The first words of the page that is shown."""
_MOST_PAGES = 20
_DOTS_PER_INCH = "90"


def main() -> None:
    """Build a bundle of `models/self` and take its diagram and one page of its threat model."""
    with tempfile.TemporaryDirectory() as folder:
        tools = ("--tools", ".venv-scanners/bin") if (ROOT / ".venv-scanners").is_dir() else ()
        start = "from collateral.cli.main import entry; entry()"
        words = [sys.executable, "-c", start, "build", "models/self", "-o", folder, *tools]
        done = subprocess.run(words, cwd=ROOT, check=False)
        if done.returncode not in {0, 3}:
            raise SystemExit(done.returncode)
        [bundle] = (item for item in Path(folder).iterdir() if item.is_dir())
        FOLDER.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(bundle / "diagrams" / "overview.png", FOLDER / "dfd.png")
        document = bundle / "pdf" / "threat-model.pdf"
        page = str(_page(document))
        words = ["pdftoppm", "-r", _DOTS_PER_INCH, "-f", page, "-l", page, "-singlefile", "-png"]
        subprocess.run([*words, str(document), str(FOLDER / "page")], check=True)


def _page(document: Path) -> int:
    for number in range(1, _MOST_PAGES):
        words = ["pdftotext", "-f", str(number), "-l", str(number), str(document), "-"]
        text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        if PAGE in text.splitlines()[1:5]:
            return number
    raise SystemExit(f"no page begins with {PAGE!r}")


if __name__ == "__main__":
    main()
