"""The comment is posted from a hostile artefact: to the right pull request, bounded, and plain."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.ci.support import GITHUB, Ran, run_script

HEAD = "a" * 40
BOT = {"login": "github-actions[bot]"}


@dataclass(slots=True)
class Hub:
    """An API on this machine: what it knows, and what it was asked."""

    address: str = ""
    pull: dict[str, Any] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    @property
    def posted(self) -> list[tuple[str, str]]:
        """Requests that change something."""
        return [(method, path) for method, path, _ in self.asked if method != "GET"]


@pytest.fixture
def hub() -> Iterator[Hub]:
    known = Hub(
        pull={
            "number": 7,
            "state": "open",
            "head": {"sha": HEAD, "repo": {"full_name": "stranger/shop"}},
        }
    )

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            known.asked.append((self.command, self.path, body))
            known.tokens.add(self.headers["Authorization"])
            path, _, query = self.path.partition("?")
            value: Any = {}
            if path == "/repos/team/shop/pulls/7":
                value = known.pull
            elif path == "/repos/team/shop/issues/7/comments" and self.command == "GET":
                page = int(query.rpartition("=")[2])
                value = known.comments[100 * (page - 1) : 100 * page]
            elif self.command == "GET":
                self.send_response(404)
                self.end_headers()
                return
            data = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the test looks at what was asked."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield known
        server.shutdown()
        thread.join()


@dataclass(frozen=True, slots=True)
class Post:
    """The script, with an artefact in `folder`/results."""

    folder: Path
    hub: Hub

    def __call__(self, *, event: str = "pull_request", sha: str = HEAD, owner: str = "stranger/shop") -> Ran:
        run = {"event": event, "head_sha": sha, "head_repository": {"full_name": owner}}
        (self.folder / "event.json").write_text(json.dumps({"workflow_run": run}))
        return run_script(
            GITHUB / "comment.py",
            self.folder,
            {
                "TM_ARTEFACT": "results",
                "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
                "GITHUB_REPOSITORY": "team/shop",
                "GITHUB_API_URL": self.hub.address,
                "GITHUB_TOKEN": "t0ken",
            },
            first=Path(sys.executable).parent,
        )


@pytest.fixture
def post(tmp_path: Path, hub: Hub) -> Post:
    (tmp_path / "results").mkdir()
    (tmp_path / "results/comment.md").write_text("### Verdict\n\n| a | b |\n| --- | --- |\n")
    (tmp_path / "results/number").write_text("7\n")
    return Post(tmp_path, hub)


def body(hub: Hub) -> str:
    text: str = hub.asked[-1][2]["body"]
    return text


def test_a_first_comment_is_posted(post: Post, hub: Hub) -> None:
    said = post()
    assert (said.code, said.err) == (0, "")
    assert hub.posted == [("POST", "/repos/team/shop/issues/7/comments")]
    assert hub.asked[-1][2] == {
        "body": "<!-- threatmodel-comment -->\n"
        "_Made by the checks of this pull request, from its own files._\n\n"
        "### Verdict\n\n| a | b |\n| --- | --- |\n"
    }
    assert hub.tokens == {"Bearer t0ken"}


def test_the_own_comment_is_written_anew_and_no_other(post: Post, hub: Hub) -> None:
    mark = "<!-- threatmodel-comment -->"
    hub.comments = [
        {"id": 1, "user": {"login": "stranger"}, "body": mark},
        {"id": 2, "user": BOT, "body": f"see {mark}"},
        *({"id": n, "user": {"login": "x"}, "body": ""} for n in range(3, 120)),
        {"id": 500, "user": BOT, "body": f"{mark}\nold"},
    ]
    assert post().code == 0
    assert hub.posted == [("PATCH", "/repos/team/shop/issues/comments/500")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sha": "b" * 40}, "is not the one of the run"),
        ({"sha": "main"}, "the event names no commit"),
        ({"owner": "somebody/else"}, "is not the one of the run"),
        ({"event": "push"}, "the run was not about a pull request"),
    ],
)
def test_an_event_about_something_else(post: Post, hub: Hub, change: dict[str, str], said: str) -> None:
    done = post(**change)
    assert done.code == 1
    assert said in done.err
    assert hub.posted == []


@pytest.mark.parametrize("pull", [{"state": "closed"}, {"head": {"sha": HEAD, "repo": None}}])
def test_a_pull_request_that_is_closed_or_without_a_repository(
    post: Post, hub: Hub, pull: dict[str, Any]
) -> None:
    hub.pull |= pull
    assert post().code == 1
    assert hub.posted == []


@pytest.mark.parametrize("number", ["", "0", "8", "-7", "7/../../8", "7 8", "07", "1" * 10, "٧", "x" * 100])
def test_a_number_that_is_not_that_of_the_run(post: Post, hub: Hub, number: str) -> None:
    (post.folder / "results/number").write_text(number)
    assert post().code == 1
    assert hub.posted == []


@pytest.mark.parametrize("name", ["comment.md", "number"])
@pytest.mark.parametrize("kind", ["missing", "link", "folder", "pipe", "huge", "not-text"])
def test_an_artefact_that_is_none(post: Post, hub: Hub, name: str, kind: str) -> None:
    path = post.folder / "results" / name
    path.unlink()
    if kind == "link":
        path.symlink_to("/etc/hostname")
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "huge":
        path.write_bytes(b"7" * 100_000)
    elif kind == "not-text":
        path.write_bytes(b"\xff")
    assert post().code == 1
    assert hub.asked == []


HOSTILE = {
    "mention": ("@team/owners and @user", ["@team", "@user"]),
    "picture": ("![x](https://evil.example/x.png) ![y][z]", ["![", "https://", "]("]),
    "link": ("[click](https://evil.example) [x]: //evil.example", ["](", "]:", "https://"]),
    "bare-link": ("https://evil.example www.evil.example WWW.evil.example", ["https://", "www.e", "WWW.e"]),
    "html": (
        "<img src=x><a href=y><DETAILS open><!-- x --><script>",
        ["<img", "<a ", "<DETAILS", "<!-- x", "<script"],
    ),
    "issue": ("closes #12, GH-3, team/shop#4", ["#12", "GH-3", "#4"]),
    "split-html": ("<<!-- x -->img src=x>", ["<img"]),
    "marker": ("x\n<!-- threatmodel-comment -->\n", ["threatmodel-comment"]),
    "controls": ("a\x1b[31m\u202eb\x00c", ["\x1b", "\u202e", "\x00"]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_text_of_a_stranger_is_plain(post: Post, hub: Hub, name: str) -> None:
    text, gone = HOSTILE[name]
    (post.folder / "results/comment.md").write_text(text)
    assert post().code == 0
    rest = body(hub).removeprefix("<!-- threatmodel-comment -->")
    assert [word for word in gone if word in rest] == []


def test_what_the_gate_writes_stays_as_it_is(post: Post, hub: Hub) -> None:
    marker = "<!-- threatmodel-gate -->\n"
    text = (
        "<details><summary>For information</summary>\n\n| Level | What |\n| --- | --- |\n"
        "| **block** | `F1`<br>a \\@ \\[c\\]\\(d\\) |\n\n</details>"
    )
    (post.folder / "results/comment.md").write_text(f"{marker}{text}")
    assert post().code == 0
    assert body(hub).endswith(f"own files._\n\n{text}\n")


def test_a_long_text_ends_at_a_line_and_closes_its_fence(post: Post, hub: Hub) -> None:
    (post.folder / "results/comment.md").write_text("```\n" + "x" * 50 + "\n" + ("y" * 99 + "\n") * 640)
    assert post().code == 0
    assert len(body(hub)) < 65_000
    assert body(hub).endswith("y\n\nThe rest is left out.\n```\n")


def test_what_is_cut_inside_a_fold_says_so_outside_of_it(post: Post, hub: Hub) -> None:
    text = "<details><summary>a</summary>\n\n" + ("y" * 99 + "\n") * 640 + "</details>\n"
    (post.folder / "results/comment.md").write_text(text)
    assert post().code == 0
    assert body(hub).endswith("y\n\n</details>\n\nThe rest is left out.\n")


def test_an_answer_that_is_odd(post: Post, hub: Hub) -> None:
    hub.pull = {"number": 7}
    done = post()
    assert done.code == 1
    assert "nothing was posted: KeyError" in done.err
    assert "Traceback" not in done.err
