"""A random sample of what our semgrep pack finds in a tree: `python -m tests.scanners.sample FOLDER SEED`.

The sample depends on the fingerprints and on the seed alone: fingerprints are sorted by the SHA-256 of
`SEED:FINGERPRINT`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from scanners.adapters.semgrep import SemgrepScanner
from scanners.finding import Finding, ScanResult
from scanners.protocol import ToolEnv
from scanners.run.scheduler import DEFAULT_LIMITS, scan
from tests.scanners.support import TOOLS
from threatmodel.source import DirectoryTree

SIZE = 60


def draw(findings: Iterable[Finding], seed: str, size: int = SIZE) -> list[Finding]:
    """`size` findings in the order of the sample."""
    return sorted(findings, key=lambda f: sha256(f"{seed}:{f.fingerprint}".encode()).hexdigest())[:size]


def scan_folder(folder: Path) -> ScanResult:
    """What the pack finds in a folder, with the scanner that users run."""
    env = ToolEnv(tools=(TOOLS,), beside=TOOLS)
    with (
        tempfile.TemporaryDirectory() as work,
        ThreadPoolExecutor(1) as executor,
        DirectoryTree(folder) as tree,
    ):
        (result,) = scan(
            tree, (SemgrepScanner(),), executor=executor, workdir=Path(work), env=env, limits=DEFAULT_LIMITS
        )
    return result


def main() -> int:
    """Print the sample: fingerprint, rule, place."""
    folder, seed = sys.argv[1:3]
    result = scan_folder(Path(folder))
    print(f"{result.status}; {len(result.findings)} findings; seed {seed}")
    for finding in draw(result.findings, seed):
        print(
            f"{finding.fingerprint[:19]} | {finding.rule} | {finding.location.path}:{finding.location.line}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
