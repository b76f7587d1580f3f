"""`storage-needs.yaml`: ways to storage, and needs of users with the public place where each is stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from collateral.records import CLOSED
from threatmodel.core.diagnostics import Place

STORAGE = "storage-needs.yaml"
Serves = Literal["serves", "partly", "not"]
SERVES: Mapping[Serves, str] = {
    "serves": "the need is met",
    "partly": "met with a limit that a user meets",
    "not": "not met this way",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way by which a container gets files or blocks. Ways of a `group` stand in for each other.

    `when` says by options of the model which configurations can have it, `exposure` which flows and elements it brings.
    A configuration has the way where both fit. `unmodelled` says what of it the model does not have.
    """

    __pydantic_config__: ClassVar = CLOSED
    id: str
    group: str
    name: str
    source: str
    when: Mapping[str, tuple[str, ...]]
    exposure: tuple[str, ...]
    unmodelled: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who states a need, and where. An organisation is named only where the source names it."""

    __pydantic_config__: ClassVar = CLOSED
    who: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How far a way serves a need, why, and the path of the source tree or the address where that can be read."""

    __pydantic_config__: ClassVar = CLOSED
    way: str
    serves: Serves
    because: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A need, in other words than its source. Ways of groups that it does not name have nothing to do with it."""

    __pydantic_config__: ClassVar = CLOSED
    id: str
    need: str
    stated_by: tuple[Origin, ...]
    served_by: tuple[Service, ...]
    place: Place | None = None

    def by(self, way: str) -> Service | None:
        """How far the way serves it; None where the way has nothing to do with it."""
        return next((service for service in self.served_by if service.way == way), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageNeeds:
    """Ways and needs, in the order of the file. `release` is the one whose source tree was read."""

    __pydantic_config__: ClassVar = CLOSED
    release: str
    ways: tuple[Way, ...]
    needs: tuple[Need, ...]
