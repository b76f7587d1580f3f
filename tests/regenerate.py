"""`make golden`: write every golden file anew. Review the difference before it is committed."""

from __future__ import annotations

import json
from pathlib import Path

from tests import contract
from tests.diagrams.golden import goldens

FOLDER = Path(__file__).parent / "data" / "golden"


def main() -> None:
    """Write the files whose content changed and name them. A promise that was released is not written over."""
    _record()
    for name, data in sorted(goldens().items()):
        path = FOLDER / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print(f"wrote {path.relative_to(FOLDER.parents[1])}")


def _record() -> None:
    before = contract.FILE.read_bytes() if contract.FILE.is_file() else b""
    after = contract.contract_bytes()
    problems = contract.broken(json.loads(before), json.loads(after)) if before else []
    if problems and contract.released():
        raise SystemExit("\n".join([*problems, "docs/versioning.md says what to do instead"]))
    if before != after:
        contract.FILE.write_bytes(after)
        print(f"wrote {contract.FILE.relative_to(FOLDER.parents[1])}")


if __name__ == "__main__":
    main()
