"""Claims that stand on readers: constants, shipped defaults, kernel options, methods and keys, in each state."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import pytest

from tests.extract.support import MemoryTree
from threatmodel.claims import ClaimCheck, check_claims
from threatmodel.claims.describe import describe
from threatmodel.readers.content import Unusable
from threatmodel.readers.syntax import Syntax, parse
from threatmodel.system import (
    Boundary,
    Claim,
    ConfigDefault,
    Configuration,
    Constant,
    Control,
    Element,
    Flow,
    KernelConfig,
    KeySet,
    Project,
    RpcSet,
    SystemModel,
)

KEY = r"io\.k\..*\.(\w+)"
DAY = datetime.date(2026, 6, 1)
TEMPLATE = """[vmm.qemu]
path = "@QEMUPATH@"
annotations = @ANNOTATIONS@
sandbox = "@SANDBOX@"
jailed = @JAILED@
version = "@VERSION@"
plain = 7
params = "a @PARAMS@ b"
# hooks = "/opt"
"""
MAKEFILE = r"""ifeq ($(ARCH),amd64)
CMD := qemu-amd64
endif
QEMUPATH := /usr/bin/$(CMD)
ANNOTATIONS := [\"a\", \"b\"]
SANDBOX :=
JAILED = true
PARAMS = "x=1"
PARAMS += "y=2"
VERSION := $(shell cat VERSION)
"""
PROTO = """package p;
service Agent {
  rpc Create(A) returns (B);
  rpc Start(A) returns (B);
}
service Health { rpc Check(A) returns (B); }
"""
FILES: Mapping[str, str | bytes] = {
    "a.rs": "const PORT: u32 = 1024;\nmod tests { const LIMIT: u8 = 1; }\n"
    'const NAME: &str = "n";\nconst ON: bool = true;\n',
    "two.rs": "#[cfg(a)]\nconst PORT: u32 = 1024;\n#[cfg(b)]\nconst PORT: u32 = 1025;\n",
    "far.rs": "const PORT: u32 = other::PORT;\n",
    "broken.rs": "const PORT: u32 = 1024;\nfn f( {\n",
    "a.go": 'package p\nconst (\n\tport = 1024\n\tKeyA = "io.k.a.one"\n\tKeyB = "io.k.b.two"\n)\n',
    "keys.go": 'package p\nconst KeyA = "io.k.a.one"\nconst KeyB = other.Prefix + "two"\n',
    "macro.rs": 'const A: &str = "io.k.a.one";\nmk! { const B: &str = "io.k.b.two"; }\n',
    "a.h": "#define PORT 1024\n",
    "bin.rs": b"const PORT: u32 = 1;\0",
    "latin.rs": b"// \xff",
    "deep.rs": "mod m { " * 5000 + "}" * 5000,
    "huge.rs": "// " + "x" * 600_000,
    "notes.txt": "PORT = 1024",
    "conf.toml.in": TEMPLATE,
    "bad.toml.in": "[a\n",
    "Makefile": MAKEFILE,
    "sub/Makefile": "include gone.mk\nJAILED ?= true\n",
    "g/one.conf": "CONFIG_SECCOMP=y\n# CONFIG_MODULES is not set\nCONFIG_HZ=100\n",
    "g/two.conf": "CONFIG_SECCOMP=n\nCONFIG_SECCOMP=y\nCONFIG_ODD=y\n",
    "g/odd.conf": "CONFIG_ODD=n\nCONFIG_STRANGE\n",
    "a.proto": PROTO,
    "bad.proto": "service {",
}
TREE = MemoryTree({path: text.encode() if isinstance(text, str) else text for path, text in FILES.items()})


def _system(name: str, *flows: Flow, value: str = "go") -> SystemModel:
    return SystemModel(
        configuration=Configuration(name=name, options={"runtime": value}),
        boundaries=(Boundary(id="host", name="Host", privilege="root"),),
        elements=(Element(id="shim", name="Shim", kind="process", boundary="host"),),
        flows=flows,
    )


def _flow(id_: str, *operations: str) -> Flow:
    return Flow(id=id_, source="shim", target="shim", name=id_, operations=operations)


SYSTEMS = (
    _system(
        "x", _flow("F1", "Create"), _flow("F1.more", "Start"), _flow("F2", "Check"), _flow("F3", "one", "two")
    ),
    _system("y", _flow("F1", "Create", "Stop"), _flow("F2", "Check"), value="rust"),
)


def check(claim: Claim) -> ClaimCheck:
    control = Control(id="c", title="C", provides=(), claims=(claim,))
    project = Project(id="p", name="P", default_configuration="x", controls=(control,), systems=SYSTEMS)
    return check_claims(project, {"": TREE}, as_of=DAY).checks[0]


def _default(key: str, equals: str | int | bool | tuple[str, ...], **more: object) -> ConfigDefault:
    given = {"paths": ("conf.toml.in",), "makefile": "Makefile", "given": {"ARCH": "amd64"}} | more
    return ConfigDefault(key=key, equals=equals, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "state", "place", "detail"),
    [
        (Constant(paths=("a.rs",), name="PORT", equals=1024), "verified", "a.rs:1", ""),
        (Constant(paths=("a.go",), name="port", equals=1024), "verified", "a.go:3", ""),
        (Constant(paths=("a.h",), name="PORT", equals=1024), "verified", "a.h:1", ""),
        (Constant(paths=("a.rs",), name="NAME", equals="n"), "verified", "a.rs:3", ""),
        (Constant(paths=("a.rs",), name="tests::LIMIT", equals=1), "verified", "a.rs:2", ""),
        (Constant(paths=("a.*",), name="PORT", equals=1024), "verified", "a.h:1", ""),
        (Constant(paths=("a.rs",), name="PORT", equals=1025), "contradicted", "a.rs:1", "PORT is 1024"),
        (Constant(paths=("a.rs",), name="ON", equals=1), "contradicted", "a.rs:4", "ON is True"),
        (Constant(paths=("a.rs",), name="PORT", equals="1024"), "contradicted", "a.rs:1", "PORT is 1024"),
        (Constant(paths=("two.rs",), name="PORT", equals=1024), "contradicted", "two.rs:4", "PORT is 1025"),
        (Constant(paths=("broken.rs",), name="PORT", equals=1024), "verified", "broken.rs:1", ""),
        (Constant(paths=("a.rs",), name="GONE", equals=1), "not-found", "a.rs:0", "no constant GONE in a.rs"),
        (
            Constant(paths=("a.rs",), name="LIMIT", equals=1),
            "not-found",
            "a.rs:0",
            "no constant LIMIT in a.rs; there is tests::LIMIT at a.rs:2",
        ),
        (Constant(paths=("no.rs",), name="PORT", equals=1), "not-found", ":0", "no file matches no.rs"),
        (
            Constant(paths=("far.rs",), name="PORT", equals=1),
            "not-checked",
            "far.rs:1",
            "the value of PORT is made of other::PORT, which is no constant of this file",
        ),
        (
            Constant(paths=("broken.rs",), name="GONE", equals=1),
            "not-checked",
            "broken.rs:2",
            "the text breaks the grammar of its language",
        ),
        (Constant(paths=("deep.rs",), name="A", equals=1), "not-found", "deep.rs:0", "no constant A in deep.rs"),
        (_default("vmm.qemu.path", "/usr/bin/qemu-amd64"), "verified", "conf.toml.in:2", "vmm.qemu.path is '/usr/bin/"),
        (_default("vmm.qemu.annotations", ("a", "b")), "verified", "conf.toml.in:3", "vmm.qemu.annotations is ['a'"),
        (_default("vmm.qemu.sandbox", ""), "verified", "conf.toml.in:4", "vmm.qemu.sandbox is ''"),
        (_default("vmm.qemu.jailed", True), "verified", "conf.toml.in:5", "vmm.qemu.jailed is True"),
        (_default("vmm.qemu.plain", 7), "verified", "conf.toml.in:7", ""),
        (_default("vmm.qemu.plain", 7, makefile="", given={}), "verified", "conf.toml.in:7", ""),
        (_default("vmm.qemu.params", "a x=1 y=2 b"), "verified", "conf.toml.in:8", "vmm.qemu.params is 'a x=1 y=2 b'"),
        (_default("vmm.qemu.jailed", False), "contradicted", "conf.toml.in:5", "vmm.qemu.jailed is True"),
        (_default("vmm.qemu.jailed", "true"), "contradicted", "conf.toml.in:5", "vmm.qemu.jailed is True"),
        (_default("vmm.qemu.plain", True), "contradicted", "conf.toml.in:7", "vmm.qemu.plain is 7"),
        (
            _default("vmm.qemu.hooks", "/opt"),
            "not-found",
            "conf.toml.in:9",
            "vmm.qemu.hooks stands in a comment: what the code does without it holds",
        ),
        (_default("vmm.qemu.gone", 1), "not-found", "conf.toml.in:0", "no key vmm.qemu.gone"),
        (_default("vmm.clh.path", "x"), "not-found", "conf.toml.in:0", "no key vmm.clh.path"),
        (
            _default("vmm.qemu.version", "1"),
            "not-checked",
            "conf.toml.in:6",
            "VERSION is not known: $(shell …) is not worked out at Makefile:10",
        ),
        (
            _default("vmm.qemu.path", "x", given={}),
            "contradicted",
            "conf.toml.in:2",
            "vmm.qemu.path is '/usr/bin/'",
        ),
        (
            _default("vmm.qemu.jailed", True, makefile=""),
            "not-checked",
            "conf.toml.in:5",
            "a build sets it by JAILED, and the claim names no makefile",
        ),
        (
            _default("vmm.qemu.jailed", True, makefile="sub/Makefile"),
            "not-checked",
            "conf.toml.in:5",
            "JAILED is not known: the included file gone.mk cannot be read at sub/Makefile:1",
        ),
        (_default("a", 1, makefile="no/Makefile"), "not-checked", "conf.toml.in:0", "no/Makefile: there is no such file"),
        (_default("a", 1, paths=("bad.toml.in",)), "not-checked", "bad.toml.in:1", "not TOML"),
        (_default("a", 1, paths=("bin.rs",)), "not-checked", "bin.rs:0", "the file holds NUL bytes"),
        (KernelConfig(paths=("g/*.conf",), option="SECCOMP", equals="y"), "verified", "g/one.conf:1", ""),
        (KernelConfig(paths=("g/one.conf",), option="MODULES", equals="n"), "verified", "g/one.conf:2", ""),
        (KernelConfig(paths=("g/one.conf",), option="HZ", equals="100"), "verified", "g/one.conf:3", ""),
        (KernelConfig(paths=("g/one.conf",), option="SECCOMP", equals="n"), "contradicted", "g/one.conf:1", ""),
        (KernelConfig(paths=("g/*.conf",), option="ODD", equals="y"), "contradicted", "g/odd.conf:1", ""),
        (
            KernelConfig(paths=("g/{one,two}.conf",), option="GONE", equals="n"),
            "not-found",
            "g/one.conf:0",
            "CONFIG_GONE is not set in 2 files",
        ),
        (
            KernelConfig(paths=("g/*.conf",), option="GONE", equals="n"),
            "not-checked",
            "g/odd.conf:2",
            "the line is no setting of an option",
        ),
        (KernelConfig(paths=("latin.rs",), option="A", equals="y"), "not-checked", "latin.rs:0", "the file is not UTF-8"),
        (
            RpcSet(paths=("a.proto",), services=("Agent",), operations_of=("F1", "F1.*"), when={"runtime": ("go",)}),
            "verified",
            "a.proto:0",
            "all 2 are named",
        ),
        (
            RpcSet(
                paths=("a.proto",),
                services=("p.Agent", "Health"),
                operations_of=("F1", "F1.*", "F2"),
                without=("Stop",),
            ),
            "verified",
            "a.proto:0",
            "all 3 are named",
        ),
        (
            RpcSet(paths=("a.proto",), services=("Agent",), operations_of=("F1", "F1.*")),
            "contradicted",
            "a.proto:0",
            "the source does not have Stop",
        ),
        (
            RpcSet(paths=("a.proto",), services=("Agent",), operations_of=("F1",)),
            "contradicted",
            "a.proto:4",
            "the model does not name Start (a.proto:4); the source does not have Stop",
        ),
        (
            RpcSet(paths=("a.proto",), services=("Agent", "Gone"), operations_of=("F1",)),
            "not-found",
            "a.proto:0",
            "no method of the service Gone in a.proto",
        ),
        (RpcSet(paths=("bad.proto",), services=("A",), operations_of=("F1",)), "not-checked", "bad.proto:1", "a name is"),
        (RpcSet(paths=("bin.rs",), services=("A",), operations_of=("F1",)), "not-checked", "bin.rs:0", "the file holds"),
        (KeySet(paths=("a.go",), pattern=KEY, operations_of=("F3",)), "verified", "a.go:0", "all 2"),
        (KeySet(paths=("a.go",), pattern=r"io\.k\..*", keys=("io.k.a.one", "io.k.b.two")), "verified", "a.go:0", "all 2"),
        (KeySet(paths=("a.go",), pattern=KEY, keys=("two",), without=("one",)), "verified", "a.go:0", "all 1"),
        (
            KeySet(paths=("a.go",), pattern=KEY, keys=("one", "three")),
            "contradicted",
            "a.go:5",
            "the model does not name two (a.go:5); the source does not have three",
        ),
        (
            KeySet(paths=("a.go",), pattern="none", keys=("one",)),
            "not-found",
            "a.go:0",
            "no constant in a.go matches /none/",
        ),
        (
            KeySet(paths=("keys.go",), pattern=KEY, keys=("one",)),
            "not-checked",
            "keys.go:3",
            "the value of KeyB is made of other.Prefix",
        ),
        (KeySet(paths=("macro.rs",), pattern="io.*", keys=("x",)), "not-checked", "macro.rs:2", "the value of B"),
        (KeySet(paths=("broken.rs",), pattern="io.*", keys=("x",)), "not-checked", "broken.rs:2", "the text breaks"),
        (KeySet(paths=("notes.txt",), pattern="io.*", keys=("x",)), "not-checked", "notes.txt:0", "the file is not"),
    ],
)  # fmt: skip
def test_each_state_of_each_kind(claim: Claim, state: str, place: str, detail: str) -> None:
    found = check(claim)
    assert (found.state, f"{found.path}:{found.line}") == (state, place), found
    assert found.detail.startswith(detail)
    assert bool(found.detail) == bool(detail)


@pytest.mark.parametrize("path", ["bin.rs", "latin.rs", "huge.rs", "notes.txt"])
def test_files_that_cannot_be_read_prove_nothing(path: str) -> None:
    found = check(Constant(paths=(path,), name="PORT", equals=1))
    assert (found.state, found.path) == ("not-checked", path)
    assert found.detail


def test_a_constant_is_found_beside_a_file_that_cannot_be_read() -> None:
    assert check(Constant(paths=("{a,bin}.rs",), name="PORT", equals=1024)).state == "verified"
    assert check(Constant(paths=("{a,bin}.rs",), name="GONE", equals=1024)).state == "not-checked"


def test_each_template_counts() -> None:
    assert check(_default("vmm.qemu.plain", 7, paths=("{conf,bad}.toml.in",))).state == "not-checked"


def test_a_claim_shows_the_line_of_the_template_and_what_it_becomes() -> None:
    found = check(_default("vmm.qemu.jailed", False))
    assert (found.seen, found.detail) == ("jailed = @JAILED@", "vmm.qemu.jailed is True")


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        (Constant(paths=("a.rs",), name="A", equals="x"), "a.rs: constant A is 'x'"),
        (
            _default("a.b", True),
            "conf.toml.in: a.b is True by default by Makefile with ARCH=amd64",
        ),
        (_default("a", 1, makefile="", given={}), "conf.toml.in: a is 1 by default"),
        (KernelConfig(paths=("a", "b"), option="X", equals="y"), "a, b: CONFIG_X is y"),
        (
            RpcSet(paths=("a",), services=("S",), operations_of=("F1", "F1.*"), without=("M",)),
            "a: the methods of S are the operations of F1, F1.*, but for M",
        ),
        (KeySet(paths=("a",), pattern="p", keys=("x", "y")), "a: constants that match /p/ are x, y"),
        (
            KeySet(paths=("a",), pattern="p", operations_of=("F1",)),
            "a: constants that match /p/ are the operations of F1",
        ),
    ],
)  # fmt: skip
def test_claims_as_sentences(claim: Claim, sentence: str) -> None:
    assert describe(claim) == sentence


def test_each_file_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(text: str, path: str) -> Syntax | Unusable:
        read.append(path)
        return parse(text, path)

    monkeypatch.setattr("threatmodel.claims.constants.parse", counted)
    claims = tuple(Constant(paths=("a.rs",), name=name, equals=1) for name in ("PORT", "NAME", "ON"))
    control = Control(id="c", title="C", provides=(), claims=claims)
    project = Project(id="p", name="P", default_configuration="x", controls=(control,), systems=SYSTEMS)
    assert len(check_claims(project, {"": TREE}, as_of=DAY).checks) == 3
    assert read == ["a.rs"]
