"""CODEOWNERS as GitHub documents it, case by case."""

from __future__ import annotations

import pytest

from threatmodel.core.errors import InvalidInput
from threatmodel.readers.codeowners import MAX_BYTES, MAX_STEPS, evaluate, parse_codeowners

TREE = (
    "README.md",
    "a b.txt",
    "apps/github/x.js",
    "apps/main.js",
    "build/logs/out.txt",
    "deeply/nested/logs/one.txt",
    "docs/build-app/trouble.md",
    "docs/start.md",
    "lib/docs/x.md",
    "lib/é.c",
    "logs",
    "odd[1].txt",
    "src/a.proto/inside.txt",
    "src/protos/agent.proto",
    "x#y.txt",
)


def owned(text: str, *, paths: tuple[str, ...] = TREE) -> dict[str, tuple[str, ...]]:
    """The owners of each path that has a rule."""
    file = parse_codeowners(text.encode("utf-8", "surrogateescape"), "CODEOWNERS")
    result = evaluate(file, paths)
    return {
        path: file.rules[at].owners
        for path, at in zip(result.paths, result.winner, strict=True)
        if at is not None
    }


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", TREE),
        ("**", TREE),
        ("/*", ("README.md", "a b.txt", "logs", "odd[1].txt", "x#y.txt")),
        ("*.js", ("apps/github/x.js", "apps/main.js")),
        ("/*.js", ()),
        ("*.JS", ()),
        ("/README.md", ("README.md",)),
        ("docs/*", ("docs/start.md",)),
        ("docs/", ("docs/build-app/trouble.md", "docs/start.md", "lib/docs/x.md")),
        ("/docs/", ("docs/build-app/trouble.md", "docs/start.md")),
        ("/docs", ("docs/build-app/trouble.md", "docs/start.md")),
        ("docs/build-app", ("docs/build-app/trouble.md",)),
        ("docs/**", ("docs/build-app/trouble.md", "docs/start.md")),
        ("docs/**/*.md", ("docs/build-app/trouble.md", "docs/start.md")),
        ("**/docs/*", ("docs/start.md", "lib/docs/x.md")),
        ("**/logs", ("build/logs/out.txt", "deeply/nested/logs/one.txt", "logs")),
        ("logs/", ("build/logs/out.txt", "deeply/nested/logs/one.txt")),
        ("/build/logs/", ("build/logs/out.txt",)),
        ("apps/", ("apps/github/x.js", "apps/main.js")),
        ("/apps/github", ("apps/github/x.js",)),
        ("github", ("apps/github/x.js",)),
        ("/src/*.proto", ("src/a.proto/inside.txt",)),
        ("*.proto", ("src/a.proto/inside.txt", "src/protos/agent.proto")),
        ("/src/**/*.proto", ("src/a.proto/inside.txt", "src/protos/agent.proto")),
        ("/src/protos/agent.pr?to", ("src/protos/agent.proto",)),
        ("lib/?.c", ("lib/é.c",)),
        ("lib?docs/x.md", ()),
        ("a\\ b.txt", ("a b.txt",)),
        ("x#y.txt", ("x#y.txt",)),
        ("/", ()),
        ("//docs/", ()),
        ("**/", tuple(path for path in TREE if "/" in path)),
        ("a**b*", ("a b.txt",)),
        ("apps/*.js", ("apps/main.js",)),
        ("/READ", ()),
    ],
)
def test_what_a_pattern_matches(pattern: str, expected: tuple[str, ...]) -> None:
    assert tuple(sorted(owned(f"{pattern} @o\n"))) == tuple(sorted(expected))


@pytest.mark.parametrize(
    ("text", "path", "owners"),
    [
        ("* @a\n*.js @b\n", "apps/main.js", ("@b",)),
        ("*.js @b\n* @a\n", "apps/main.js", ("@a",)),
        ("/apps/ @a\n/apps/github\n", "apps/github/x.js", ()),
        ("/apps/ @a\n/apps/github\n", "apps/main.js", ("@a",)),
        ("* @a # the rest\n", "logs", ("@a",)),
        ("# * @a\n\n   \n* @b\n", "logs", ("@b",)),
        ("*\t@a  @o/team-1\td@example.org\n", "logs", ("@a", "@o/team-1", "d@example.org")),
        ("  * @a\r\n", "logs", ("@a",)),
        ("\ufeff* @a\n", "logs", ("@a",)),
        ("* @a\n!logs @b\n", "logs", ("@a",)),
        ("* @a\n* nobody\n", "logs", ("@a",)),
        ("* @a\u2028* @b\n", "logs", None),
    ],
)
def test_the_last_rule_wins(text: str, path: str, owners: tuple[str, ...] | None) -> None:
    assert owned(text).get(path) == owners


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("!docs/ @o", "negated"),
        ("odd[1].txt @o", "ranges"),
        ("\\#file @o", "escaped #"),
        ("***/x @o", "three stars"),
        ("docs/ o/team", "neither"),
        ("docs/ @o/", "neither"),
        ("docs/ @o/t/u", "neither"),
        ("docs/ a@", "neither"),
        ("docs/ @o,@p", "neither"),
        ("docs\\", "backslash"),
        ("x" * 1001 + " @o", "too long"),
    ],
)
def test_a_line_that_github_ignores_is_told(line: str, reason: str) -> None:
    file = parse_codeowners(f"* @a\n{line}\n".encode(), "CODEOWNERS")
    assert [rule.line for rule in file.rules] == [1]
    (ignored,) = file.ignored
    assert ignored.line == 2
    assert reason in ignored.reason
    assert len(ignored.text) <= 200


def test_an_escaped_bracket_is_a_character() -> None:
    assert set(owned("odd\\[1\\].txt @o\n")) == {"odd[1].txt"}


def test_dead_and_shadowed_rules_are_counted() -> None:
    file = parse_codeowners(b"/nowhere/ @a\n*.js @b\n/apps/ @c\n", "CODEOWNERS")
    result = evaluate(file, TREE)
    assert result.matches == (0, 2, 2)
    assert result.wins == (0, 0, 2)


def test_bytes_that_are_not_utf8_match_themselves() -> None:
    raw = "lib/\udcff.c"
    assert set(owned("lib/\udcff.c @o\n", paths=(raw, "lib/x.c"))) == {raw}
    assert set(owned("*.c @o\n", paths=(raw, "lib/x.c"))) == {raw, "lib/x.c"}


def test_a_file_that_github_does_not_load_owns_nothing() -> None:
    file = parse_codeowners(b"* @a\n" + b"#" * MAX_BYTES, "CODEOWNERS")
    assert file.rules == ()
    assert "at most" in file.unread
    assert not owned("")


def test_patterns_cannot_make_the_matcher_try_for_hours() -> None:
    hostile = "*a" * 200 + "b @o\n" + "/**/z" * 60 + " @o\n" + "?" * 900 + " @o\n"
    paths = ("a" * 4000, "x/" * 900 + "y")
    assert owned(hostile, paths=paths) == {}


def test_too_many_steps_are_refused() -> None:
    file = parse_codeowners(b"*x @o\n" * 10_000, "CODEOWNERS")
    paths = tuple(str(number) for number in range(MAX_STEPS // 10_000 + 1))
    with pytest.raises(InvalidInput, match="D034"):
        evaluate(file, paths)


def test_anchored_rules_look_at_their_own_paths_only() -> None:
    paths = tuple(f"d{number}/f" for number in range(MAX_STEPS // 10_000 + 1))
    file = parse_codeowners(b"".join(b"/d%d/ @o\n" % number for number in range(10_000)), "CODEOWNERS")
    assert sum(evaluate(file, paths).wins) == len(paths)


@pytest.mark.parametrize("data", [b"", b"\0", b"\xff\xfe* @a", b"@", b"\\", b"# only", b"\n" * 1000])
def test_no_bytes_make_it_fail(data: bytes) -> None:
    evaluate(parse_codeowners(data, "CODEOWNERS"), TREE)
