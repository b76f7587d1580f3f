"""CSV as RFC 4180 has it, which no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from collateral.report.tables import CLAIMS, FINDINGS, THREATS, csv_files
from tests.collateral.support import assessment, finding, scan_result
from threatmodel.load import Loaded


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))


def test_every_table_has_a_header_and_a_row_for_each_thing(tiny: Loaded, tree: Path) -> None:
    found = finding()
    a = assessment(tiny, tree, (scan_result(findings=(found,)),))
    files = csv_files(a)
    heads = {name: data.split(b"\r\n")[0].decode().split(",") for name, data in files.items()}
    assert heads == {
        "data/claims.csv": CLAIMS,
        "data/findings.csv": FINDINGS,
        "data/threats.csv": THREATS,
    }
    threats = rows(files["data/threats.csv"])
    assert {(r["id"], r["configuration"], r["status"]) for r in threats} == {
        (t.id, name, here.status) for t in a.threats for name, here in t.by_configuration.items()
    }
    (row,) = rows(files["data/findings.csv"])
    assert (row["fingerprint"], row["component"], row["line"]) == (found.fingerprint, "app", "6")
    (claim,) = rows(files["data/claims.csv"])
    assert (claim["state"], claim["path"], claim["line"]) == ("verified", "app/service.py", "1")


def test_without_findings_the_header_stays(tiny: Loaded) -> None:
    assert csv_files(assessment(tiny))["data/findings.csv"].count(b"\r\n") == 1


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "|calc",
        "%0A",
        "  =1",
        "＝1",
        '=cmd|" /C calc"!A0',
    ],
)
def test_no_cell_starts_a_formula(tiny: Loaded, text: str) -> None:
    a = assessment(tiny, scans=(scan_result(findings=(finding(message=text),)),))
    (row,) = rows(csv_files(a)["data/findings.csv"])
    assert row["message"][0] in "'<"
    assert text.strip()[-1] in row["message"]


@pytest.mark.parametrize(
    "text", ['a "quoted", one', "two\nlines", "two\r\nlines", "a,b;c", "\u202ehidden", "é €"]
)
def test_texts_survive_quoting(tiny: Loaded, text: str) -> None:
    a = assessment(tiny, scans=(scan_result(findings=(finding(message=text),)),))
    data = csv_files(a)["data/findings.csv"]
    (row,) = rows(data)
    shown = text.replace("\r", "<U+000D>").replace("\u202e", "<U+202E>")
    assert row["message"] == shown
    assert re.sub(rb'"[^"]*"', b"", data).count(b"\n") == 2, "a bare line end stands in quotes only"


def test_a_path_that_is_not_utf_8_is_shown(tiny: Loaded) -> None:
    odd = finding(path="app/\udcff.py")
    a = assessment(tiny, scans=(scan_result(findings=(odd,)),))
    (row,) = rows(csv_files(replace(a))["data/findings.csv"])
    assert row["path"] == "app/<U+DCFF>.py"
