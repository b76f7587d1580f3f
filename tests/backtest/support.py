"""Records of advisories of the tiny model, and a repository with two tags: the second one has the check."""

from __future__ import annotations

from pathlib import Path

from tests.collateral.support import SOURCE, git, make_workspace, write_files

GOOD = """\
advisories:
  - id: CVE-2026-0001
    title: Anybody reads notes
    source: https://example.org/1
    published: "2026-01-31"
    verified: read
    surface: Requests
    cause: Nobody is asked for a token
    stride: spoofing
    adversary: stranger
    elements: [service]
    flows: [T1]
    cwe: [CWE-306]
    configuration: guarded
    threats: [CORE-001@T1]
    last_affected: "0.9"
    first_fixed: "1.0"
    claims: [caller-tokens]
    unknown:
      - { keys: [cvss, fix_commits, introduced, fixed], because: Nobody said }
  - id: CVE-2026-0002
    title: The store fills up
    source: https://example.org/2
    verified: read
    surface: The store
    cause: No limit
    stride: denial-of-service
    adversary: stranger
    elements: [store]
    unknown:
      - keys: [published, cvss, cwe, introduced, fixed, fix_commits, tags, claims, threats]
        because: Nobody said
"""
WITHOUT_TAGS = (
    GOOD.partition("    last_affected")[0]
    + """\
    unknown:
      - { keys: [cvss, fix_commits, introduced, fixed, tags, claims], because: Nobody said }
"""
)
"""The first record alone, with a threat and nothing to check."""
PARTS = """\
advisories:
  - id: CVE-2026-0007
    component: libshop
    title: Rows overflow
    source: https://example.org/library
    verified: read
    surface: Rows
    cause: No length is checked
    stride: spoofing
    adversary: stranger
    elements: [service]
    flows: [T1]
    cwe: [CWE-306]
    ranges:
      - { introduced: "1.0", fixed: "2.0" }
    pins:
      - { path: versions.yaml, key: libshop.version }
    configuration: guarded
    threats: [CORE-001@T1]
    unknown:
      - { keys: [published, cvss], because: Nobody said }
  - id: CVE-2026-0008
    component: kernel
    title: Pages overflow
    source: https://example.org/kernel
    verified: read
    surface: Pages
    cause: No length is checked
    stride: tampering
    adversary: stranger
    elements: [store]
    unpinned: The node brings it
    unknown:
      - { keys: [published, cvss, cwe, introduced, fixed, threats], because: Nobody said }
left_out:
  - { id: CVE-2026-0009, because: Nothing of it is used }
"""
"""Advisories of components: one with a pin, one without."""


def make_history(folder: Path, record: str = GOOD) -> Path:
    """`model/` with the record beside the repository `source/`, whose tag 0.9 has no check and whose tag 1.0 has it."""
    make_workspace(folder, source=False)
    (folder / "model/advisories.yaml").write_text(record, "utf-8")
    source = folder / "source"
    service = SOURCE["app/service.py"]
    write_files(source, {**SOURCE, "app/service.py": service.replace("check_token", "look")})
    git(source, "init", "--quiet", "--initial-branch=main")
    for tag, text, version in (("0.9", None, "1.5"), ("1.0", service, "2.0")):
        if text is not None:
            write_files(source, {"app/service.py": text})
        write_files(source, {"versions.yaml": f'libshop:\n  version: "{version}"\n'})
        git(source, "add", "--all")
        git(source, "commit", "--quiet", "--message", tag)
        git(source, "tag", tag)
    return folder
