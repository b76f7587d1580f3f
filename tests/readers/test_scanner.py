"""Comments, texts and arguments of source: each family of languages, and input made to cost time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.readers.literals import find_arguments, literals
from threatmodel.readers.scanner import unclosed, without_comments
from threatmodel.readers.values import Found, value_at

PATHS = ["a.rs", "a.go", "a.c", "a.proto", "a.py", "a.toml.in", "a.yaml", "a.sh", "Makefile", "a.txt"]


@pytest.mark.parametrize(
    ("path", "source", "code"),
    [
        ("a.rs", 'x("http://y"); // z', 'x("http://y");'),
        ("a.rs", "a /* b /* c */ d */ e", "a                   e"),
        ("a.rs", 'r#"// "" no"# // yes', 'r#"// "" no"#'),
        ("a.rs", "'\"' // a", "'\"'"),
        ("a.rs", "'\\'' // a", "'\\''"),
        ("a.rs", "/* a\n b */ c", "\n      c"),
        ("a.go", "`// no` // yes", "`// no`"),
        ("a.c", "a /* /* */ b", "a          b"),
        ("a.proto", "rpc A(B); // c", "rpc A(B);"),
        ("a.py", "x = '# no'  # yes", "x = '# no'"),
        ("a.py", '"""\n# no\n"""', '"""\n# no\n"""'),
        ("a.sh", "echo ${#a} $# a#b # c", "echo ${#a} $# a#b"),
        ("a.sh", "echo \"a # b\" '# c';# d", "echo \"a # b\" '# c';"),
        ("a.sh", "echo $'it\\'s # a' # b", "echo $'it\\'s # a'"),
        ("a.yaml", "url: http://x#y # z", "url: http://x#y"),
        ("a.yaml", "a: don't # 'x", "a: don't"),
        ("a.toml", "a = '#' # b", "a = '#'"),
        ("a.toml.in", "#a = 1\nb = 2", "\nb = 2"),
        ("sub/Makefile", "A := b \\# c # d", "A := b \\# c"),
        ("notes.txt", "# a // b", "# a // b"),
    ],
)
def test_comments_become_blanks(path: str, source: str, code: str) -> None:
    found = without_comments(source, path)
    assert "\n".join(line.rstrip() for line in found.split("\n")) == code
    assert len(found) == len(source)


@pytest.mark.parametrize(
    ("path", "source", "line"),
    [
        ("a.rs", "a\n/* /* */", 2),
        ("a.rs", 'r##"a"#', 1),
        ("a.go", "\n\n`a", 3),
        ("a.py", "'''a'", 1),
        ("a.py", "'a", 0),
        ("a.txt", "/*", 0),
        ("a.c", "/* */", 0),
    ],
)
def test_what_never_closes(path: str, source: str, line: int) -> None:
    assert unclosed(source, path) == line


@given(st.text("\"'`#/*\\r \n=b{}$-", max_size=60), st.sampled_from(PATHS))
def test_any_text_is_scanned(source: str, path: str) -> None:
    code = without_comments(source, path)
    assert [len(line) for line in code.split("\n")] == [len(line) for line in source.split("\n")]
    assert all(now in {was, " "} for now, was in zip(code, source, strict=True))
    assert len(tuple(literals(source, path))) <= len(source)
    find_arguments(source, path, ("--a", "b"))
    assert 0 <= unclosed(source, path) <= source.count("\n") + 1


@pytest.mark.parametrize("path", ["a.rs", "a.go", "a.py", "a.sh", "a.txt"])
@pytest.mark.parametrize("piece", ['r#"', "/*", '"\\', "'", '"""', "`/*"])
def test_hostile_repetition_ends(piece: str, path: str) -> None:
    source = piece * (100_000 // len(piece))
    find_arguments(source, path, ("--sandbox", "none"))
    assert len(without_comments(source, path)) == len(source)


@pytest.mark.parametrize(
    ("path", "source", "certain"),
    [
        ("a.rs", 'x("--sandbox none")', True),
        ("a.rs", 'format!("--sandbox={}", "none")', True),
        ("a.rs", 'format!("--sandbox={}", mode)', False),
        ("a.rs", 'format!("--sandbox={mode}")', False),
        ("a.rs", 'a.arg("--sandbox").arg(mode).arg("x")', False),
        ("a.rs", 'a.arg("--sandbox").arg(mode()).arg("x")', False),
        ("a.rs", 'const S: &str = "--sandbox";', False),
        ("a.rs", 'a.push(String::from("--sandbox")); a.push(String::from("chroot"));', None),
        ("a.rs", 'a.push("--sandbox".to_string()); a.push("none".to_string());', True),
        ("a.rs", 'f("--sandbox=chroot")', None),
        ("a.rs", '// "--sandbox", mode', None),
        ("a.go", 'fmt.Sprintf("--sandbox=%s", mode)', False),
        ("a.go", 'args = append(args, "--sandbox")\nargs = append(args, "none")', True),
        ("a.py", '["--sandbox", mode]', False),
        ("a.sh", "virtiofsd --sandbox none", True),
        ("a.sh", "virtiofsd --sandbox=none", True),
        ("a.sh", 'virtiofsd --sandbox "$MODE"', False),
        ("a.sh", "virtiofsd --sandbox chroot", None),
        ("a.sh", "# virtiofsd --sandbox none", None),
        ("a.yaml", "args: [--sandbox, none]", True),
        ("a.yaml", "args:\n  - --sandbox\n  - none", True),
        ("a.yaml", "args:\n  - --sandbox\n  - {{ .mode }}", False),
        ("Makefile", 'ARGS := [\\"--sandbox=none\\"]', True),
        ("Makefile", "ARGS := --sandbox $(MODE)", False),
        ("a.toml.in", 'args = ["--sandbox=@MODE@"]', False),
        ("a.service", "ExecStart=/bin/x --sandbox none", True),
    ],
)
def test_arguments(path: str, source: str, certain: bool | None) -> None:
    found = find_arguments(source, path, ("--sandbox", "none"))
    assert (found.certain if found else None) is certain


def test_a_line_is_found_behind_many_blank_lines() -> None:
    blanks = b"\n" * 200_000
    assert value_at(b"{" + blanks + b'"k": 1}', "a.json", "k") == Found(1, 200_001)
    assert value_at(b'{"k":' + blanks + b"1}", "a.json", "k") == Found(1, 0)
