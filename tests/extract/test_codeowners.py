"""Rules of CODEOWNERS, and what has no owner."""

from __future__ import annotations

from tests.extract.support import MemoryTree, pairs, tell
from threatmodel.extract import Extract, Spec, compare, extract, without_owner

TREE = {"src/a.rs": b"", "src/b.rego": b"", "docs/x.md": b"", "free/y": b""}
OWNED = Spec(
    kind="codeowners", paths=("CODEOWNERS",), owned=("src/*", "src/*.rs", "docs/**", "free/*", "none/*")
)


def owners(text: str, spec: Spec = OWNED) -> Extract:
    return extract(MemoryTree({**TREE, "CODEOWNERS": text.encode()}), spec)


def test_patterns_and_owners() -> None:
    text = "# no\n*.rs @a @o/b # c\n/ci/ @x\n/free/\n/ci/ @y @z\n"
    assert pairs(tell(Spec(kind="codeowners", paths=("**",)), text, "CODEOWNERS")) == [
        ("*.rs", "@a, @o/b"),
        ("/ci/", "@y, @z"),
        ("/free/", "nobody"),
    ]


def test_what_has_no_owner() -> None:
    assert without_owner(owners("*.rs @a\n/docs/ @b\n/free/ @c\n/free/\n").facts) == ("free/*", "src/*")
    assert without_owner(owners("* @a\n").facts) == ()
    assert without_owner(owners("* @a\n", Spec(kind="codeowners", paths=("CODEOWNERS",))).facts) == ()


def test_an_owner_that_goes_is_a_change() -> None:
    found = compare(owners("* @a\n/free/ @b\n"), owners("* @a\n/free/\n")).changes
    assert [(c.state, c.name, c.before, c.after) for c in found] == [
        ("added", "no owner: free/*", "", ""),
        ("changed", "/free/", "@b", "nobody"),
    ]
    assert not compare(owners("* @a\n/free/ @b\n"), owners("\n# why\n* @a\n/free/   @b\n")).changes


def test_lines_that_github_leaves_out_are_told() -> None:
    found = owners("* @a\n!x @a\n*.go nobody\n")
    assert [(item.line, item.path) for item in found.unread] == [(2, "CODEOWNERS"), (3, "CODEOWNERS")]
    assert [fact.name for fact in found.facts] == ["*"]


def test_hostile_files() -> None:
    assert owners("x" * 2_500_000).unread
    many = owners("\n".join(f"*{n}x @o" for n in range(20_001)))
    assert "more than 20000 rules" in many.unread[0].reason
    assert not many.files
