"""Documents as PDF."""

from collateral.report.pdf.engine import PdfFailed
from collateral.report.pdf.threat_model import render_threat_model

__all__ = ["PdfFailed", "render_threat_model"]
