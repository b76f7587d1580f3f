from __future__ import annotations

import os
import select
from pathlib import Path

import pytest

from threatmodel.core.errors import SourceUnavailable
from threatmodel.source.git import clean_environment, commit_seconds, run_git


def _run(folder: Path, script: str, **limits: float) -> bytes:
    """Run a shell command as a child of git, as a transport helper would be."""
    return run_git(
        ("-c", f"alias.script=!{script}", "script"),
        environment=clean_environment(folder),
        directory=folder,
        seconds=limits.get("seconds", 60.0),
        max_output=int(limits.get("max_output", 1000)),
    ).out


def test_nothing_of_the_surroundings_reaches_git(tmp_path: Path) -> None:
    lines = _run(tmp_path, "env", max_output=100_000).decode().splitlines()
    names = {line.partition("=")[0] for line in lines}
    by_shell = {"PWD", "OLDPWD", "SHLVL", "_"}
    by_git = {"GIT_PREFIX", "GIT_CONFIG_PARAMETERS", "GIT_PAGER", "GIT_EXEC_PATH", "GIT_LITERAL_PATHSPECS"}
    assert names - by_shell - by_git <= set(clean_environment(tmp_path))
    assert {"PATH", "HOME", "GIT_CONFIG_NOSYSTEM", "GIT_NO_LAZY_FETCH", "GIT_NO_REPLACE_OBJECTS"} <= names


def test_the_whole_process_group_is_killed_at_the_time_limit(tmp_path: Path) -> None:
    for name in ("held", "never"):
        os.mkfifo(tmp_path / name)
    reader = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(SourceUnavailable, match=r"did not end within 0\.5 seconds"):
            _run(tmp_path, "exec 3>held; cat never", seconds=0.5)
        poll = select.poll()
        poll.register(reader, select.POLLIN)
        poll.poll(10_000)
        assert os.read(reader, 1) == b""  # end of file: nobody holds the other end any more
    finally:
        os.close(reader)


def test_endless_output_is_cut_off(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="more than 1000 bytes"):
        _run(tmp_path, "yes", max_output=1000)


def test_output_up_to_the_limit_is_kept(tmp_path: Path) -> None:
    assert _run(tmp_path, "printf 12345", max_output=5) == b"12345"


def test_endless_messages_do_not_fill_the_memory(tmp_path: Path) -> None:
    assert _run(tmp_path, "head -c 1000000 /dev/zero >&2; echo done") == b"done\n"


@pytest.mark.parametrize(
    ("commit", "seconds"),
    [
        (b"tree x\ncommitter C <c@d> 1700000000 +0200\n\ntext", 1_700_000_000),
        (b"tree x\ncommitter C > <c@d> 7 -0000\n\n", 7),
        (b"tree x\ncommitter C <c@d> -7 +0000\n\n", None),
        (b"tree x\ncommitter C <c@d> 9999999999999 +0000\n\n", None),
        (b"tree x\n\ncommitter C <c@d> 7 +0000\n", None),
        (b"", None),
    ],
)
def test_commit_time(commit: bytes, seconds: int | None) -> None:
    assert commit_seconds(commit) == seconds
