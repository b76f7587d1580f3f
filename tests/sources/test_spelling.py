"""What `--source` means: a tree, or the name of a source and its tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from collateral.cli.sources import split_sources
from threatmodel.core.errors import UsageError


@pytest.mark.parametrize(
    ("texts", "own", "named"),
    [
        ([], None, {}),
        (["../x@v1"], "../x@v1", {}),
        (["lib=../x@v1"], None, {"lib": "../x@v1"}),
        (["lib=a=b"], None, {"lib": "a=b"}),
        (["lib=/x", "y", "other-lib=https://h/p@v1"], "y", {"lib": "/x", "other-lib": "https://h/p@v1"}),
        (["tiny=../x"], "../x", {}),
        (["./lib=x"], "./lib=x", {}),
        (["https://host/p?a=b@v1"], "https://host/p?a=b@v1", {}),
        (["git@host:a=b@v1"], "git@host:a=b@v1", {}),
        (["lib=there"], "lib=there", {}),
        (["lib=there@v1"], "lib=there@v1", {}),
        (["nobody=there@v1"], "nobody=there@v1", {}),
        (["lib=absent@v1"], None, {"lib": "absent@v1"}),
    ],
)
def test_a_tree_or_a_name(tmp_path: Path, texts: list[str], own: str | None, named: dict[str, str]) -> None:
    for folder in ("lib=there", "nobody=there"):
        (tmp_path / folder).mkdir()
    assert split_sources(texts, ["lib", "other-lib"], "tiny", tmp_path) == (own, named)


@pytest.mark.parametrize(
    ("texts", "code", "hint"),
    [
        (["libb=x"], "U023", 'did you mean "lib"?'),
        (["zzz=x"], "U023", "the model declares lib"),
        (["tinny=x"], "U023", 'did you mean "tiny"?'),
        (["lib=x", "lib=y"], "U024", ""),
        (["x", "y"], "U024", ""),
        (["x", "tiny=y"], "U024", ""),
    ],
)
def test_refused(tmp_path: Path, texts: list[str], code: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        split_sources(texts, ["lib"], "tiny", tmp_path)
    found = caught.value.diagnostics[0]
    assert (found.code, found.hint) == (code, hint)
