"""Whatever goes wrong ends in a documented exit code and one clear line, with nothing on standard output."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from collateral.cli.main import COMMANDS
from tests.cli.harness import Broken, Cli
from tests.collateral.support import INIT, TOML, make_workspace, write_files

OUTPUT = ("-o", "out")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("chekc", "model"), "invalid choice: 'chekc'"),
        (("check", "model", "--confg", "x"), "unrecognized arguments: --confg x"),
        (("check",), "the following arguments are required: model"),
        (("check", "model", "--format", "xml"), "invalid choice: 'xml'"),
        (("threats", "model", "--format", "sarif"), "invalid choice: 'sarif'"),
        (
            ("threats", "model", "--config", "bare", "--all-configs"),
            "--all-configs: not allowed with argument --config",
        ),
        (("build", "model"), "the following arguments are required: -o/--output"),
        (("scan", "source", "--tools"), "argument --tools: expected one argument"),
    ],
)
def test_a_wrong_command_line(cli: Cli, argv: tuple[str, ...], message: str) -> None:
    said = cli(*argv)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("usage: threatmodel")
    assert message in said.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("check", "nowhere"), "U001  no model at nowhere; name a folder with __init__.py, or a .py file"),
        (("check", "source"), "U001  source has no __init__.py; a model is a package that exposes MODEL"),
        (
            ("check", "model/threatmodel.toml"),
            "U001  model/threatmodel.toml is no model; name the folder that",
        ),
        (
            ("check", "model", "--config", "gaurded"),
            'U003  no configuration "gaurded"; did you mean "guarded"?',
        ),
        (
            ("threats", "model", "--config", "zzz"),
            'U003  no configuration "zzz"; configurations are guarded, bare',
        ),
        (
            ("check", "model", "--as-of", "2026-02-30"),
            "U004  '2026-02-30' is not an ISO 8601 date; write 2026-11-22",
        ),
        (("verify", "nowhere"), "U006  no bundle nowhere; name the bundle's folder or its .tar.gz"),
        (
            ("build", "model", *OUTPUT, "--release", "../x"),
            "U007  release '../x'; letters, digits and . + _ -",
        ),
        (("claims", "model", "--source", "ftp://x/y@1"), "ftp:// is not supported"),
    ],
)
def test_a_wrong_name(cli: Cli, argv: tuple[str, ...], message: str) -> None:
    said = cli(*argv)
    assert (said.code, said.out) == (2, "")
    assert message in said.err
    assert len(said.err.splitlines()) == 1
    assert not (cli.cwd / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize("text", ["x", "-1", "1.5", " 1", "1e9", "99999999999999999999", "٣"])
def test_a_bad_source_date_epoch(cli: Cli, text: str) -> None:
    said = cli("build", "model", *OUTPUT, environ={"SOURCE_DATE_EPOCH": text})
    assert (said.code, said.out) == (2, "")
    assert said.err == f"U002  SOURCE_DATE_EPOCH is {text!r}; seconds since 1970-01-01 UTC, a whole number\n"


@pytest.mark.slow
def test_a_build_without_a_date_or_a_release(cli: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, source=False)
    said = cli.at(tmp_path)("build", "model", *OUTPUT)
    assert (said.code, said.out) == (2, "")
    assert "U008  there is no date to build for" in said.err
    (tmp_path / "model/threatmodel.toml").write_text(TOML.replace('release = "1.0"', ""))
    said = cli.at(tmp_path)("build", "model", *OUTPUT)
    assert (said.code, said.err) == (2, "U009  no release; name one with --release\n")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "threats", "claims"])
def test_an_invalid_model_is_told_by_file_line_and_hint(cli: Cli, tmp_path: Path, command: str) -> None:
    init = INIT.replace('provides=["peer-authentication"]', 'provides=["peer-authentification"]')
    line = init[: init.index('    "caller-tokens"')].count("\n")
    make_workspace(tmp_path, init=init, source=False)
    said = cli.at(tmp_path)(command, "model")
    assert (said.code, said.out) == (4, "")
    place, _, rest = said.err.partition("  ")
    assert place in {f"model/__init__.py:{line}", f"model/__init__.py:{line + 1}"}
    assert 'did you mean "peer-authentication"?' in rest


RECORDS = {
    "response.yaml": ("intakes: []\n", "model/response.yaml:1  D031  "),
    "advisories.yaml": ("advisory: []\n", "model/advisories.yaml:1  D041  "),
    "third-party-advisories.yaml": ("advisory: []\n", "model/third-party-advisories.yaml:1  D041  "),
    "pentest/one.yaml": ("kinds: pentest\n", "model/pentest/one.yaml:1  D041  "),
    "why.yaml": ("titel: T\n", "model/why.yaml:1  D041  "),
    "dispositions.yaml": ("findings: [{}]\n", "model/dispositions.yaml:1  "),
    "threatmodel.toml": ("\n[gate]\nwarn-day = 3\n", "  M028  [gate] unknown key"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RECORDS)
def test_check_reads_policy_and_records_too(cli: Cli, tmp_path: Path, name: str) -> None:
    make_workspace(tmp_path, source=False)
    text, told = RECORDS[name]
    path = tmp_path / "model" / name
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
    said = cli.at(tmp_path)("check", "model")
    assert (said.code, said.out) == (4, "")
    assert told in said.err


@pytest.mark.slow
def test_check_reports_the_problems_of_all_records_at_once(cli: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, source=False)
    for name in ("response.yaml", "advisories.yaml"):
        (tmp_path / "model" / name).write_text(RECORDS[name][0], encoding="utf-8")
    said = cli.at(tmp_path)("check", "model")
    assert all(RECORDS[name][1] in said.err for name in ("response.yaml", "advisories.yaml"))


@pytest.mark.slow
def test_a_boundary_path_names_elements_of_the_model(cli: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, source=False)
    entry = '[[gate.boundary-paths]]\nname = "api"\npaths = ["app/**"]\nelements = ["servce"]\n'
    manifest = tmp_path / "model/threatmodel.toml"
    manifest.write_text(f"{TOML}{entry}", encoding="utf-8")
    said = cli.at(tmp_path)("check", "model")
    assert said.code == 4
    assert 'M028  boundary path "api": the model has no element "servce"; did you mean "service"?' in said.err
    manifest.write_text(TOML + entry.replace("servce", "service"), encoding="utf-8")
    assert cli.at(tmp_path)("check", "model").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["response.yml", "pentest/one.yml"])
def test_a_record_with_an_ending_that_nobody_reads_is_named(cli: Cli, tmp_path: Path, name: str) -> None:
    make_workspace(tmp_path, source=False)
    (tmp_path / "model/pentest").mkdir()
    (tmp_path / "model" / name).write_text("{}\n", encoding="utf-8")
    said = cli.at(tmp_path)("check", "model")
    assert said.code == 0
    assert f"model/{name}  M033  the file is not read; name it {Path(name).stem}.yaml" in said.err


@pytest.mark.slow
def test_an_orphaned_disposition_is_an_error(cli: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, source=False)
    decision = "{threat: CORE-005@T9, decision: accepted, reason: r, owner: o, expires: 2027-01-01}"
    write_files(tmp_path, {"model/dispositions.yaml": f"dispositions:\n  - {decision}\n"})
    said = cli.at(tmp_path)("check", "model")
    assert (said.code, said.out) == (4, "")
    assert said.err.startswith('model/dispositions.yaml:2  D005  no threat "CORE-005@T9"')


@pytest.mark.slow
@pytest.mark.parametrize("command", ["claims", "threats", "scan"])
def test_a_source_that_is_not_there_is_incomplete(cli: Cli, command: str) -> None:
    argv = ("scan", "nowhere") if command == "scan" else (command, "model", "--source", "nowhere")
    said = cli(*argv)
    assert (said.code, said.out) == (3, "")
    assert "nowhere: there is no such directory" in said.err


@pytest.mark.slow
def test_claims_without_any_source(cli: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, toml=TOML.replace('source = "../source"', ""), source=False)
    said = cli.at(tmp_path)("claims", "model")
    assert (said.code, said.err) == (2, "U005  no source tree; name one with --source\n")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["claims", "threats"])
def test_a_claim_whose_place_is_gone_is_incomplete(cli: Cli, tmp_path: Path, command: str) -> None:
    write_files(tmp_path, {"readme": ""})
    said = cli(command, "model", "--source", str(tmp_path))
    assert said.code == 3
    assert said.out


@pytest.mark.slow
def test_an_output_below_a_file_is_refused_before_any_work(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    said = cli("build", "model", "-o", str(tmp_path / "file" / "out"))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("U010  Not a directory: ")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.slow
def test_a_scan_report_that_cannot_be_written_leaves_nothing(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    said = cli("scan", "source", "--tools", "tools", "-o", str(tmp_path / "taken"))
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines()[-1].startswith("U010  Is a directory: ")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.slow
@pytest.mark.parametrize("at_flush", [False, True])
@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (FULL, 2, "U010  No space left on device\n"),
        (BrokenPipeError(), 141, ""),
        (KeyboardInterrupt(), 130, "stopped\n"),
        (
            ZeroDivisionError("a\nb\x1b[31m"),
            1,
            "a fault of this program: ZeroDivisionError: a b<U+001B>[31m; THREATMODEL_DEBUG=1 shows where\n",
        ),
    ],
    ids=["full", "pipe", "interrupt", "fault"],
)
def test_output_that_cannot_be_written(
    cli: Cli, error: BaseException, code: int, message: str, at_flush: bool
) -> None:
    said = cli("check", "model", stdout=Broken(error, at_flush=at_flush))
    assert (said.code, said.err) == (code, message)


@pytest.mark.slow
def test_a_fault_shows_its_place_on_request_only(cli: Cli) -> None:
    stream = Broken(ZeroDivisionError("x"))
    said = cli("check", "model", stdout=stream, environ={"THREATMODEL_DEBUG": "1"})
    assert said.code == 1
    assert said.err.startswith("Traceback (most recent call last)")
    assert said.err.splitlines()[-1].startswith("a fault of this program: ZeroDivisionError: x")
    assert "Traceback" not in cli("check", "model", stdout=stream, environ={"THREATMODEL_DEBUG": ""}).err


def run_program(cwd: Path, *argv: str, shell: str = "", **environ: str) -> subprocess.CompletedProcess[bytes]:
    """The console script as a process; `shell` is what follows it on the line."""
    program = "from collateral.cli.main import entry; entry()"
    own = str(Path(__file__).parents[2])
    env = {"PATH": os.environ["PATH"], "HOME": str(cwd), "PYTHONPATH": own, **environ}
    line = f'"$0" -c "$1" "${{@:2}}" {shell}'
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line, sys.executable, program, *argv],
        cwd=cwd,
        env=env,
        capture_output=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("size", ["short", "long"])
def test_a_reader_that_goes_away_ends_the_program_quietly(shared: Path, size: str) -> None:
    argv = ("--help",) if size == "short" else ("threats", "model", "--format", "json")
    done = run_program(shared, *argv, shell="| true")
    assert done.returncode in {0, 141}
    assert done.stderr == b""


@pytest.mark.slow
def test_a_full_disk_on_standard_output_is_told_once(shared: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = run_program(shared, "check", "model", shell="> /dev/full")
    assert (done.returncode, done.stderr) == (2, b"U010  No space left on device\n")


@pytest.mark.slow
def test_the_output_is_utf_8_in_every_locale(shared: Path) -> None:
    done = run_program(shared, "check", "model", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "tiny · guarded" in done.stdout.decode("utf-8")


def test_help_names_every_command_and_every_exit_code(cli: Cli) -> None:
    said = cli("--help")
    assert (said.code, said.err) == (0, "")
    for command in COMMANDS:
        assert re.search(rf"\n    {command}\s", said.out)
        assert cli(command, "--help").out.startswith(f"usage: threatmodel {command}")
    for code in (0, 1, 2, 3, 4, 13, 130, 141):
        assert f"\n  {code} " in said.out
    assert cli("--version").out.startswith("threatmodel ")
