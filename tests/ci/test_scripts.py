"""The scripts of the templates, run: with a stand-in for the program, and with the program itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from collateral.cli.main import COMMANDS
from tests.bundle.signed import Signed, new_signed
from tests.bundle.support import files_of
from tests.ci.support import GITHUB, ZUUL, Ran, make_fake, run_script
from tests.collateral.support import INIT, SOURCE, TOML, git, make_repository, write_files

FLOW = '    Flow("T9", client, store, "Direct", protocol="SQL", data=[NOTES])'
PROGRAMS = Path(sys.prefix) / "bin"


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder with stand-ins for `threatmodel` and `gh`."""

    folder: Path

    def __call__(
        self, script: str, environ: dict[str, str], answers: dict[str, tuple[str, int]] | None = None
    ) -> Ran:
        fake = make_fake(self.folder / "fake", "threatmodel", "gh")
        more = {"FAKE_LOG": str(self.folder / "log"), "FAKE_ANSWERS": json.dumps(answers or {})}
        return run_script(GITHUB / script, self.folder, {**more, **environ}, first=fake)

    @property
    def calls(self) -> list[list[str]]:
        """How the stand-ins were called."""
        log = self.folder / "log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "subject").mkdir()
    return Desk(tmp_path)


PULL = {
    "TM_CHECKOUT": "subject",
    "TM_MODEL": "models/shop",
    "TM_BASE": "HEAD^1",
    "TM_HEAD": "HEAD",
    "TM_NUMBER": "7",
    "TM_OUT": "out",
}
BOTH = {"gate": ("gate says\n", 0), "diff": ("diff says\n", 0)}


def test_a_change_is_judged_and_compared(desk: Desk) -> None:
    summary = desk.folder / "summary"
    more = {"TM_SOURCE_BASE": ".@HEAD^1", "TM_SOURCE_HEAD": ".@HEAD", "GITHUB_STEP_SUMMARY": str(summary)}
    said = desk("pull-request.sh", {**PULL, **more}, BOTH)
    assert (said.code, said.err) == (0, "")
    trees = ["--source-base", ".@HEAD^1", "--source-head", ".@HEAD"]
    sides = ["models/shop", "--base", "HEAD^1", "--head", "HEAD", *trees]
    assert desk.calls == [
        ["threatmodel", "gate", *sides, "--enforce", "--format", "markdown"],
        ["threatmodel", "gate", *sides, "--format", "sarif"],
        ["threatmodel", "diff", "HEAD^1", "HEAD", "models/shop", *trees, "--format", "markdown"],
    ]
    out = files_of(desk.folder / "out")
    assert out["comment.md"] == summary.read_bytes() == b"gate says\n\ndiff says\n"
    assert (out["number"], out["status"]) == (b"7\n", b"0\n")


def test_both_states_are_scanned_where_there_are_scanners(desk: Desk) -> None:
    temp = desk.folder / "temp"
    temp.mkdir()
    more = {
        "TM_SOURCE_BASE": ".@HEAD^1",
        "TM_SOURCE_HEAD": ".@HEAD",
        "TM_TOOLS": "tools",
        "RUNNER_TEMP": str(temp),
    }
    assert desk("pull-request.sh", {**PULL, **more}, {**BOTH, "scan": ("", 3)}).code == 0
    first, second, gate = desk.calls[:3]
    private = ["--edition", "private", "--format", "sarif", "--tools", "tools", "-o"]
    assert first[1:-1] == ["scan", ".@HEAD^1", *private]
    assert second[1:-1] == ["scan", ".@HEAD", *private]
    at = gate.index("--findings-base")
    assert gate[at : at + 4] == ["--findings-base", first[-1], "--findings-head", second[-1]]
    assert Path(first[-1]).parent.parent == temp
    assert list(temp.iterdir()) == []
    assert desk("pull-request.sh", {**PULL, **more}, {**BOTH, "scan": ("", 2)}).code == 2
    assert list(temp.iterdir()) == []


@pytest.mark.parametrize(
    ("gate", "diff", "more", "code"),
    [
        (0, 0, {}, 0),
        (10, 0, {}, 10),
        (12, 3, {}, 12),
        (3, 0, {}, 3),
        (3, 0, {"TM_INCOMPLETE": "warn"}, 0),
        (0, 3, {}, 3),
        (0, 4, {}, 4),
        (0, 4, {"TM_INCOMPLETE": "warn"}, 4),
        (1, 1, {"TM_INCOMPLETE": "warn"}, 1),
    ],
)
def test_the_job_ends_as_the_gate_does(
    desk: Desk, gate: int, diff: int, more: dict[str, str], code: int
) -> None:
    said = desk("pull-request.sh", {**PULL, **more}, {"gate": ("g\n", gate), "diff": ("d\n", diff)})
    assert said.code == code
    assert (desk.folder / "out/status").read_text() == f"{gate}\n"


def test_the_comment_says_that_there_was_no_answer(desk: Desk) -> None:
    said = desk("pull-request.sh", PULL, {"gate": ("", 4), "diff": ("", 4)})
    assert said.code == 4
    text = (desk.folder / "out/comment.md").read_text()
    assert "The gate did not come to an answer (exit code 4)." in text
    assert "The model could not be compared (exit code 4)." in text


def test_a_report_only_gate_does_not_enforce(desk: Desk) -> None:
    desk("pull-request.sh", {**PULL, "TM_ENFORCE": "false"}, BOTH)
    assert "--enforce" not in desk.calls[0]


def test_a_long_comment_is_cut_at_a_line(desk: Desk) -> None:
    desk("pull-request.sh", PULL, {"gate": ("ä" * 49 + "\n", 0), "diff": (("y" * 99 + "\n") * 700, 0)})
    text = (desk.folder / "out/comment.md").read_bytes().decode()
    assert len(text.encode()) <= 60_200
    assert text.endswith("y\n\n\nThe rest is left out here. The artefact of the job has all of it.\n")
    assert len(files_of(desk.folder / "out")["whole.md"]) > 70_000


def test_what_is_cut_inside_a_fold_says_so_outside_of_it(desk: Desk) -> None:
    table = "<details><summary>Model</summary>\n\n" + ("y" * 99 + "\n") * 700 + "\n</details>\n"
    whole = "<details><summary>For information</summary>\n\nx\n\n</details>\n"
    desk("pull-request.sh", PULL, {"gate": (whole, 0), "diff": (table, 0)})
    text = (desk.folder / "out/comment.md").read_bytes().decode()
    assert text.count("<details>") == text.count("</details>") == 2
    assert text.endswith(
        "</details>\n\n\nThe rest is left out here. The artefact of the job has all of it.\n"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "") for name in ("TM_CHECKOUT", "TM_MODEL", "TM_BASE", "TM_HEAD", "TM_OUT")),
        *((name, "--cache=/etc") for name in ("TM_MODEL", "TM_BASE", "TM_HEAD", "TM_OUT")),
        ("TM_BASE", "a\nb"),
        ("TM_SOURCE_BASE", "."),
        ("TM_SOURCE_HEAD", "--source"),
    ],
)
def test_values_that_are_missing_or_look_like_options(desk: Desk, name: str, value: str) -> None:
    said = desk("pull-request.sh", {**PULL, name: value}, BOTH)
    assert said.code == 2
    assert "::error::" in said.err
    assert desk.calls == []


@pytest.mark.parametrize("text", ["$(touch hit)", "`touch hit`", "; touch hit", "a b", "*", "'\"\\"])
def test_values_are_words_and_never_code(desk: Desk, text: str) -> None:
    assert desk("pull-request.sh", {**PULL, "TM_MODEL": text, "TM_NUMBER": text}, BOTH).code == 0
    assert desk.calls[0][2] == text
    assert not list(desk.folder.rglob("hit"))


def test_a_release_is_built_with_an_archive_and_verified(desk: Desk) -> None:
    environ = {
        "TM_CHECKOUT": "subject",
        "TM_MODEL": "m",
        "TM_RELEASE": "1.0",
        "TM_OUT": "out",
        "TM_SOURCE": ".@HEAD",
    }
    more = {"TM_TOOLS": "tools", "TM_PREVIOUS": "old", "GITHUB_OUTPUT": str(desk.folder / "output")}
    said = desk("build.sh", {**environ, **more}, {"build": ("some/shop-1.0\n", 3)})
    assert said.code == 0
    assert "::warning::" in said.err
    out = str(desk.folder / "out")
    assert desk.calls == [
        [
            *("threatmodel", "build", "m", "-o", out, "--release", "1.0", "--archive"),
            *("--source", ".@HEAD", "--tools", "tools", "--previous", "old"),
        ],
        ["threatmodel", "verify", "some/shop-1.0"],
    ]
    assert (desk.folder / "output").read_text() == "name=shop-1.0\n"
    assert desk("build.sh", {**environ, "TM_INCOMPLETE": "fail"}, {"build": ("x", 3)}).code == 3
    assert desk("build.sh", environ, {"build": ("x", 4)}).code == 4
    assert desk("build.sh", environ, {"build": ("x", 0), "verify": ("", 13)}).code == 13


@pytest.mark.parametrize("step", ["", "sign", "../run", "build; id"])
def test_the_action_knows_its_steps(desk: Desk, step: str) -> None:
    assert desk("run.sh", {"TM_STEP": step}).code == 2


def test_a_draft_gets_the_files_and_a_published_release_none(desk: Desk) -> None:
    bundle = new_signed(desk.folder / "out").make("1.0")
    environ = {"TM_OUT": "out", "TM_NAME": bundle.name, "TM_TAG": "1.0", "GH_REPO": "team/shop"}
    said = desk("upload.sh", environ, {"release": ("false\n", 0)})
    assert said.code == 2
    assert "release 1.0 is not a draft" in said.err
    assert len(desk.calls) == 1
    assert desk("upload.sh", environ, {"release": ("true\n", 0)}).code == 0
    assert desk.calls[-1] == [
        *("gh", "release", "upload", "1.0", "--clobber", "--"),
        *(f"shop-1.0{suffix}" for suffix in (".tar.gz", ".SHA256SUMS", ".SHA256SUMS.sig", ".intoto.jsonl")),
    ]
    (desk.folder / "out/shop-1.0.intoto.jsonl").unlink()
    assert desk("upload.sh", environ, {"release": ("true\n", 0)}).code == 2


# With the program itself.


@pytest.fixture
def signed(tmp_path: Path) -> Signed:
    return new_signed(tmp_path / "out")


@pytest.mark.slow
def test_a_bundle_is_signed_with_a_key_that_leaves_no_trace(tmp_path: Path, signed: Signed) -> None:
    signed.make("1.0", sign=False)
    (tmp_path / "temp").mkdir()
    key = (signed.folder / "keys/signing.key").read_text()
    environ = {
        "TM_OUT": "out",
        "TM_NAME": "shop-1.0",
        "TM_BUILDER": "https://example.org/ci",
        "TM_PUBLIC_KEY": "out/keys/signing.pub",
        "RUNNER_TEMP": str(tmp_path / "temp"),
    }
    said = run_script(GITHUB / "sign.sh", tmp_path, {**environ, "TM_SIGNING_KEY": key}, first=PROGRAMS)
    assert (said.code, said.err) == (0, "")
    assert said.out.count("signed by sha256:") == 3
    assert key.splitlines()[1] not in said.out
    assert list((tmp_path / "temp").iterdir()) == []
    said = run_script(GITHUB / "sign.sh", tmp_path, environ, first=PROGRAMS)
    assert (said.code, "there is no signing key" in said.err) == (2, True)
    other = new_signed(tmp_path / "other")
    wrong = (other.folder / "keys/signing.key").read_text()
    said = run_script(GITHUB / "sign.sh", tmp_path, {**environ, "TM_SIGNING_KEY": wrong}, first=PROGRAMS)
    assert said.code == 13
    assert list((tmp_path / "temp").iterdir()) == []


@pytest.mark.slow
def test_pages_get_one_folder_for_each_release(tmp_path: Path, signed: Signed) -> None:
    pages = make_repository(tmp_path / "pages", {"index.html": "the project's own page\n"})
    environ = {
        "TM_OUT": "out",
        "TM_PUBLIC_KEY": "out/keys/signing.pub",
        "TM_PAGES": "pages",
        **{
            f"GIT_{role}_{key}": "a@example.org"
            for role in ("AUTHOR", "COMMITTER")
            for key in ("NAME", "EMAIL")
        },
    }

    def put(release: str, **more: str) -> Ran:
        values = {**environ, "TM_NAME": f"shop-{release}", "TM_RELEASE": release, **more}
        return run_script(GITHUB / "pages.sh", tmp_path, values, first=PROGRAMS)

    first, second = signed.make("1.0"), signed.make("2.0")
    shutil.rmtree(first)
    assert put("1.0").code == 0
    assert put("2.0").code == 0
    assert git(pages, "status", "--porcelain") == ""
    assert git(pages, "log", "--format=%s").splitlines()[0] == "docs: security collateral of 2.0"
    tracked = git(pages, "ls-files").splitlines()
    assert {"index.html", ".nojekyll", "collateral/1.0/index.html", "collateral/2.0/SHA256SUMS"} <= set(
        tracked
    )
    assert files_of(pages / "collateral/2.0") == files_of(second)
    again = put("1.0")
    assert (again.code, "is there already" in again.err) == (2, True)
    signed.make("3.0", sign=False)
    assert put("3.0").code == 13
    assert put("../4").code == 2
    assert put("1.0", TM_NAME="shop-2.0", TM_RELEASE="5.0").code == 13  # another release than it says
    with (signed.folder / "shop-2.0.tar.gz").open("ab") as file:
        file.write(b"x")
    assert put("6.0", TM_NAME="shop-2.0").code == 13
    assert sorted(path.name for path in (pages / "collateral").iterdir()) == ["1.0", "2.0"]


@pytest.mark.slow
@pytest.mark.bundle
def test_a_release_is_built_for_real(tmp_path: Path) -> None:
    toml = TOML.replace('source = "../source"\n', "")
    files = {**SOURCE, "model/__init__.py": INIT, "model/threatmodel.toml": toml}
    make_repository(tmp_path / "subject", files)
    environ = {
        "TM_STEP": "build",
        "TM_CHECKOUT": "subject",
        "TM_MODEL": "model",
        "TM_RELEASE": "1.0",
        "TM_SOURCE": ".@1.0",
        "TM_OUT": "out",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    said = run_script(GITHUB / "run.sh", tmp_path, environ, first=PROGRAMS)
    assert said.code == 0, said.err
    assert (tmp_path / "output").read_text() == "name=tiny-1.0\n"
    with tarfile.open(tmp_path / "out/tiny-1.0.tar.gz") as tar:
        assert "tiny-1.0/SHA256SUMS" in tar.getnames()


@pytest.mark.slow
@pytest.mark.skipif(not {"gate", "diff"} <= {*COMMANDS}, reason="gate and diff are not among the commands")
@pytest.mark.parametrize("kind", ["same", "flow", "broken"])
def test_a_pull_request_from_a_fork_is_judged_for_real(tmp_path: Path, kind: str) -> None:
    """The merge commit of a pull request, with no secret in the environment."""
    toml = TOML.replace('source = "../source"\n', "")
    subject = make_repository(
        tmp_path / "subject", {**SOURCE, "model/__init__.py": INIT, "model/threatmodel.toml": toml}
    )
    git(subject, "checkout", "--quiet", "-b", "fork")
    change = {
        "same": INIT + "\n# only a comment\n",
        "flow": INIT.replace(
            "\n\nMODEL =",
            '    Flow("T9", client, store, "Direct", protocol="SQL", data=[NOTES])\n\n\nMODEL =',
        ),
        "broken": INIT + "\n1 / 0\n",
    }[kind]
    write_files(subject, {"model/__init__.py": change})
    git(subject, "commit", "--quiet", "--all", "--message", "change")
    git(subject, "checkout", "--quiet", "main")
    git(subject, "merge", "--quiet", "--no-ff", "--message", "merge", "fork")
    subject.rename(tmp_path / "origin")
    git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{tmp_path}/origin", "subject")
    environ = {
        **PULL,
        "TM_STEP": "pull-request",
        "TM_MODEL": "model",
        "TM_SOURCE_BASE": ".@HEAD^1",
        "TM_SOURCE_HEAD": ".@HEAD",
        "TM_PICTURES": "true",
    }
    said = run_script(GITHUB / "run.sh", tmp_path, environ, first=PROGRAMS)
    out = files_of(tmp_path / "out")
    assert said.code == {"same": 0, "flow": 0, "broken": 4}[kind], said.err
    assert out["number"] == b"7\n"
    text = out["comment.md"].decode()
    if kind == "flow":
        assert "`+` flow `T9`" in text
        assert [name for name in out if name.startswith("pictures/")]
    if kind == "broken":
        assert "did not come to an answer (exit code 4)" in text
    argv = [sys.executable, "-I", str(ZUUL / "file_comments.py"), str(tmp_path / "out/gate.sarif")]
    comments = json.loads(subprocess.run(argv, capture_output=True, check=True).stdout)
    levels = {row["level"] for rows in comments.values() for row in rows}
    assert levels <= {"error", "warning", "info"}


def sarif(
    uri: str = "model/a.py", line: int = 3, level: str = "error", text: str = "Bad\x1b"
) -> dict[str, Any]:
    region = {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}
    result = {
        "ruleId": "r",
        "level": level,
        "message": {"text": text},
        "locations": [{"physicalLocation": region}],
    }
    return {"runs": [{"results": [result] * (200 if text == "many" else 1)}]}


@pytest.mark.parametrize(
    ("log", "found"),
    [
        (sarif(), {"model/a.py": [{"line": 3, "message": "r: Bad", "level": "error"}]}),
        (
            sarif(uri="a%20b", line=0, level="note"),
            {"a b": [{"line": 1, "message": "r: Bad", "level": "info"}]},
        ),
        (sarif(uri="../a"), {}),
        (sarif(uri="/etc/passwd"), {}),
        (sarif(uri="a%0Ab"), {}),
        ([], {}),
        ({"runs": [{"results": [{}]}]}, {}),
        ("[" * 100_000, {}),
    ],
)
def test_comments_on_lines_for_zuul(tmp_path: Path, log: Any, found: Any) -> None:
    path = tmp_path / "x.sarif"
    path.write_text(log if isinstance(log, str) else json.dumps(log))
    argv = [sys.executable, "-I", str(ZUUL / "file_comments.py"), str(path)]
    done = subprocess.run(argv, capture_output=True, text=True)
    assert (done.returncode, json.loads(done.stdout)) == (0, found)


def test_comments_for_zuul_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "x.sarif"
    path.write_text(json.dumps(sarif(text="many")))
    argv = [sys.executable, "-I", str(ZUUL / "file_comments.py"), str(path)]
    rows = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    assert len(rows["model/a.py"]) == 100
