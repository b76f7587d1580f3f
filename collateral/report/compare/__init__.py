"""Configurations side by side, as JSON, text, Markdown and HTML; the PDF is in `report.pdf.compare`."""

from collateral.report.compare.files import AcrossRecord, CompareFile
from collateral.report.compare.html import html
from collateral.report.compare.markdown import markdown
from collateral.report.compare.terminal import text
from collateral.report.compare.view import About, compare_view

__all__ = ["About", "AcrossRecord", "CompareFile", "compare_view", "html", "markdown", "text"]
