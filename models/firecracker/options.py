"""What varies between the ways to run Firecracker that its documents describe."""

from __future__ import annotations

from typing import Literal

from threatmodel.dsl import Options, rule


class FirecrackerOptions(Options):
    """One value per option; the first one is the default."""

    launch: Literal["jailer", "direct"] = "jailer"
    start: Literal["boot", "snapshot"] = "boot"
    mmds: Literal["v2", "v1"] = "v2"

    @property
    def jailed(self) -> bool:
        """True where the jailer starts the process."""
        return self.launch == "jailer"

    @property
    def restored(self) -> bool:
        """True where the microVM resumes from a snapshot."""
        return self.start == "snapshot"

    @rule("a snapshot is modelled with the jailer only: start=snapshot needs launch=jailer")
    def _snapshot_is_jailed(self) -> bool:
        return self.start != "snapshot" or self.launch == "jailer"
