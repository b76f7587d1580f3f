"""Versions of packages in lock files."""

from __future__ import annotations

import pytest

from threatmodel.readers.locked import locked_versions
from threatmodel.readers.values import Found, Unreadable

CARGO = b"""\
version = 4

[[package]]
name = "one"
version = "1.2.3"

[[package]]
name = "two"
version = "0.1.0"

[[package]]
name = "two"
version = "0.2.0"
"""
GO = b"""\
module example.org/app

go 1.25

require example.org/single v1.0.0
require (
\texample.org/one v1.2.3
\texample.org/two/v2 v2.0.0 // indirect
\texample.org/three v0.0.0-20200101000000-0123456789ab
)
replace example.org/two/v2 v2.0.0 => ../two

exclude (
\texample.org/one v1.2.2
)
replace (
\texample.org/three => example.org/fork v1.0.0
)
"""


@pytest.mark.parametrize(
    ("path", "data", "package", "expected"),
    [
        ("a/Cargo.lock", CARGO, "one", [("1.2.3", 5)]),
        ("Cargo.lock", CARGO, "two", [("0.1.0", 0), ("0.2.0", 0)]),
        ("Cargo.lock", CARGO, "on", []),
        ("Cargo.lock", b"", "one", []),
        ("a/go.mod", GO, "example.org/one", [("v1.2.3", 7)]),
        ("go.mod", GO, "example.org/single", [("v1.0.0", 5)]),
        ("go.mod", GO, "example.org/two", []),
        ("go.mod", GO, "example.org/app", []),
    ],
)
def test_versions(path: str, data: bytes, package: str, expected: list[tuple[str, int]]) -> None:
    assert locked_versions(data, path, package) == tuple(Found(*item) for item in expected)


@pytest.mark.parametrize(
    ("path", "data", "package", "says"),
    [
        ("package.json", b"{}", "one", "package.json is not Cargo.lock or go.mod"),
        ("Cargo.lock", b"[", "one", "Cargo.lock: "),
        ("Cargo.lock", b"package = 3", "one", "has no list of packages"),
        ("Cargo.lock", b"\xff", "one", "is not UTF-8 at byte 0"),
        ("go.mod", GO, "example.org/two/v2", "go.mod replaces example.org/two/v2 on line 11"),
        ("go.mod", GO, "example.org/three", "go.mod replaces example.org/three on line 17"),
    ],
)
def test_what_cannot_be_read(path: str, data: bytes, package: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says.replace(".", r"\.")):
        locked_versions(data, path, package)
