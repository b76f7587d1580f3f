"""`security.txt` (RFC 9116): where to report, made from what the model's response file says and nothing else."""

from __future__ import annotations

import datetime
import re
from typing import Protocol

from collateral.assessment import Assessment
from threatmodel.core.text import fold

PATH = ".well-known/security.txt"
_URI = re.compile(r"https://[^\s<>\"]+|mailto:[^\s<>\"@]+@[^\s<>\"@]+|tel:\+?[0-9().-]+", re.ASCII)
_WEB = re.compile(r"https://[^\s<>\"]+", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_LONGEST = datetime.timedelta(days=365)
"""RFC 9116, 2.5.5: less than a year is recommended, so that nobody trusts stale contacts."""


class Intake(Protocol):
    """What the file is made from. `expires` is an ISO 8601 date or empty; all others may be empty too."""

    @property
    def contacts(self) -> tuple[str, ...]:
        """URIs, the preferred one first."""

    @property
    def policy(self) -> str: ...
    @property
    def expires(self) -> str: ...
    @property
    def languages(self) -> tuple[str, ...]: ...
    @property
    def canonical(self) -> tuple[str, ...]: ...


def why_not(a: Assessment, intake: Intake | None) -> str:
    """Why there can be no `security.txt`; empty where there can."""
    if intake is None:
        return "the model has no response.yaml, so nobody is known to report to"
    if not any(_URI.fullmatch(contact) for contact in intake.contacts):
        return "the model names no contact as a URI (https, mailto or tel)"
    if intake.expires and datetime.date.fromisoformat(intake.expires) <= a.date.date():
        return f"the contacts in the model expired on {intake.expires}"
    return ""


def security_txt(a: Assessment, intake: Intake) -> bytes:
    """The file. Fields that are not what the RFC wants are left out, except that `why_not` was asked before."""
    expires = a.date + _LONGEST
    if intake.expires:
        end = datetime.datetime.combine(
            datetime.date.fromisoformat(intake.expires), datetime.time(), datetime.UTC
        )
        expires = min(expires, end)
    lines = [f"# {fold(' '.join(line.split()))}" for line in _head(a)]
    lines += [f"Contact: {uri}" for uri in intake.contacts if _URI.fullmatch(uri)]
    lines.append(f"Expires: {expires.strftime('%Y-%m-%dT%H:%M:%SZ')}")
    languages = [word for word in intake.languages if _LANGUAGE.fullmatch(word)]
    if languages:
        lines.append(f"Preferred-Languages: {', '.join(languages)}")
    lines += [f"Canonical: {uri}" for uri in intake.canonical if _WEB.fullmatch(uri)]
    if _WEB.fullmatch(intake.policy):
        lines.append(f"Policy: {intake.policy}")
    return "".join(f"{line}\n" for line in lines).encode()


def _head(a: Assessment) -> list[str]:
    about = [f"{a.project.name} {a.release}"]
    if not a.manifest.adopted:
        about.append(f"Draft: not adopted by {a.project.name}.")
    return about
