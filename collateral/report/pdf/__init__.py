"""Documents as PDF."""

from collateral.report.pdf.engine import PdfFailed
from collateral.report.pdf.release import render_release
from collateral.report.pdf.threat_model import render_threat_model

__all__ = ["PdfFailed", "render_release", "render_threat_model"]
