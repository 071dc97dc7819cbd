"""Duty for programs: public boards, coverage, posts with tenures and absences, contact groups."""

from mulin.domains.duty.api.boards import boards, boards_of_area
from mulin.domains.duty.api.coverage import router as coverage
from mulin.domains.duty.api.groups import router as groups
from mulin.domains.duty.api.posts import router as posts
from mulin.domains.duty.api.tenures import router as tenures

__all__ = ["boards", "boards_of_area", "coverage", "groups", "posts", "tenures"]
