"""The templates are valid, pinned, and give nobody more than he needs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.ci.support import GITHUB, ROOT, SCHEMAS, SCRIPTS, WORKFLOWS, ZUUL, read_yaml, steps_of

ACTION = GITHUB / "action.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
ZIZMOR = Path(sys.prefix) / "bin/zizmor"
NAMES = {path.stem for path in WORKFLOWS}
TRUSTED_ACTIONS = {"actions", "github"}

# Expressions that may stand in `run:`: none. What a step needs comes through its environment.
_EXPRESSION = re.compile(r"\$\{\{")


def schema(name: str) -> Any:
    """A schema that check-jsonschema ships."""
    file = resources.files("check_jsonschema").joinpath(f"builtin_schemas/vendor/{name}.json")
    return json.loads(file.read_text("utf-8"))


def errors(value: Any, name: str) -> list[str]:
    checker = jsonschema.validators.validator_for(schema(name))(schema(name))
    return [error.message for error in checker.iter_errors(value)]


def test_there_is_a_workflow_for_each_purpose() -> None:
    assert {f"threatmodel-{name}" for name in ("pull-request", "comment", "release", "pages")} == NAMES


def typed(path: Path) -> Any:
    """YAML with truth values and numbers, and `on` as the word that it is."""
    import yaml

    value = yaml.safe_load(path.read_bytes())
    if True in value:
        value["on"] = value.pop(True)
    return value


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_are_valid(path: Path) -> None:
    assert errors(typed(path), "github-workflows") == []


def test_the_action_is_valid() -> None:
    assert errors(typed(ACTION), "github-actions") == []
    assert errors({"name": "x"}, "github-actions") != []


@pytest.mark.tools
@pytest.mark.skipif(not ZIZMOR.is_file(), reason="zizmor is not installed beside the interpreter")
@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION, HOOKS], ids=lambda path: path.name)
def test_zizmor_finds_nothing(path: Path) -> None:
    argv = [str(ZIZMOR), "--offline", "--no-progress", "--strict-collection", "--persona=pedantic", str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.tools
@pytest.mark.skipif(not ZIZMOR.is_file(), reason="zizmor is not installed beside the interpreter")
def test_zizmor_would_find_something(tmp_path: Path) -> None:
    path = tmp_path / "bad.yml"
    text = WORKFLOWS[-1].read_text().replace("${{ !cancelled() }}", "always()")
    path.write_text(text.replace("run: toolkit", "run: echo ${{ github.event.issue.title }}; toolkit"))
    done = subprocess.run(
        [str(ZIZMOR), "--offline", "--no-progress", str(path)], capture_output=True, text=True
    )
    assert "template-injection" in done.stdout


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_no_expression_becomes_shell(path: Path) -> None:
    runs = [step["run"] for step in steps_of(path) if "run" in step]
    assert [run for run in runs if _EXPRESSION.search(run)] == []


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_with_its_version(path: Path) -> None:
    lines = [line.strip() for line in path.read_text().splitlines() if re.match(r"\s*(- )?uses:", line)]
    ours = "uses: ./toolkit/ci/github # zizmor: ignore[self-repository] a checkout at a commit of its own"
    for line in lines:
        pinned = re.fullmatch(r"uses: ([a-z-]+)/[a-z/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
        assert line == ours or (pinned is not None and pinned[1] in TRUSTED_ACTIONS), line
    assert lines or path == ACTION


def test_one_action_has_one_commit() -> None:
    used = {use for path in WORKFLOWS for use in re.findall(r"uses: (\S+@[0-9a-f]{40})", path.read_text())}
    assert len(used) == len({use.partition("@")[0] for use in used})


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_checkouts_keep_no_credentials(path: Path) -> None:
    checkouts = [step for step in steps_of(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["name"] for step in checkouts if step["with"].get("persist-credentials") != "false"] == []
    toolkit = [step for step in checkouts if step["with"].get("path") == "toolkit"]
    assert {step["with"]["ref"] for step in toolkit} == {"${{ env.TOOLKIT_COMMIT }}"}


PERMISSIONS = {
    ("threatmodel-pull-request", "gate"): {"contents": "read"},
    ("threatmodel-comment", "comment"): {"actions": "read", "contents": "read", "pull-requests": "write"},
    ("threatmodel-release", "build"): {"contents": "read"},
    ("threatmodel-release", "sign"): {"contents": "read", "id-token": "write", "attestations": "write"},
    ("threatmodel-release", "upload"): {"contents": "write"},
    ("threatmodel-release", "findings"): {"security-events": "write", "actions": "read"},
    ("threatmodel-pages", "pages"): {"contents": "write"},
}


def test_permissions_are_these_and_no_more() -> None:
    found = {
        (path.stem, name): job["permissions"]
        for path in WORKFLOWS
        for name, job in read_yaml(path)["jobs"].items()
    }
    assert found == PERMISSIONS
    assert [path.stem for path in WORKFLOWS if read_yaml(path)["permissions"] != {}] == []


def test_a_pull_request_reaches_no_secret_and_no_trusted_event() -> None:
    text = (GITHUB / "workflows/threatmodel-pull-request.yml").read_text()
    assert "secrets." not in text
    assert "github.token" not in text
    assert list(read_yaml(GITHUB / "workflows/threatmodel-pull-request.yml")["on"]) == ["pull_request"]
    assert [path.stem for path in WORKFLOWS if "pull_request_target" in path.read_text()] == []


def test_the_comment_is_written_without_anything_of_the_pull_request() -> None:
    path = GITHUB / "workflows/threatmodel-comment.yml"
    text = path.read_text()
    assert list(read_yaml(path)["on"]) == ["workflow_run"]
    for word in ("head_branch", "head_repository", "pull_requests", "head_commit", "secrets."):
        assert word not in text
    uses = [step for step in steps_of(path) if "uses" in step]
    assert [step["uses"].partition("@")[0] for step in uses] == [
        "actions/checkout",
        "actions/download-artifact",
    ]
    assert uses[0]["with"]["repository"] == "${{ env.TOOLKIT }}"
    assert [step["run"] for step in steps_of(path) if "run" in step] == [
        "python3 -I toolkit/ci/github/comment.py"
    ]


def test_the_key_is_in_one_step_of_a_protected_job_that_runs_no_model() -> None:
    path = GITHUB / "workflows/threatmodel-release.yml"
    jobs = read_yaml(path)["jobs"]
    holders = [
        (name, step["name"])
        for name, job in jobs.items()
        for step in job["steps"]
        if "secrets." in json.dumps(step)
    ]
    assert holders == [("sign", "Sign")]
    assert jobs["sign"]["environment"] == "threatmodel-release"
    assert [name for name, job in jobs.items() if "step': 'build" in str(job["steps"])] == ["build"]


def test_the_toolkit_is_one_for_all_workflows() -> None:
    found = {
        (env["TOOLKIT"], env["TOOLKIT_COMMIT"]) for env in (read_yaml(path)["env"] for path in WORKFLOWS)
    }
    assert found == {("OWNER/REPOSITORY", "0" * 40)}


def test_every_input_of_the_action_is_read_and_every_use_names_a_known_one() -> None:
    known = set(read_yaml(ACTION)["inputs"])
    assert set(re.findall(r"\$\{\{ inputs\.([a-z-]+) \}\}", ACTION.read_text())) == known
    for path in WORKFLOWS:
        for step in steps_of(path):
            if step.get("uses", "").startswith("./toolkit"):
                assert set(step["with"]) <= known


def test_every_variable_of_a_script_comes_from_its_caller() -> None:
    given = set(re.findall(r"^\s+(TM_[A-Z_]+):", ACTION.read_text(), flags=re.MULTILINE))
    for path in [*WORKFLOWS, *sorted(ZUUL.rglob("*.yaml"))]:
        given |= set(re.findall(r"^\s+(TM_[A-Z_]+):", path.read_text(), flags=re.MULTILINE))
    scripts = [*SCRIPTS, GITHUB / "comment.py"]
    read = {name for path in scripts for name in re.findall(r"\bTM_[A-Z_]+\b", path.read_text())}
    assert given <= read
    assert read - given == {"TM_PREVIOUS", "TM_UNDER"}  # for those who call the scripts themselves


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_strict_and_parse(path: Path) -> None:
    bash = shutil.which("bash") or "bash"
    assert subprocess.run([bash, "-n", str(path)]).returncode == 0
    if path.name != "common.sh":
        assert "set -euo pipefail" in path.read_text()
        assert path.stat().st_mode & 0o111


def test_hooks_run_commands_that_there_are() -> None:
    from collateral.cli.main import COMMANDS

    hooks = read_yaml(HOOKS)
    assert [hook["id"] for hook in hooks] == ["threatmodel-check", "threatmodel-gate-self-test"]
    assert {hook["entry"].split()[1] for hook in hooks} <= {*COMMANDS, "gate"}
    assert re.search(hooks[0]["files"], "models/shop/threatmodel.toml")
    assert re.search(hooks[0]["files"], "models/shop/storage.py")
    assert not re.search(hooks[0]["files"], "docs/picture.svg")


def test_zuul_jobs_are_valid() -> None:
    path = SCHEMAS / "zuul/zuul-schema-from-zuul-lint-0.1.2.json"
    if not path.is_file():
        pytest.skip("the Zuul schema is not beside this checkout (../shared/schemas)")
    checker = jsonschema.Draft201909Validator(json.loads(path.read_bytes()))
    for file in sorted((ZUUL / "zuul.d").glob("*.yaml")):
        assert [error.message for error in checker.iter_errors(typed_list(file))] == []
    assert list(checker.iter_errors([{"job": {"nam": "x"}}])) != []


def typed_list(path: Path) -> Any:
    import yaml

    return yaml.safe_load(path.read_bytes())


def test_zuul_names_jobs_and_playbooks_that_there_are() -> None:
    jobs = {item["job"]["name"]: item["job"] for item in typed_list(ZUUL / "zuul.d/jobs.yaml")}
    (template,) = (item["project-template"] for item in typed_list(ZUUL / "zuul.d/project-template.yaml"))
    used = {name for value in template.values() if isinstance(value, dict) for name in value["jobs"]}
    assert used == {"threatmodel-check", "threatmodel-release"} <= set(jobs)
    named = [job.get(key, []) for job in jobs.values() for key in ("pre-run", "run", "post-run")]
    playbooks = {path for value in named for path in ([value] if isinstance(value, str) else value)}
    assert playbooks == {path.relative_to(ROOT).as_posix() for path in (ZUUL / "playbooks").glob("*.yaml")}
    assert jobs["threatmodel-release"]["post-review"] is True


def test_zuul_playbooks_are_plays_whose_tasks_have_names() -> None:
    for path in sorted((ZUUL / "playbooks").glob("*.yaml")):
        (play,) = read_yaml(path)
        assert set(play) == {"name", "hosts", "tasks"}
        tasks = [inner for task in play["tasks"] for inner in task.get("block", [task])]
        assert tasks
        assert [task for task in tasks if "name" not in task] == []
        variables = {name for text in re.findall(r"\{\{(.*?)\}\}", path.read_text()) for name in _names(text)}
        assert variables <= _KNOWN | {task["register"] for task in tasks if "register" in task}


_KNOWN = {"ansible_user_dir", "ansible_env", "zuul", "threatmodel_signing_key"} | {
    f"threatmodel_{name}"
    for name in (
        *(
            "base",
            "builder",
            "enforce",
            "model",
            "public_key",
            "release",
            "results",
            "scanners",
            "toolkit",
            "work",
        ),
        "built",
    )
}


def _names(expression: str) -> set[str]:
    """The variables of a Jinja expression: the first word of each dotted name that is no filter."""
    text = re.sub(r"'[^']*'", "", expression)
    return set(re.findall(r"(?<![.\w|])(?<!\| )[a-z_]+", text)) - {"if", "else"}


def test_zuul_playbooks_quote_what_becomes_a_command() -> None:
    """Commands are lists of words, never lines for a shell, and the key is never shown."""
    for path in sorted((ZUUL / "playbooks").glob("*.yaml")):
        text = path.read_text()
        assert "ansible.builtin.shell" not in text
        assert not re.search(r"ansible\.builtin\.command: \S", text)
        assert "threatmodel_signing_key" not in text or "no_log: true" in text
