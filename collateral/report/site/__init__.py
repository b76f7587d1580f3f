"""The site: one self-contained page of the threat model, for a browser without a network."""

from collateral.report.site.render import render_site

__all__ = ["render_site"]
