"""What confines the workload of a pod, by configuration."""

from __future__ import annotations

from threatmodel.dsl import Control

from .controls import kubernetes, runc
from .options import RuncOptions


def confinement(o: RuncOptions) -> list[Control]:
    """The controls that hold at the container's boundary and at its system calls."""
    confined: list[Control] = [kubernetes.pod_limits, kubernetes.mandatory_access]
    if o.restricted:
        confined += [
            runc.drop_all,
            runc.no_new_privileges,
            runc.ordinary_user,
            kubernetes.seccomp_runtime_default,
        ]
    else:
        confined += [kubernetes.default_capabilities]
    if o.mapped:
        confined += [runc.user_namespace]
    return confined
