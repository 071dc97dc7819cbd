"""The grids that departments had of their own, kept so that their old codes go on answering."""

from django.db import models

from mulin.core.geometry import Shaped
from mulin.domains.accounts.models import User
from mulin.domains.places.models import Building


class DepartmentNet(models.Model):
    """One department's grids in an area, as it handed them over."""

    department = models.CharField(max_length=60)
    area_code = models.CharField(max_length=12)
    imported_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["department", "area_code"], name="planning_net_once")]

    def __str__(self) -> str:
        return self.department


class DepartmentGrid(Shaped):
    """One old grid: its code and name in the department's books, and its outline where there is one."""

    net = models.ForeignKey(DepartmentNet, on_delete=models.CASCADE, related_name="grids")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["net", "code"], name="planning_old_grid_once")]
        indexes = [models.Index(fields=["code"], name="planning_old_grid_code")]

    def __str__(self) -> str:
        return self.code


class CrossWalk(models.Model):
    """A building that lay in an old grid.

    The successors of an old code on any day are the grids its buildings belong to on that day: so the table need not
    be written anew when grids change again.
    """

    old_grid = models.ForeignKey(DepartmentGrid, on_delete=models.CASCADE, related_name="buildings")
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["old_grid", "building"], name="planning_cross_walk_once")]

    def __str__(self) -> str:
        return f"{self.old_grid_id} {self.building_id}"
