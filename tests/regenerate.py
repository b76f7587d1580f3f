"""`make golden`: write every golden file anew. Review the difference before it is committed."""

from __future__ import annotations

from pathlib import Path

from tests.diagrams.golden import goldens

FOLDER = Path(__file__).parent / "data" / "golden"


def main() -> None:
    """Write the files whose content changed and name them."""
    for name, data in sorted(goldens().items()):
        path = FOLDER / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print(f"wrote {path.relative_to(FOLDER.parents[1])}")


if __name__ == "__main__":
    main()
