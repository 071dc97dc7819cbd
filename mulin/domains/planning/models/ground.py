"""What planning knows of the ground beyond the places: counted or estimated households, and who is joined by hand."""

from django.db import models
from django.db.models import F, Q

from mulin.domains.places.models import Building


class HouseholdCount(models.Model):
    """How many households a building has while none are registered there: counted by somebody, or estimated."""

    building = models.ForeignKey(Building, on_delete=models.CASCADE, related_name="household_counts")
    households = models.PositiveIntegerField()
    is_estimate = models.BooleanField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["building"], name="planning_count_one_open", condition=Q(ends_on=None))
        ]

    def __str__(self) -> str:
        return f"{self.building_id}: {self.households}"


class NeighbourLink(models.Model):
    """Two buildings somebody who knows the place calls neighbours (a ferry, a gate), or not (a wall).

    `barrier` is a class of mulin.kernels.partition: IMPASSABLE parts them, everything else joins them. The lower
    building comes first, so that a pair stands once.
    """

    first = models.ForeignKey(Building, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Building, on_delete=models.CASCADE, related_name="+")
    barrier = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="planning_link_order"),
            models.UniqueConstraint(
                fields=["first", "second"], name="planning_link_one_open", condition=Q(ends_on=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}–{self.second_id}"
