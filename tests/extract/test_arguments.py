"""Options that code passes to programs."""

from __future__ import annotations

import pytest

from tests.extract.support import pairs, tell
from threatmodel.extract import Spec

SPEC = Spec(
    kind="arguments", paths=("**",), pattern=r"--?[A-Za-z][\w-]*(=.*)?|[a-z][a-z-]*=\S*|virtio-[a-z]+"
)
RUST = """
// "--comment"
#[arg(long = "--attribute")]
fn start(c: &mut Command, x: &str) -> Vec<String> {
    c.arg("--alone").args(["--uid", "0", "--gid", x]);
    let v = vec![String::from("--sandbox"), String::from("none"), "--seccomp".to_string(), "false".into()];
    let f = format!("virtio-blk,id={},share-rw={x}", x);
    info!("no option --here");
    if x == "--last" { v } else { vec![f, format!("--api={}", x)] }
}
#[cfg(test)]
mod tests {
    #[test]
    fn t() { let v = ["--test"]; }
}
#[test]
fn t() { "--other-test"; }
"""
GO = """package p
import "--x"
type T struct { A string `-a` }
// "--comment"
func (v *V) args(p []string) []string {
	args := []string{"--syslog", "--cache=" + v.cache, "--uid", "0"}
	p = append(p, "-device", strings.Join(q, ","))
	p = append(p, "-incoming", "defer", fmt.Sprintf("virtio-net,mac=%s", m))
	return append(p, "-machine", `accel=kvm`)
}
"""


def test_rust() -> None:
    assert pairs(tell(SPEC, RUST, "a.rs")) == [
        ("--alone", ""),
        ("--api=%", ""),
        ("--gid", ""),
        ("--last", ""),
        ("--sandbox", "none"),
        ("--seccomp", "false"),
        ("--uid", "0"),
        ("id=%", ""),
        ("share-rw=%", ""),
        ("virtio-blk", ""),
    ]


def test_go() -> None:
    assert pairs(tell(SPEC, GO, "a.go")) == [
        ("--cache=", ""),
        ("--syslog", ""),
        ("--uid", "0"),
        ("-device", ""),
        ("-incoming", "defer"),
        ("-machine", ""),
        ("accel=kvm", ""),
        ("mac=%", ""),
        ("virtio-net", ""),
    ]
    assert pairs(tell(SPEC, GO, "a_test.go")) == []


def test_a_function_of_one_argument_stands_for_it() -> None:
    for call in ("String::from", "owned"):
        text = f'fn f() {{ g([{call}("--a"), {call}("b"), x.join("c"), {call}("d", e)]) }}'
        assert pairs(tell(SPEC, text, "a.rs")) == [("--a", "b")]


def test_values_of_one_option_are_joined() -> None:
    text = 'fn f() { g(["-m", "a"]); g(["-m", "b"]); g(["-m", x]); g(["-m"]); }'
    assert pairs(tell(SPEC, text, "a.rs")) == [("-m", "a; b")]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('fn f() { "plain text"; "a=b c"; "--x y"; "" }', "a.rs"),
        ("fn f() { b'-'; '-'; -1 }", "a.rs"),
        ("package p\nvar x = `two\n--lines`\n", "a.go"),
    ],
)
def test_quiet(text: str, path: str) -> None:
    assert pairs(tell(SPEC, text, path)) == []


def test_a_value_is_not_taken_from_a_call_or_another_list() -> None:
    text = (
        'fn f() { c.args(["-d", x.join(","), "-e", if y { "on" } else { "off" }]); c.arg("-g"); c.arg("h"); }'
    )
    assert pairs(tell(SPEC, text, "a.rs")) == [("-d", ""), ("-e", ""), ("-g", "")]
    macro = 'fn f() { vec!["-d", x.join(","), format!("k={}", if y { "on" } else { "off" })]; }'
    assert pairs(tell(SPEC, macro, "a.rs")) == [("-d", ""), ("k=%", "")]
