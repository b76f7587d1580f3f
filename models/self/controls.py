"""Defences of the toolkit, each with claims about its own source."""

from threatmodel.dsl import Control, absent, file_exists, present

NAMESPACES = Control(
    "child-namespaces",
    "Children run in namespaces of their own without a network",
    provides=["process-isolation", "mount-namespace", "network-isolation", "capability-drop"],
    claims=[
        present("threatmodel/confine/bubblewrap.py", "--unshare-(all|net)"),
        present("threatmodel/confine/bubblewrap.py", "--die-with-parent"),
        present("threatmodel/confine/bubblewrap.py", "--cap-drop"),
    ],
)
LANDLOCK = Control(
    "child-landlock",
    "The kernel limits which files children can open",
    provides=["mandatory-access-control"],
    claims=[
        file_exists("threatmodel/confine/trampoline.py"),
        present("threatmodel/confine/*.py", "(?i)landlock"),
    ],
)
CHILD_LIMITS = Control(
    "child-limits",
    "Time, memory, output, files and processes of children have limits",
    provides=[
        "bounded-allocation",
        "bounded-request-size",
        "cpu-quota",
        "memory-quota",
        "resource-quota",
        "storage-quota",
    ],
    claims=[
        present("threatmodel/load/loader.py", r"^LIMITS = Limits\("),
        present("scanners/run/scheduler.py", r"^DEFAULT_LIMITS = Limits\("),
        present("threatmodel/confine/trampoline.py", "setrlimit"),
    ],
)
VALIDATED_ANSWER = Control(
    "validated-answer",
    "The parent validates the child's answer strictly before it uses it",
    provides=["input-validation", "type-safe-parser"],
    claims=[
        present("threatmodel/load/loader.py", r"validate_json\(first, strict=True\)"),
        present("threatmodel/load/loader.py", r"validate_json\(rest, strict=True\)"),
        absent("threatmodel/load/loader.py", r"validate_json\(\w+\)"),
        absent(
            "threatmodel/{core,inside,load,system,rules,analysis,claims}/**", r"\b(pickle|marshal)\.loads?\("
        ),
    ],
)
SAFE_YAML = Control(
    "safe-yaml",
    "YAML is read with the safe tags only",
    provides=["type-safe-parser"],
    claims=[absent("{threatmodel,collateral}/**", r"yaml\.(load|unsafe_load|full_load)\(")],
)
NO_SHELL = Control(
    "no-shell",
    "Programs are started with lists of arguments, never through a shell",
    provides=["argument-separation"],
    claims=[absent("{threatmodel,collateral}/**/*.py", r"shell\s*=\s*True|os\.system\(")],
)
FOLDED_TEXT = Control(
    "folded-text",
    "Control and bidirectional code points of untrusted text are made visible",
    provides=["input-validation"],
    claims=[
        present("collateral/report/front.py", r"return fold\(value\)"),
        present("collateral/report/view.py", r"fold_all\("),
        present("threatmodel/core/text.py", "<U\\+"),
    ],
)
SAFE_GIT = Control(
    "safe-git",
    "Configuration, hooks and attributes of a scanned repository are not used",
    provides=["input-validation"],
    claims=[
        present("threatmodel/source/git.py", "GIT_CONFIG_NOSYSTEM"),
        present("threatmodel/source/git.py", "GIT_NO_LAZY_FETCH"),
    ],
)
SAFE_PATHS = Control(
    "safe-paths",
    "No path of a source tree leads out of it, symbolic links included",
    provides=["path-resolution-confined", "symlink-refusal"],
    claims=[
        present("threatmodel/source/directory.py", "O_NOFOLLOW"),
        present("threatmodel/source/tree.py", "def check_path"),
    ],
)
CAPPED_REPORTS = Control(
    "capped-reports",
    "Reports of scanners are limited in size and judged, not believed",
    provides=["bounded-request-size", "input-validation"],
    claims=[present("scanners/run/scheduler.py", "output_bytes=")],
)
DIGESTS = Control(
    "bundle-digests",
    "Every file of a bundle is listed with its SHA-256 digest",
    provides=["integrity-protection"],
    claims=[present("collateral/bundle/manifest.py", r"^def make_sums")],
)
STRICT_PAGE = Control(
    "strict-page",
    "The site's page allows no request and no script but its own",
    provides=["input-validation"],
    claims=[present("collateral/report/site/**", "default-src 'none'")],
)


def of_confinement(level: str) -> list[Control]:
    """The controls of a confinement level."""
    return {"bubblewrap": [NAMESPACES], "landlock": [LANDLOCK]}.get(level, [])
