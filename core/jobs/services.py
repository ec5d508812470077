"""What work may use besides its spec: the open project, the settings, the previews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import UsageProblem
from core.settings import Settings

if TYPE_CHECKING:
    from core.images.previews import PreviewCache
    from core.store.base import Store


@dataclass(frozen=True, slots=True)
class Services:
    """Handed to every piece of work by its runner."""

    settings: Settings
    previews: PreviewCache
    store: Store | None = None

    def project(self) -> Store:
        """Return the open project's store.

        Raises:
            UsageProblem: no project is open.
        """
        if self.store is None:
            raise UsageProblem("No project is open.", "Open or create a project first.")
        return self.store
