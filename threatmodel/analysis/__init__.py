"""Rules on systems: threats with stable ids, their status, their risk, and the team's decisions on them."""

from threatmodel.analysis.dispositions import Disposition, overdue, read_dispositions
from threatmodel.analysis.engine import analyse, present_threats
from threatmodel.analysis.risk import RISK_LEVELS, RiskLevel, RiskSettings
from threatmodel.analysis.threats import STATUSES, Status, Target, Threat, ThreatInConfiguration

__all__ = [
    "RISK_LEVELS",
    "STATUSES",
    "Disposition",
    "RiskLevel",
    "RiskSettings",
    "Status",
    "Target",
    "Threat",
    "ThreatInConfiguration",
    "analyse",
    "overdue",
    "present_threats",
    "read_dispositions",
]
