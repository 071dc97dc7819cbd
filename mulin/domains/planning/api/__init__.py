"""Endpoints of planning, by what they are about."""

from mulin.domains.planning.api.crosswalk import router as crosswalk

__all__ = ["crosswalk"]
