"""Documents as PDF."""

from collateral.report.pdf.brief import render_brief
from collateral.report.pdf.checklist import render_checklist
from collateral.report.pdf.engine import PdfFailed
from collateral.report.pdf.release import render_release
from collateral.report.pdf.slides import render_slides
from collateral.report.pdf.threat_model import render_threat_model, render_threat_register

__all__ = [
    "PdfFailed",
    "render_brief",
    "render_checklist",
    "render_release",
    "render_slides",
    "render_threat_model",
    "render_threat_register",
]
