"""Lock files: what is read of them, line by line, and what they do not tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.dependencies.cargo import read_cargo
from scanners.dependencies.component import MOST_BYTES, MOST_COMPONENTS, Component, NotALock
from scanners.dependencies.gomod import read_gomod
from scanners.dependencies.locks import NO_READER, ecosystem_of, is_lock, read_locks
from scanners.dependencies.requirements import read_requirements
from tests.scanners.dependencies.support import CARGO, GOMOD, GOSUM, INDEX, REQUIREMENTS, SUM
from tests.scanners.support import MemoryFiles


def brief(component: Component) -> tuple[str, str, str, int]:
    return component.name, component.version, component.origin, component.line


def test_cargo_packages_stand_at_the_lines_of_their_names() -> None:
    lock = read_cargo("Cargo.lock", CARGO.encode())
    assert [brief(item) for item in lock.components] == [
        ("own", "0.1.0", "local", 5),
        ("h2", "0.3.20", "registry", 12),
        ("regorus", "0.2.0", "git", 18),
        ("inner", "1.0.0", "other", 23),
    ]
    lines = CARGO.split("\n")
    assert all(lines[item.line - 1] == f'name = "{item.name}"' for item in lock.components)
    assert lock.components[1].digests == (f"sha256:{SUM}",)
    assert lock.components[3].address == "registry+https://example.org/index"
    assert not lock.gaps


def test_cargo_checksums_of_the_first_format() -> None:
    text = (
        f'[[package]]\nname = "h2"\nversion = "0.3.20"\nsource = "{INDEX}"\n\n'
        f'[metadata]\n"checksum h2 0.3.20 ({INDEX})" = "{SUM}"\n'
    )
    (found,) = read_cargo("Cargo.lock", text.encode()).components
    assert found.digests == (f"sha256:{SUM}",)


def test_two_versions_of_a_crate_are_two_components() -> None:
    again = CARGO + f'\n[[package]]\nname = "h2"\nversion = "0.4.2"\nsource = "{INDEX}"\n'
    lock = read_cargo("Cargo.lock", again.encode())
    assert [(c.version, c.line) for c in lock.components if c.name == "h2"] == [("0.3.20", 12), ("0.4.2", 28)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("version = ", "not TOML"),
        ("", "names no package"),
        ("version = 4\n", "names no package"),
        ("version = 5", "version 5 of the format"),
        ('version = "4"', "version '4' of the format"),
        ("package = 1", "not a list of tables"),
        ("package = [{name = 'a', version = '1'}]", "not written as Cargo writes it"),
        ("x = " + "[\n" * 5000, "not TOML"),
        ("a." * 2000 + "a = 1", "a line with more than 20 dots"),
    ],
)
def test_what_is_no_cargo_lock(text: str, reason: str) -> None:
    with pytest.raises(NotALock, match=reason):
        read_cargo("Cargo.lock", text.encode())


def test_a_package_without_a_version_is_a_gap() -> None:
    lock = read_cargo("Cargo.lock", b'[[package]]\nname = "a"\n\n[[package]]\nname = "b\\n"\nversion = "1"\n')
    assert not lock.components
    assert [gap.split(":")[0] for gap in lock.gaps] == ["line 2", "line 4"]


def test_modules_of_a_go_mod_with_digests() -> None:
    lock = read_gomod("go.mod", GOMOD.encode(), GOSUM.encode())
    assert [brief(item) for item in lock.components] == [
        ("stdlib", "1.22.3", "registry", 3),
        ("example.org/a", "1.2.3", "registry", 6),
        ("example.org/b/v2", "2.0.0-20210304033056-74c60be0ef68", "registry", 7),
        ("example.org/c", "0.1.0+incompatible", "registry", 10),
    ]
    assert lock.components[1].digests == ("h1:ypSHthJSoB9mPKM6QQ+RIWvXiPxdzkCcEr2hjXY/BBg=",)
    assert not lock.components[2].digests
    assert not lock.gaps


@pytest.mark.parametrize(
    ("directive", "expected"),
    [
        ("replace example.org/a => example.org/fork v1.9.0", ("example.org/fork", "1.9.0", "registry")),
        (
            "replace example.org/a v1.2.3 => example.org/fork v1.9.0",
            ("example.org/fork", "1.9.0", "registry"),
        ),
        ("replace example.org/a v1.2.2 => example.org/fork v1.9.0", ("example.org/a", "1.2.3", "registry")),
        ("replace example.org/a => ../a", ("example.org/a", "1.2.3", "local")),
        ('replace "example.org/a" => `./a b`', ("example.org/a", "1.2.3", "local")),
        (
            "replace (\n\texample.org/a => ./all\n\texample.org/a v1.2.3 => example.org/one v1.0.0\n)",
            ("example.org/one", "1.0.0", "registry"),
        ),
        ("exclude example.org/a v1.2.4", ("example.org/a", "1.2.3", "registry")),
        ("retract [v1.0.0, v1.1.0] // wrong", ("example.org/a", "1.2.3", "registry")),
    ],
)
def test_replacements(directive: str, expected: tuple[str, str, str]) -> None:
    lock = read_gomod("go.mod", f"{GOMOD}\n{directive}\n".encode())
    assert not lock.gaps
    assert brief(lock.components[1])[:3] == expected


def test_a_replacement_stands_at_its_own_line() -> None:
    text = GOMOD + "replace example.org/a => example.org/fork v1.9.0\n"
    assert read_gomod("go.mod", text.encode()).components[1].line == text.count("\n")


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        ("go 1.22", "1.22.0"),
        ("go 1.22rc1", "1.22.0-rc.1"),
        ("go 1.21\ntoolchain go1.22.4", "1.22.4"),
        ("toolchain go1.22.4-custom\ngo 1.21", "1.22.4"),
        ("go 1.21\ntoolchain default", "1.21.0"),
    ],
)
def test_the_standard_library_is_that_of_the_go_that_is_asked_for(lines: str, version: str) -> None:
    (found,) = read_gomod("go.mod", f"module m\n{lines}\n".encode()).components
    assert (found.name, found.version) == ("stdlib", version)


@pytest.mark.parametrize(
    ("more", "gap"),
    [
        ("require example.org/x", "line 11 was not understood: require example.org/x"),
        ("require example.org/x latest", "line 11 was not understood"),
        ("frobnicate a b", "line 11 was not understood: frobnicate"),
        ("replace a => b", "line 11 was not understood: replace a => b"),
        ('require "example.org/x v1.0.0', "line 11 was not understood"),
        ("require (\n\texample.org/x v1.0.0", "its require block does not end"),
    ],
)
def test_what_a_go_mod_says_and_nobody_understands_is_a_gap(more: str, gap: str) -> None:
    lock = read_gomod("go.mod", f"{GOMOD}{more}\n".encode())
    assert len(lock.gaps) == 1
    assert lock.gaps[0].startswith(gap)
    assert len(lock.components) >= 4


def test_an_old_go_does_not_name_all_modules() -> None:
    for line in ("go 1.16\n", ""):
        (gap,) = read_gomod("go.mod", f"module m\n{line}require a.b/c v1.0.0\n".encode()).gaps
        assert "older than 1.17" in gap
    with pytest.raises(NotALock, match="no module directive"):
        read_gomod("go.mod", b"go 1.22\n")


def test_lines_of_a_go_sum_that_are_none_are_counted() -> None:
    lock = read_gomod("go.mod", GOMOD.encode(), b"example.org/a v1.2.3 md5:x\nnonsense\n")
    assert lock.gaps == ("2 lines of its go.sum were not understood",)


def test_pins_of_a_requirements_file() -> None:
    lock = read_requirements("requirements.txt", REQUIREMENTS.encode())
    assert [brief(item) for item in lock.components] == [
        ("Jinja2", "3.1.2", "registry", 2),
        ("pillow", "9.0", "registry", 5),
    ]
    assert lock.components[0].digests == ("sha256:aa11", "sha256:bb22")
    assert not lock.gaps


@pytest.mark.parametrize(
    ("line", "gap"),
    [
        ("click", "line 1 does not pin one version: click"),
        ("click>=8", "line 1 does not pin one version"),
        ("click==8.*", "line 1 does not pin one version"),
        ("click @ https://example.org/click.whl", "line 1 names an address"),
        ("-e .", "line 1 names a folder or repository"),
        ("--editable=git+https://example.org/x", "line 1 names a folder or repository"),
        ("-r other.in", "line 1 names another file, which is not read: other.in"),
        ("--requirement=more/requirements.txt", "line 1 names another file"),
        ("./wheel.whl", "line 1 was not understood"),
        ("a==1 \x1b", "line 1 was not understood"),
    ],
)
def test_what_pins_no_version_is_a_gap(line: str, gap: str) -> None:
    lock = read_requirements("requirements.txt", f"{line}\n".encode())
    assert not lock.components
    assert [found[: len(gap)] for found in lock.gaps] == [gap]
    assert all(found.isprintable() for found in lock.gaps)


def test_another_file_that_is_read_anyway_is_no_gap() -> None:
    known = frozenset({"a/requirements.txt", "a/more/requirements.txt", "a/more/list"})
    read = read_requirements("a/requirements.txt", b"-r more/requirements.txt\n--prefer-binary\n", known)
    assert not read.gaps
    assert read_requirements("a/requirements.txt", b"-r more/list\n", known).gaps


@pytest.mark.parametrize(
    ("path", "ecosystem"),
    [
        ("Cargo.lock", "crates.io"),
        ("a/go.mod", "Go"),
        ("requirements.txt", "PyPI"),
        ("docs/requirements-dev.txt", "PyPI"),
        ("requirements/run.txt", "PyPI"),
        ("a/test_requirements.txt", "PyPI"),
        ("requirements.md", None),
        ("Cargo.toml", None),
        ("a/notes.txt", None),
        ("go.sum", None),
    ],
)
def test_names_of_lock_files(path: str, ecosystem: str | None) -> None:
    assert ecosystem_of(path) == ecosystem
    assert is_lock(path) == (ecosystem is not None)


def test_lock_files_of_other_kinds_are_told() -> None:
    tree = MemoryFiles({f"a/{name}": b"{}" for name in NO_READER})
    assert all(is_lock(path) for path in tree.paths())
    locks = read_locks(tree, tree.paths())
    assert not locks.read
    assert dict(locks.unread) == dict.fromkeys(tree.paths(), "a lock file of a kind that is not read")


@pytest.mark.parametrize("path", ["Cargo.lock", "go.mod", "requirements.txt"])
@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"a==1\n\xff", "not UTF-8 at byte 5"), (b" " * (MOST_BYTES + 1), "larger than")],
)
def test_a_file_that_cannot_be_read_is_named(path: str, data: bytes, reason: str) -> None:
    ((found, why),) = read_locks(MemoryFiles({path: data}), (path,)).unread
    assert found == path
    assert why.startswith(f"not read: {reason}")


class Locked(MemoryFiles):
    """Files of which none can be read."""

    def read(self, path: str) -> bytes:
        raise PermissionError(13, "Permission denied", f"/somewhere/{path}")


def test_a_file_that_the_system_does_not_give_is_named() -> None:
    locks = read_locks(Locked({"Cargo.lock": b""}), ("Cargo.lock",))
    assert (locks.read, locks.unread) == ((), (("Cargo.lock", "cannot be read: PermissionError"),))


def test_a_lock_file_has_a_largest_number_of_components() -> None:
    lines = "".join(f"a{number}==1\n" for number in range(MOST_COMPONENTS + 1))
    ((_, why),) = read_locks(MemoryFiles({"requirements.txt": lines.encode()}), ("requirements.txt",)).unread
    assert why == f"not read: more than {MOST_COMPONENTS} components"


@pytest.mark.parametrize(
    ("component", "purl"),
    [
        (read_cargo("C", CARGO.encode()).components[0], ""),
        (read_cargo("C", CARGO.encode()).components[1], "pkg:cargo/h2@0.3.20"),
        (
            read_cargo("C", CARGO.encode()).components[3],
            "pkg:cargo/inner@1.0.0?repository_url=https%3A%2F%2Fexample.org%2Findex",
        ),
        (
            read_cargo("C", CARGO.encode()).components[2],
            "pkg:cargo/regorus@0.2.0?vcs_url=git%2Bhttps%3A%2F%2Fgithub.com%2Fmicrosoft%2Fregorus"
            "%40898643129e3652efd43e596f978d99f85e770235",
        ),
        (
            read_gomod("g", b"module m\nrequire github.com/BurntSushi/toml v1.6.0").components[0],
            "pkg:golang/github.com/burntsushi/toml@v1.6.0",
        ),
        (read_gomod("g", GOMOD.encode()).components[0], "pkg:golang/stdlib@1.22.3"),
        (
            read_gomod("g", GOMOD.encode()).components[2],
            "pkg:golang/example.org/b/v2@v2.0.0-20210304033056-74c60be0ef68",
        ),
        (read_gomod("g", GOMOD.encode()).components[3], "pkg:golang/example.org/c@v0.1.0%2Bincompatible"),
        (read_requirements("r", b"Zope_Interface==1").components[0], "pkg:pypi/zope-interface@1"),
    ],
)
def test_package_urls(component: Component, purl: str) -> None:
    assert component.purl == purl


@given(st.binary(max_size=400))
def test_hostile_bytes_are_read_or_refused(data: bytes) -> None:
    for head in (b"", b"[[package]]\n", b"module m\ngo 1.22\nrequire (\n", b"a==1\n"):
        tree = MemoryFiles(
            {"Cargo.lock": head + data, "go.mod": head + data, "requirements.txt": head + data}
        )
        locks = read_locks(tree, tree.paths())
        assert {lock.path for lock in locks.read} | {path for path, _ in locks.unread} == set(tree.paths())
        for lock in locks.read:
            count = len((head + data).split(b"\n"))
            assert all(0 < item.line <= count and item.name for item in lock.components)
            assert all(gap.isprintable() for gap in lock.gaps)


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[a-z]{1,8}\.[a-z]{2}/[a-zA-Z0-9_~-]{1,8}(/v[2-9])?", fullmatch=True),
            st.from_regex(
                r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}(-rc\.[1-9])?(\+incompatible)?", fullmatch=True
            ),
            st.sampled_from(["", " // indirect", "//x"]),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_every_required_module_is_read_at_its_line(modules: list[tuple[str, str, str, bool]]) -> None:
    lines = ["module m", "go 1.22"]
    expected = []
    for name, version, comment, block in modules:
        lines += (
            ["require (", f"\t{name} v{version}{comment}"]
            if block
            else [f"require {name} v{version}{comment}"]
        )
        expected.append((name, version, "registry", len(lines)))
        lines += [")"] if block else []
    lock = read_gomod("go.mod", "\n".join(lines).encode())
    assert not lock.gaps
    assert [brief(item) for item in lock.components[1:]] == expected
