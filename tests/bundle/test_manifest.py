"""`verify` finds every way in which a bundle is not the one that was made."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.bundle.manifest import MANIFEST, SUMS, make_sums, verify
from collateral.bundle.place import place

FILES = {"index.html": b"<p>x</p>\n", "data/a.json": b"{}\n", "data/b.json": b"[]\n", "empty": b""}
NEVER = "0" * 64


def manifest(files: dict[str, bytes]) -> bytes:
    rows = [{"path": path, "sha256": hashlib.sha256(data).hexdigest()} for path, data in files.items()]
    return json.dumps({"files": rows}).encode()


def whole() -> dict[str, bytes]:
    files = {**FILES, MANIFEST: manifest(FILES)}
    return {**files, SUMS: make_sums(files)}


def make(folder: Path) -> Path:
    place(folder, whole())
    return folder


def codes(bundle: Path) -> list[str]:
    return [f"{found.code} {found.place}" for found in verify(bundle)]


def test_a_whole_bundle_has_no_problem_and_sha256sum_agrees(tmp_path: Path) -> None:
    bundle = make(tmp_path / "b")
    assert codes(bundle) == []
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS], cwd=bundle, check=True)


def change(bundle: Path) -> None:
    (bundle / "index.html").write_bytes(b"<p>y</p>\n")


def remove(bundle: Path) -> None:
    (bundle / "data/a.json").unlink()


def add(bundle: Path) -> None:
    (bundle / "data/extra").write_bytes(b"")


def add_hidden(bundle: Path) -> None:
    (bundle / ".hidden").write_bytes(b"")


def add_hostile_name(bundle: Path) -> None:
    (bundle / "a\u202e\x1b[31m\n").write_bytes(b"")


def add_name_without_text(bundle: Path) -> None:
    (Path(os.fsdecode(os.fsencode(bundle) + b"/\xff"))).write_bytes(b"")


def rename(bundle: Path) -> None:
    (bundle / "empty").rename(bundle / "void")


def swap(bundle: Path) -> None:
    one, other = bundle / "data/a.json", bundle / "data/b.json"
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def link(bundle: Path) -> None:
    shutil.copy(bundle / "index.html", bundle.parent / "copy")
    (bundle / "index.html").unlink()
    (bundle / "index.html").symlink_to(bundle.parent / "copy")


def link_folder(bundle: Path) -> None:
    (bundle / "data").rename(bundle.parent / "data")
    (bundle / "data").symlink_to(bundle.parent / "data")


def folder(bundle: Path) -> None:
    (bundle / "empty").unlink()
    (bundle / "empty").mkdir()


def pipe(bundle: Path) -> None:
    (bundle / "empty").unlink()
    os.mkfifo(bundle / "empty")


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (change, ["V003 index.html"]),
        (remove, ["V002 data/a.json"]),
        (add, ["V004 data/extra"]),
        (add_hidden, ["V004 .hidden"]),
        (add_hostile_name, ["V004 a<U+202E><U+001B>[31m<U+000A>"]),
        (add_name_without_text, ["V004 <U+DCFF>"]),
        (rename, ["V002 empty", "V004 void"]),
        (swap, ["V003 data/a.json", "V003 data/b.json"]),
        (link, ["V005 index.html", "V002 index.html"]),
        (link_folder, ["V005 data", "V002 data/a.json", "V002 data/b.json"]),
        (folder, ["V004 empty", "V002 empty"]),
        (pipe, ["V005 empty", "V002 empty"]),
    ],
)
def test_a_changed_tree(tmp_path: Path, harm: Callable[[Path], None], found: list[str]) -> None:
    bundle = make(tmp_path / "b")
    harm(bundle)
    assert codes(bundle) == found


def line_of(text: str, path: str) -> str:
    return next(line for line in text.splitlines() if line.endswith(f"  {path}"))


SUMS_CHANGES: dict[str, tuple[Callable[[str], str], list[str]]] = {
    "digest": (lambda t: NEVER + t[64:], ["V003 data/a.json"]),
    "upper-case": (lambda t: t[:64].upper() + t[64:], ["V001 SHA256SUMS:1"]),
    "short": (lambda t: t[1:], ["V001 SHA256SUMS:1"]),
    "binary-mark": (lambda t: t.replace("  data/a", " *data/a"), ["V001 SHA256SUMS:1"]),
    "parent": (lambda t: t + f"{NEVER}  ../b/index.html\n", ["V001 SHA256SUMS:6"]),
    "absolute": (lambda t: t + f"{NEVER}  /etc/hostname\n", ["V001 SHA256SUMS:6"]),
    "dot": (lambda t: t + f"{NEVER}  ./index.html\n", ["V001 SHA256SUMS:6"]),
    "double-slash": (lambda t: t + f"{NEVER}  data//a.json\n", ["V001 SHA256SUMS:6"]),
    "backslash": (lambda t: t + f"{NEVER}  data\\a.json\n", ["V001 SHA256SUMS:6"]),
    "control": (lambda t: t + f"{NEVER}  a\x0bb\n", ["V001 SHA256SUMS:6"]),
    "twice": (lambda t: t + line_of(t, "empty") + "\n", ["V001 SHA256SUMS:6"]),
    "no-path": (lambda t: t + f"{NEVER}  \n", ["V001 SHA256SUMS:6"]),
    "empty-line": (lambda t: t + "\n", ["V001 SHA256SUMS:6"]),
    "carriage-returns": (lambda t: t.replace("\n", "\r\n"), ["V001 SHA256SUMS:1"]),
    "vertical-tab": (lambda t: t.replace("\n", "\x0b", 1), ["V001 SHA256SUMS:1"]),
    "no-end": (lambda t: t[:-1], ["V001 SHA256SUMS"]),
    "nothing": (lambda _: "", ["V001 SHA256SUMS"]),
    "mark": (lambda t: "\ufeff" + t, ["V001 SHA256SUMS:1"]),
    "no-manifest": (lambda t: t.replace(line_of(t, MANIFEST) + "\n", ""), ["V001 SHA256SUMS"]),
    "forgotten": (lambda t: t.replace(line_of(t, "empty") + "\n", ""), ["V004 empty"]),
}


@pytest.mark.parametrize("name", SUMS_CHANGES)
def test_changed_sums(tmp_path: Path, name: str) -> None:
    change_text, found = SUMS_CHANGES[name]
    bundle = make(tmp_path / "b")
    with (bundle / SUMS).open("r+", encoding="utf-8", newline="") as file:
        changed = change_text(file.read())
        file.seek(0)
        file.truncate()
        file.write(changed)
    assert codes(bundle) == found


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "link", "not-text"])
def test_sums_that_cannot_be_read(tmp_path: Path, kind: str) -> None:
    bundle = make(tmp_path / "b")
    path = bundle / SUMS
    data = path.read_bytes()
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        (tmp_path / "sums").write_bytes(data)
        path.symlink_to(tmp_path / "sums")
    elif kind == "not-text":
        path.write_bytes(data + b"\xff\n")
    assert codes(bundle) == ["V001 SHA256SUMS"]


def with_manifest(bundle: Path, data: bytes) -> Path:
    """The bundle with this manifest, and sums that agree with it."""
    files = {**FILES, MANIFEST: data}
    place(bundle, {**files, SUMS: make_sums(files)})
    return bundle


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        (FILES | {"empty": b"x"}, ["V006 empty"]),
        ({name: FILES[name] for name in FILES if name != "empty"}, ["V006 empty"]),
        (FILES | {"more": b""}, ["V006 more"]),
    ],
    ids=["digest", "one-less", "one-more"],
)
def test_a_manifest_that_disagrees(tmp_path: Path, listed: dict[str, bytes], found: list[str]) -> None:
    assert codes(with_manifest(tmp_path / "b", manifest(listed))) == found


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'{"files": 1}', b'{"files": [{}]}', b'{"files": {"a": 1}}', b"[" * 100_000, b"\xff"],
)
def test_a_manifest_that_is_none(tmp_path: Path, data: bytes) -> None:
    assert codes(with_manifest(tmp_path / "b", data)) == ["V006 manifest.json"]


@pytest.fixture(scope="module")
def flipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("flip") / "b")


@given(
    st.sampled_from(sorted(name for name, data in whole().items() if data)), st.data(), st.integers(1, 255)
)
def test_any_changed_byte_of_any_file_is_found(
    flipped: Path, name: str, data: st.DataObject, mask: int
) -> None:
    path = flipped / name
    before = path.read_bytes()
    at = data.draw(st.integers(0, len(before) - 1))
    path.write_bytes(before[:at] + bytes([before[at] ^ mask]) + before[at + 1 :])
    try:
        assert codes(flipped)
    finally:
        path.write_bytes(before)
    assert codes(flipped) == []


@pytest.mark.parametrize("byte", [0x00, 0x09, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x20, 0x85])
def test_a_line_of_the_sums_ends_in_nothing_but_a_line_feed(flipped: Path, byte: int) -> None:
    path = flipped / SUMS
    before = path.read_bytes()
    missed = []
    for at in (at for at, found in enumerate(before) if found == 0x0A):
        path.write_bytes(before[:at] + bytes([byte]) + before[at + 1 :])
        if not verify(flipped):
            missed.append(at)
    path.write_bytes(before)
    assert missed == []
