"""`cvss.yaml`: vectors of CVSS 4.0 that people give for threats, with the scores worked out anew."""

from collateral.vectors.model import (
    VECTORS,
    ThreatVector,
    VectorRecord,
    Vectors,
    best_vector,
    in_words,
    vector_records,
    vectors_at,
)

__all__ = [
    "VECTORS",
    "ThreatVector",
    "VectorRecord",
    "Vectors",
    "best_vector",
    "in_words",
    "vector_records",
    "vectors_at",
]
