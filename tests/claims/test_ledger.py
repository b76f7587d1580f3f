"""Claims checked over a tree in memory: each kind, each state, with the path, the line and the text seen."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.claims import ClaimCheck, check_claims
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import SourceUnavailable
from threatmodel.readers.literals import find_sequence, literals
from threatmodel.readers.values import Found, Unreadable, value_at
from threatmodel.system import (
    WORST_FIRST,
    Absent,
    ArgumentsAbsent,
    Attested,
    Boundary,
    Claim,
    Configuration,
    Control,
    Element,
    FileExists,
    Flow,
    Present,
    Project,
    Proposed,
    SystemModel,
    Value,
    Version,
)

DAY = datetime.date(2026, 6, 1)


@dataclass(frozen=True)
class Files:
    """A source tree in memory; a file without content cannot be read."""

    files: Mapping[str, bytes | None]

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def read(self, path: str) -> bytes:
        data = self.files[path]
        if data is None:
            raise SourceUnavailable(Diagnostic(code="source-too-large", message="larger than 16 MiB"))
        return data


TREE = Files(
    {
        "src/a.rs": b'fn a() {\n    let x = vec!["--sandbox", "none"];\n}\n',
        "src/b.rs": b'// "--seccomp", "none"\nfn b() { c.arg("--log").arg("info"); }\n',
        "src/crlf.go": b"package a\r\nconst Mode = 1\r\n",
        "src/latin.go": b"// caf\xe9\nconst Safe = true\n",
        "src/utf8.go": "// caf\u00e9\nconst Safe = true\n".encode(),
        "src/huge.rs": None,
        "versions.yaml": b'externals:\n  fsd:\n    version: "v1.13.2"\n    url: x\n  odd: 1.10\n  list: [a, b]\n',
        "conf.toml": b'[vmm]\nsandbox = true\nlevel = 2\nmode = "strict"\n',
        "conf.json": b'{\n  "vmm": {\n    "sandbox": false,\n    "name": "\\u202ex"\n  }\n}\n',
        "bad.toml": b"= 1",
        "bad.yaml": b"a: [",
        "notes.txt": b"a = 1",
    }
)


def check(claim: Claim, tree: Files | None = TREE) -> ClaimCheck:
    control = Control(id="c", title="C", provides=(), claims=(claim,))
    project = Project(id="p", name="P", default_configuration="x", controls=(control,))
    return check_claims(project, {} if tree is None else {"": tree}, as_of=DAY).checks[0]


def seen(found: ClaimCheck) -> tuple[str, str, int, str]:
    return found.state, found.path, found.line, found.seen


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (FileExists(paths=("src/*.rs",)), ("verified", "src/a.rs", 0, "")),
        (FileExists(paths=("src/*.rs", "no/*")), ("contradicted", "", 0, "")),
        (
            Present(paths=("src/*.rs",), pattern=r"^fn b"),
            ("verified", "src/b.rs", 2, 'fn b() { c.arg("--log").arg("info"); }'),
        ),
        (Present(paths=("src/a.rs",), pattern="nowhere"), ("contradicted", "src/a.rs", 0, "")),
        (Present(paths=("src/c.rs",), pattern="a"), ("not-found", "", 0, "")),
        (Present(paths=("src/crlf.go",), pattern="= 1$"), ("verified", "src/crlf.go", 2, "const Mode = 1")),
        (
            Present(paths=("src/latin.go",), pattern="Safe = true"),
            ("not-checked", "src/latin.go", 0, ""),
        ),
        (
            Present(paths=("src/{latin,utf8}.go",), pattern="Safe = true"),
            ("verified", "src/utf8.go", 2, "const Safe = true"),
        ),
        (Present(paths=("src/{a,b}.rs",), pattern="^fn", each=True), ("verified", "src/a.rs", 0, "")),
        (Present(paths=("src/{a,b}.rs",), pattern="^fn a", each=True), ("contradicted", "src/b.rs", 0, "")),
        (
            Present(paths=("src/{latin,utf8}.go",), pattern="Safe", each=True),
            ("not-checked", "src/latin.go", 0, ""),
        ),
        (Present(paths=("src/{b,huge}.rs",), pattern="fn a", each=True), ("contradicted", "src/b.rs", 0, "")),
        (Present(paths=("src/utf8.go",), pattern="caf"), ("contradicted", "src/utf8.go", 0, "")),
        (Present(paths=("src/huge.rs",), pattern="a"), ("not-checked", "src/huge.rs", 0, "")),
        (Absent(paths=("src/b.rs",), pattern="unsafe"), ("verified", "src/b.rs", 0, "")),
        (
            Absent(paths=("src/a.rs",), pattern="vec!"),
            ("contradicted", "src/a.rs", 2, 'let x = vec!["--sandbox", "none"];'),
        ),
        (
            Absent(paths=("src/crlf.go",), pattern="= 1$"),
            ("contradicted", "src/crlf.go", 2, "const Mode = 1"),
        ),
        (Absent(paths=("src/{b,huge}.rs",), pattern="unsafe"), ("not-checked", "src/huge.rs", 0, "")),
        (Absent(paths=("lib/**",), pattern="unsafe"), ("not-found", "", 0, "")),
        (Absent(paths=("src/a.rs",), pattern="(a+)+(b+)+$|(x?){50}y"), ("verified", "src/a.rs", 0, "")),
        (
            ArgumentsAbsent(paths=("src/a.rs",), arguments=("--sandbox", "none")),
            ("contradicted", "src/a.rs", 2, 'let x = vec!["--sandbox", "none"];'),
        ),
        (
            ArgumentsAbsent(paths=("src/b.rs",), arguments=("--seccomp", "none")),
            ("verified", "src/b.rs", 0, ""),
        ),
        (
            ArgumentsAbsent(paths=("src/b.rs",), arguments=("--log", "info")),
            ("contradicted", "src/b.rs", 2, 'fn b() { c.arg("--log").arg("info"); }'),
        ),
        (
            Value(paths=("conf.toml",), key="vmm.sandbox", equals=True),
            ("verified", "conf.toml", 2, "vmm.sandbox = True"),
        ),
        (
            Value(paths=("conf.toml",), key="vmm.level", equals=True),
            ("contradicted", "conf.toml", 3, "vmm.level = 2"),
        ),
        (
            Value(paths=("conf.toml",), key="vmm.mode", equals="strict"),
            ("verified", "conf.toml", 4, "vmm.mode = 'strict'"),
        ),
        (Value(paths=("conf.toml",), key="vmm.none", equals=1), ("not-found", "conf.toml", 0, "")),
        (
            Value(paths=("conf.json",), key="vmm.sandbox", equals=True),
            ("contradicted", "conf.json", 3, "vmm.sandbox = False"),
        ),
        (
            Value(paths=("conf.json",), key="vmm.name", equals="x"),
            ("contradicted", "conf.json", 4, "vmm.name = '\\u202ex'"),
        ),
        (
            Value(paths=("conf.*",), key="vmm.sandbox", equals=True),
            ("contradicted", "conf.json", 3, "vmm.sandbox = False"),
        ),
        (
            Value(paths=("{bad,conf}.toml",), key="vmm.sandbox", equals=False),
            ("contradicted", "conf.toml", 2, "vmm.sandbox = True"),
        ),
        (
            Value(paths=("versions.yaml",), key="externals.list", equals=("a", "b")),
            ("verified", "versions.yaml", 6, "externals.list = ['a', 'b']"),
        ),
        (Value(paths=("bad.toml",), key="a", equals=1), ("not-checked", "bad.toml", 0, "")),
        (Value(paths=("bad.yaml",), key="a", equals=1), ("not-checked", "bad.yaml", 0, "")),
        (Value(paths=("notes.txt",), key="a", equals=1), ("not-checked", "notes.txt", 0, "")),
        (Value(paths=("none.toml",), key="a", equals=1), ("not-found", "", 0, "")),
        (
            Version(paths=("versions.yaml",), key="externals.fsd.version", specifier=">=1.10"),
            ("verified", "versions.yaml", 3, "externals.fsd.version = 'v1.13.2'"),
        ),
        (
            Version(paths=("versions.yaml",), key="externals.fsd.version", specifier="<1.13"),
            ("contradicted", "versions.yaml", 3, "externals.fsd.version = 'v1.13.2'"),
        ),
        (
            Version(paths=("versions.yaml",), key="externals.fsd.url", specifier=">1"),
            ("not-checked", "versions.yaml", 4, "externals.fsd.url = 'x'"),
        ),
        (
            Version(paths=("versions.yaml",), key="externals.odd", specifier=">=1.10"),
            ("not-checked", "versions.yaml", 5, "externals.odd = 1.1"),
        ),
    ],
)
def test_claim(claim: Claim, expected: tuple[str, str, int, str]) -> None:
    found = check(claim)
    assert seen(found) == expected
    assert found.detail or found.state in {"verified", "contradicted"}


def test_a_catastrophic_pattern_ends() -> None:
    tree = Files({"a": b"a" * 200_000})
    assert check(Absent(paths=("a",), pattern="(a*)*(a|aa)+$b"), tree).state == "verified"


def test_without_a_tree_nothing_is_checked() -> None:
    assert check(FileExists(paths=("a",)), None).detail == "no source tree was given"
    other = check(FileExists(paths=("a",), source="other"))
    assert (other.source, other.detail) == ("other", 'no source "other" was given')


@pytest.mark.parametrize(
    ("by", "expires", "evidence", "state"),
    [
        ("A. Person", "2026-06-01", "https://example.org/x", "attested"),
        ("A. Person", "2026-06-01", "commit " + "a" * 40, "attested"),
        ("A. Person", "2026-05-31", "https://example.org/x", "not-checked"),
        ("", "2027-01-01", "https://example.org/x", "proposed"),
        (" ", "2027-01-01", "https://example.org/x", "proposed"),
        ("A. Person", "2027-01-01", "", "proposed"),
        ("A. Person", "2027-01-01", "trust me", "proposed"),
    ],
)
def test_attestation(by: str, expires: str, evidence: str, state: str) -> None:
    claim = Attested(paths=(), by=by, date="2026-01-01", expires=expires, evidence=evidence)
    found = check(claim)
    assert found.state == state
    assert bool(found.detail) is (state != "attested")


def test_what_is_proposed_stays_so_and_shows_its_source() -> None:
    claim = Proposed(paths=(), statement="The kernel does it", evidence="https://example.org/kernel")
    for tree in (TREE, None):
        found = check(claim, tree)
        assert (found.state, found.seen) == ("proposed", "https://example.org/kernel")
        assert found.text == "proposed: The kernel does it"


def test_a_proposed_claim_keeps_a_control_from_being_verified() -> None:
    claims = (CLAIMS["verified"], CLAIMS["proposed"])
    assert states_of(Control(id="c", title="C", provides=(), claims=claims)) == {("x", "c"): "proposed"}


CLAIMS: dict[str, Claim] = {
    "verified": FileExists(paths=("src/a.rs",)),
    "attested": Attested(
        paths=(), by="A", date="2026-01-01", expires="2027-01-01", evidence="https://example.org"
    ),
    "proposed": Proposed(paths=(), statement="S", evidence="https://example.org"),
    "not-checked": Present(paths=("src/huge.rs",), pattern="a"),
    "not-found": Absent(paths=("none",), pattern="a"),
    "contradicted": FileExists(paths=("none",)),
}


@given(st.lists(st.sampled_from(sorted(CLAIMS)), max_size=4))
def test_a_control_takes_the_worst_of_its_claims(states: list[str]) -> None:
    control = Control(id="c", title="C", provides=(), claims=tuple(CLAIMS[state] for state in states))
    assert states_of(control) == {
        ("x", "c"): min(states, key=[str(s) for s in WORST_FIRST].index, default="unclaimed")
    }


def states_of(control: Control, *configurations: Configuration) -> dict[tuple[str, str], str]:
    boundary = Boundary(id="b", name="B", privilege="none", controls=("c",))
    systems = tuple(
        SystemModel(configuration=c, boundaries=(boundary,), elements=(), flows=())
        for c in configurations or (Configuration(name="x", options={}),)
    )
    project = Project(id="p", name="P", default_configuration="x", controls=(control,), systems=systems)
    return {key: str(state) for key, state in check_claims(project, {"": TREE}, as_of=DAY).states.items()}


def test_claims_hold_in_their_configurations_only() -> None:
    rust = {"runtime": ("rust",)}
    claims = (
        FileExists(paths=("none",), when=rust),
        FileExists(paths=("src/a.rs",), when={"runtime": ("go",)}),
    )
    options = [Configuration(name=name, options={"runtime": name}) for name in ("rust", "go", "c")]
    assert states_of(Control(id="c", title="C", provides=(), claims=claims), *options) == {
        ("rust", "c"): "contradicted",
        ("go", "c"): "verified",
        ("c", "c"): "unclaimed",
    }


def test_records_are_of_the_controls_in_use() -> None:
    used = Control(id="used", title="U", provides=(), claims=(FileExists(paths=("src/a.rs",)),))
    spare = Control(id="spare", title="S", provides=(), claims=used.claims)
    flow = Flow(id="f", source="a", target="b", name="F", controls=("used",))
    element = Element(id="e", name="E", kind="process", boundary="b", controls=("used",))
    systems = [
        SystemModel(
            configuration=Configuration(name=name, options={}), boundaries=(), elements=elements, flows=flows
        )
        for name, elements, flows in (("x", (), (flow,)), ("y", (element,), ()), ("z", (), ()))
    ]
    project = Project(
        id="p", name="P", default_configuration="x", controls=(spare, used), systems=tuple(systems)
    )
    found = check_claims(project, {"": TREE}, as_of=DAY)
    assert found.states == {("x", "used"): "verified", ("y", "used"): "verified"}
    assert {one.control for one in found.checks} == {"used", "spare"}


SANDBOX = ("--sandbox", "none")


@pytest.mark.parametrize(
    ("path", "source", "line"),
    [
        ("a.rs", 'vec!["--sandbox", "none"]', 1),
        ("a.rs", 'c.arg("--sandbox")\n    .arg("none");', 1),
        ("a.rs", 'x("--sandbox=none")', 1),
        ("a.rs", '// "x"\n["--sandbox", /* "y" */ "none"]', 2),
        ("a.rs", 'let q = \'"\'; ["--sandbox", "none"]', 1),
        ("a.rs", 'fn f<\'a>(x: &\'a str) { g("--sandbox", "none") }', 1),
        ("a.rs", '(r"--sandbox", r#"none"#)', 1),
        ("a.rs", '(r#"a "quoted" word"#, "--sandbox", "none")', 1),
        ("a.rs", '("two\nlines", "--sandbox", "none")', 2),
        ("a.rs", '("http://x", "--sandbox", "none")', 1),
        ("a.rs", '("\\"", "--sandbox", "none")', 1),
        ("a.rs", '// ["--sandbox", "none"]', 0),
        ("a.rs", '/* ["--sandbox", "none"] */', 0),
        ("a.rs", '["--sandbox", "namespace", "none"]', 0),
        ("a.rs", '["none", "--sandbox"]', 0),
        ("a.rs", 'r#"["--sandbox", "none"]"#', 0),
        ("a.go", '[]string{"--sandbox", "none"}', 1),
        ("a.go", '[]string{\n\t"--sandbox", // why\n\t`none`,\n}', 2),
        ("a.go", '\'"\' + "--sandbox" + "none"', 1),
        ("a.go", '`a\n"--sandbox" "none"`', 0),
        ("a.py", "['--sandbox', \"none\"]  # x", 1),
        ("a.py", "x = 'it\\'s', '--sandbox', 'none'", 1),
        ("a.py", '"""it\'s "odd\n"""\n["--sandbox", "none"]', 3),
        ("a.py", '# ["--sandbox", "none"]', 0),
        ("a.sh", "run '--sandbox' \"none\"", 1),
        ("a.sh", '[ $# -gt 0 ] && run "--sandbox" "none"', 1),
        ("a.sh", 'run "${#list}" "--sandbox" "none"', 1),
        ("a.sh", '# run "--sandbox" "none"', 0),
        ("a.sh", 'x # run "--sandbox" "none"', 0),
        ("a.toml.in", 'args = ["--sandbox", "none"]', 1),
        ("a.toml", '#args = ["--sandbox", "none"]', 0),
    ],
)
def test_arguments_in_every_syntax(path: str, source: str, line: int) -> None:
    found = find_sequence(tuple(literals(source, path)), SANDBOX)
    assert (found.line if found else 0) == line


@given(st.text("\"'`#/*\\r ab\n", max_size=30), st.sampled_from(["a.rs", "a.go", "a.py", "a.sh", "a.toml"]))
def test_literals_have_their_line(source: str, path: str) -> None:
    lines = source.split("\n")
    for literal in literals(source, path):
        assert literal.text.split("\n")[0] in lines[literal.line - 1]


@given(
    st.text(st.characters(codec="ascii", exclude_characters='"\\\n\r'), max_size=8),
    st.sampled_from(["a.rs", "a.go", "a.py", "a.sh"]),
)
def test_any_text_in_quotes_is_found(text: str, path: str) -> None:
    found = [literal.text for literal in literals(f'f("{text}", "end")', path)]
    assert found == [text, "end"]


@pytest.mark.parametrize(
    ("path", "data", "key", "expected"),
    [
        ("a.toml", "[a.b]\nc = 1\n", "a.b.c", Found(1, 2)),
        ("a.toml", "[a]\nc = 1\n[b]\nc = 2\n", "b.c", Found(2, 0)),
        ("Cargo.lock", "version = 3\n", "version", Found(3, 1)),
        ("a.json", '{"a": null}', "a", Found(None, 0)),
        ("a.json", '{\n"a": 1}', "a", Found(1, 2)),
        ("a.yml", "a:\n  b: x\n", "a.b", Found("x", 2)),
        ("a.yaml", "a: &x {b: 1}\nc: *x\n", "c.b", Found(1, 1)),
        ("a.yaml", "a: [1]\n", "a.0", None),
        ("a.yaml", "", "a", None),
    ],
)
def test_values(path: str, data: str, key: str, expected: Any) -> None:
    assert value_at(data.encode(), path, key) == expected


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.toml", b"\xff"),
        ("a.json", b"["),
        ("a.json", b"[" * 100_000),
        ("a.toml", b"a = " + b"[" * 5000),
        ("a.yaml", b"[" * 9999),
        ("a.ini", b""),
    ],
)
def test_values_that_cannot_be_read(path: str, data: bytes) -> None:
    with pytest.raises(Unreadable):
        value_at(data, path, "a")
