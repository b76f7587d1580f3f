"""What varies between the pods that this baseline describes."""

from __future__ import annotations

from typing import Literal

from threatmodel.dsl import Options


class RuncOptions(Options):
    """One value per option; the first one is the default of Kubernetes."""

    profile: Literal["default", "restricted"] = "default"
    users: Literal["host", "userns"] = "host"

    @property
    def restricted(self) -> bool:
        """True where the namespace enforces the Pod Security profile `restricted`."""
        return self.profile == "restricted"

    @property
    def mapped(self) -> bool:
        """True where the pod has a user namespace."""
        return self.users == "userns"
