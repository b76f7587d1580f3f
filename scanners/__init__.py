"""Source trees to findings: scanner protocol, adapters, SARIF."""
