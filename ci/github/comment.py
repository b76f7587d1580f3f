#!/usr/bin/env python3
"""Writes one comment on a pull request, from an artefact that the pull request's own code may have made.

Runs in the trusted workflow, with the standard library alone. Everything in the artefact is hostile: it is bounded, what
could mention people, load pictures, link or draw HTML is made plain, and the number of the pull request counts only
where the pull request's head is the commit that the run was about.

Reads: TM_ARTEFACT (folder), GITHUB_EVENT_PATH, GITHUB_REPOSITORY, GITHUB_API_URL, GITHUB_TOKEN.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

MARKER = "<!-- threatmodel-comment -->"
INTRO = "_Made by the checks of this pull request, from its own files._"
MAX_BYTES = 65_000
MAX_CHARS = 60_000
MAX_PAGES = 30
MAX_ANSWER = 8 * 1024 * 1024
BOT = "github-actions[bot]"

_HIDDEN = re.compile(r"<!--[ A-Za-z0-9:_-]{0,100}-->\n?")
_NOT_ALLOWED = re.compile(r"<(?!/?(?:details|summary|br|sub|sup)>)", re.IGNORECASE)
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_NOTHING = "\u200b"


class Refused(Exception):
    """Something is not as it must be; nothing is posted."""


def read(folder: Path, name: str, limit: int) -> str:
    """A small text file of the artefact."""
    path = folder / name
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise Refused(f"{name} is not a plain file")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Refused(f"{name} cannot be read") from error
    if len(data) > limit:
        raise Refused(f"{name} is larger than {limit} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"{name} is not UTF-8") from error


def plain(text: str) -> str:
    """Markdown that mentions nobody, links nowhere, loads nothing and holds no HTML but folding and line breaks."""
    text = "".join(char for char in text if char == "\n" or char.isprintable() or char == "\t")
    text = _NOT_ALLOWED.sub("&lt;", _HIDDEN.sub("", text))
    text = text.replace("![", "!\\[").replace("](", "]\\(").replace("]:", "]\\:").replace("][", "]\\[")
    text = text.replace("://", f":{_NOTHING}//")
    text = re.sub(r"(?i)\bwww\.", f"www{_NOTHING}.", text)
    text = re.sub(r"@(?=[A-Za-z0-9])", f"@{_NOTHING}", text)
    return re.sub(r"(?i)(#|\bGH-)(?=[0-9])", rf"\1{_NOTHING}", text)


def body_of(text: str) -> str:
    """The comment: marker, where it comes from, then the artefact's text."""
    text = plain(text)
    if len(text) > MAX_CHARS:
        text = text[:MAX_CHARS].rsplit("\n", 1)[0]
        text += "\n\n</details>" * (text.lower().count("<details>") - text.lower().count("</details>"))
        text += "\n\nThe rest is left out."
    if text.count("```") % 2:
        text += "\n```"
    return f"{MARKER}\n{INTRO}\n\n{text.strip()}\n"


class Api:
    """GitHub's REST API for one repository."""

    def __init__(self, address: str, repository: str, token: str) -> None:
        if not address.startswith(("https://", "http://127.0.0.1:")):
            raise Refused("the API's address is not https")
        if not _REPOSITORY.fullmatch(repository):
            raise Refused("that is no repository")
        self._base = f"{address}/repos/{repository}"
        self._token = token

    def __call__(self, method: str, path: str, value: Any = None) -> Any:
        """One request; its answer as JSON."""
        request = urllib.request.Request(  # noqa: S310  # __init__ has looked at the address
            f"{self._base}{path}",
            method=method,
            data=None if value is None else json.dumps(value).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.loads(answer.read(MAX_ANSWER))
        except urllib.error.HTTPError as error:
            raise Refused(f"{method} {path} was answered with {error.code}") from error
        except (OSError, ValueError) as error:
            raise Refused(f"{method} {path} was not answered with JSON") from error


def checked_number(api: Api, text: str, run: Any) -> int:
    """The number in the artefact, where that pull request is open and its head is the commit of the run."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise Refused("the artefact names no pull request")
    head = str(run["head_sha"])
    if not _COMMIT.fullmatch(head):
        raise Refused("the event names no commit")
    found = api("GET", f"/pulls/{int(text)}")
    source = (found["head"].get("repo") or {}).get("full_name")
    same = found["head"]["sha"] == head and source == run["head_repository"]["full_name"]
    if found["state"] != "open" or not same:
        raise Refused("the pull request that the artefact names is not the one of the run")
    return int(found["number"])


def own_comment(api: Api, number: int) -> int | None:
    """The comment of an earlier run, which is written anew."""
    for page in range(1, MAX_PAGES + 1):
        rows = api("GET", f"/issues/{number}/comments?per_page=100&page={page}")
        for row in rows:
            if row["user"]["login"] == BOT and row["body"].startswith(MARKER):
                return int(row["id"])
        if len(rows) < 100:
            break
    return None


def main() -> int:
    """Post, or write anew."""
    env = os.environ
    try:
        event = json.loads(Path(env["GITHUB_EVENT_PATH"]).read_bytes())
        run = event["workflow_run"]
        if run["event"] != "pull_request":
            raise Refused("the run was not about a pull request")
        folder = Path(env["TM_ARTEFACT"])
        body = body_of(read(folder, "comment.md", MAX_BYTES))
        number_text = read(folder, "number", 16)
        api = Api(env["GITHUB_API_URL"], env["GITHUB_REPOSITORY"], env["GITHUB_TOKEN"])
        number = checked_number(api, number_text, run)
        known = own_comment(api, number)
        if known is None:
            api("POST", f"/issues/{number}/comments", {"body": body})
        else:
            api("PATCH", f"/issues/comments/{known}", {"body": body})
    except Refused as refused:
        print(f"::error::nothing was posted: {refused}", file=sys.stderr)
        return 1
    except (KeyError, TypeError, AttributeError) as error:
        print(
            f"::error::nothing was posted: {type(error).__name__} in an answer or the event", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
