"""The words that every document explains in the same way."""

from __future__ import annotations

from collections.abc import Mapping

from threatmodel.analysis import Status
from threatmodel.claims.evidence import Evidence
from threatmodel.system import ControlState, Privilege, Stride

STATUS: Mapping[Status, str] = {
    "contradicted": "A control is claimed against it, and the source tree shows that the claim does not hold.",
    "open": "No complete set of controls of the model claims to stop it.",
    "unverified": "A control is claimed against it, but nothing has shown that the control is there.",
    "accepted": "A recorded decision, with an owner and a public source, to live with it until a date.",
    "transferred": "A recorded decision, with an owner and a public source, that somebody else deals with it.",
    "mitigated": "Controls that were checked against this source tree, or attested by a person, stop it.",
    "not-applicable": "A recorded decision, with an owner and a public source, that it does not apply.",
}
STATE: Mapping[ControlState, str] = {
    "contradicted": "A claim was checked against the source tree and does not hold.",
    "undisclosed": "This edition does not say: a claim of this control, or of one in its group, is withheld.",
    "not-found": "The place that a claim names is not in the source tree; it may have moved.",
    "not-checked": "No source tree was given, or the place could not be read.",
    "unclaimed": "The model names no claim that a machine could check.",
    "proposed": "The model says so and names a public source; no machine can see it in the tree, nobody vouches for it.",
    "attested": "A named person vouches for it, with a public source, until a date.",
    "verified": "Every claim was checked against the source tree and holds.",
}
EVIDENCE: Mapping[Evidence, str] = {
    "machine": "At least one claim that a program can check against a source tree, whatever the check gave.",
    "attested": "No such claim; a named person vouches for it, with a public source, until a date.",
    "expired": "No such claim; a person vouched for it, until a day that has passed.",
    "proposed": "No such claim, and nobody vouches: the model says so, and that mitigates nothing.",
    "none": "No claim applies in this configuration.",
}
EVIDENCE_NAMES: Mapping[Evidence, str] = {
    "machine": "claim for a program",
    "attested": "attested by a person",
    "expired": "attestation expired",
    "proposed": "proposed",
    "none": "no claim",
}
STRIDE_WORDS: Mapping[Stride, str] = {
    "spoofing": "Pretending to be somebody or something else; violates authentication.",
    "tampering": "Changing data or code; violates integrity.",
    "repudiation": "Acting without leaving evidence of who acted; violates non-repudiation.",
    "information-disclosure": "Reading what is not meant for the reader; violates confidentiality.",
    "denial-of-service": "Keeping a service from those who need it; violates availability.",
    "elevation-of-privilege": "Doing what the actor has no right to do; violates authorisation.",
}
PRIVILEGE: Mapping[Privilege, str] = {
    "none": "none over the machine",
    "restricted": "restricted: confined code",
    "user": "user: an ordinary account",
    "elevated": "elevated: powerful within its sandbox",
    "root": "root: the administrator of the machine",
    "kernel": "kernel: the machine itself",
}
GLOSSARY: Mapping[str, str] = {
    "Adversary": "A named attacker of this model: where it starts and what it controls.",
    "Attribution": "The join of a scanner's finding with the element whose code it is in, and with threats there.",
    "Boundary": "Trust boundary: a line across which trust changes. It carries the privilege of the code inside.",
    "CAPEC": "Common Attack Pattern Enumeration and Classification, a catalogue of attack patterns.",
    "Claim": "A statement about the source tree that a machine can check.",
    "Configuration": "One choice of the options of the system; threats and controls are worked out for each.",
    "Control": "A defence that the model claims, with the claims that prove it.",
    "CWE": "Common Weakness Enumeration, a catalogue of kinds of software weakness.",
    "DFD": "Data-flow diagram: processes, data stores, external entities and the flows between them.",
    "Disposition": "A recorded decision on a threat: who, why, until when, with a public source.",
    "Doubtful": "Said of a control that a claim was verified for, in code that has an open finding of a scanner.",
    "Element": "A process, data store, external entity or actor of the model.",
    "Finding": "One result of a scanner at a place in the source.",
    "Flow": "Data that one element sends to another.",
    "Inherent risk": "Likelihood and impact without any control.",
    "Residual risk": "Likelihood and impact with the controls that are proven.",
    "SARIF": "Static Analysis Results Interchange Format, an OASIS standard (2.1.0).",
    "STRIDE": "Spoofing, tampering, repudiation, information disclosure, denial of service, elevation of privilege.",
    "Threat": "A rule of the library that applies to one element or flow.",
    "TEE": "Trusted execution environment: hardware that protects a guest against its host.",
    "VMM": "Virtual machine monitor: the program that creates a virtual machine and emulates its devices.",
}
FILES: Mapping[str, str] = {
    "data/model.json": "The model: elements, flows, boundaries, controls and adversaries in every configuration",
    "data/threats.json": "All threats with status, risk and controls in every configuration",
    "data/advisories.json": "Published advisories: what their ranges say of this release, where they struck in the model",
    "data/backtest.json": "Published advisories held against the model: threats, claims, versions of components",
    "data/engagements.json": "What is on record of testing: engagements, findings, retests",
    "data/pentest-plan.csv": "The test cases of every configuration as a table",
    "data/coverage.json": "Which questions of STRIDE have an answer at each element, flow and boundary",
    "data/paths.json": "The weakest attack path of every adversary to every asset, with the controls to defeat",
    "data/predecessor.json": "What became of each statement of an earlier threat model, and what answers it now",
    "data/storage-needs.json": "Needs for storage, the ways that serve them, and what each way opens",
    "data/pentest-plan.json": "The test plan of every configuration: each case with its steps and its oracle",
    "data/claims.json": "The claims ledger: every claim with its state, the place and the text seen",
    ".well-known/security.txt": "Where to report a vulnerability (RFC 9116)",
    "data/claims.csv": "The claims ledger as a table (CSV, RFC 4180)",
    "data/findings.csv": "Findings of the scanners with component, threats and decision as a table",
    "data/first-seen.json": "Private edition: when each finding and contradicted claim was first seen",
    "data/overlay.json": "Private edition: what may not be public yet, with owner and release date",
    "data/openvex.json": "What published advisories mean for this release (OpenVEX 0.2.0)",
    "data/sbom-source.cdx.json": "What lock files of the source name, not what was built (CycloneDX 1.6)",
    "data/ownership.json": "Who owns the files of the source, which rules of CODEOWNERS do not work, who changed what",
    "data/ownership.sarif": "What the ownership audit found (SARIF 2.1.0)",
    "data/response.json": "How reports are handled, with the source of each statement, and the triage rubric",
    "data/threats.csv": "All threats in every configuration as a table",
    "data/findings.sarif": "Findings of the scanners (SARIF 2.1.0), with the elements and threats that they touch",
    "diagrams/": "Data-flow diagrams as SVG, PNG and DOT, attack paths as SVG and PNG",
    "manifest.json": "Every file with its digest, the source commit, tool versions, and what was not done",
    "data/history.json": "What is new, changed, fixed or back since the bundle before, each with its cause",
    "data/rules.json": "The threat rules with their digests",
    "data/why.json": "Questions of adopters, what each choice answers, and the evidence for and against",
    "data/source.json": "Every file of the source tree that was read, with its digest",
    "SECURITY.md": "Draft of a security policy, made from what the project has published",
    "pdf/security-response.pdf": "How reports are handled, the triage rubric, who owns the code, where to help",
    "pdf/attack-surface.pdf": "What each configuration exposes, and against whom, side by side",
    "pdf/pentest-plan.pdf": "The test plan: cases by boundary, regression cases, what was never tested",
    "pdf/executive-brief.pdf": "Two pages: what is protected, from whom, how sure that is, what is open",
    "pdf/operator-checklist.pdf": "What to check in a deployment of this release",
    "pdf/101.pdf": "Slides for a talk, made from this model",
    "pdf/why.pdf": "Questions of adopters: what each choice answers, with what speaks for it and against it",
    "pdf/threat-model.pdf": "The threat model as a document that can be read whole",
    "pdf/threat-register.pdf": "Every threat, control, claim, diagram and flow in full",
    "pdf/release-findings.pdf": "This release beside the one before: what got worse, what was fixed, and why",
    "schemas/": "JSON Schemas of the files under data/ and of the manifest",
    "SHA256SUMS": "Digests of all files, for sha256sum",
}
