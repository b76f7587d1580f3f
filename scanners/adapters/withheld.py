"""Lines that hold a secret, as texts that tell one from another and give nothing away.

A finding on a secret has no snippet. Its line takes part in fingerprints and marks, so that a finding is recognised in
another release; but a plain digest of a line with a weak password would let anybody try passwords until it fits. So a
slow one stands for the line: scrypt (RFC 7914) with 8 MiB and one pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from scanners.finding import Location

MOST = 2000
"""Places with a digest in one result; those beyond are told apart by their order alone, for a digest takes time."""
_SALT = b"threatmodel: a line that holds a secret"


class Withholder:
    """Texts of files with the lines of secrets replaced, for one result."""

    def __init__(self) -> None:
        self._left = MOST

    def lines(self, lines: list[str], places: Iterable[Location]) -> list[str]:
        """The lines; the first of each place has become a digest of the whole place, the others are empty."""
        out = list(lines)
        for start, end in _joined((place.line, place.end_line) for place in places if place.line):
            self._left -= 1
            whole = " ".join("\n".join(lines[start - 1 : end]).split())
            out[start - 1 : end] = [_token(whole) if self._left >= 0 else "(withheld)", *[""] * (end - start)]
        return out


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of lines, those that overlap made one."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


@lru_cache(maxsize=MOST)
def _token(text: str) -> str:
    data = text.encode("utf-8", "surrogatepass")
    digest = hashlib.scrypt(data, salt=_SALT, n=1 << 13, r=8, p=1, dklen=16)
    return f"(withheld: {digest.hex()})"
