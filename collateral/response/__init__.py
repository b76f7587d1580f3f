"""The security group: what `response.yaml` says, the triage rubric, who owns and knows the code."""

from collateral.response.model import (
    RESPONSE,
    Expiring,
    Holder,
    Intake,
    Response,
    Role,
    Statement,
)
from collateral.response.reader import load_response, read_response, response_schema

__all__ = [
    "RESPONSE",
    "Expiring",
    "Holder",
    "Intake",
    "Response",
    "Role",
    "Statement",
    "load_response",
    "read_response",
    "response_schema",
]
