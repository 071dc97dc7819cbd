"""Who is to work in which grid: a staffing draft, on its way to tenures."""

from django.db import models
from django.db.models import F, Q

from mulin.domains.accounts.models import User
from mulin.domains.duty.models import PostKind, Tenure
from mulin.domains.places.models import Grid, Place


class StaffingState(models.TextChoices):
    OPEN = "OPEN", "OPEN"
    PUBLISHED = "PUBLISHED", "PUBLISHED"
    DISCARDED = "DISCARDED", "DISCARDED"


class StaffingDraft(models.Model):
    """People for one kind of post in the grids of an area, under rules; computed anew after every change.

    `figures` holds what was reached, what "nearest first" would have cost, and what the rules made impossible.
    """

    area_code = models.CharField(max_length=12)
    post_kind = models.ForeignKey(PostKind, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=StaffingState, default=StaffingState.OPEN)
    lowest = models.PositiveSmallIntegerField(default=1)
    highest = models.PositiveSmallIntegerField(default=1)
    change_m = models.PositiveIntegerField(default=300)
    farthest_m = models.PositiveIntegerField(null=True)
    is_fairest = models.BooleanField(default=False)
    figures = models.JSONField(default=dict)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    from_date = models.DateField(null=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=StaffingState.values), name="planning_staffing_state"),
            models.CheckConstraint(condition=Q(highest__gte=F("lowest")), name="planning_staffing_seats"),
        ]
        indexes = [models.Index(fields=["area_code", "-id"], name="planning_staffing_area")]

    def __str__(self) -> str:
        return f"{self.area_code} {self.post_kind_id}"


class StaffingPerson(models.Model):
    """A person in the draft, from where they come, and the grid proposed.

    `near` is an estate or community the person named as a rough starting point, for this draft only: it is erased
    when the draft is published or discarded. Without it the place of their present post is used. `tenure` is the one
    that ends if they move; `chosen` is what a desk decided by hand: a grid, or the reserve.
    """

    draft = models.ForeignKey(StaffingDraft, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    tenure = models.ForeignKey(Tenure, on_delete=models.PROTECT, null=True, related_name="+")
    near = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    is_chosen = models.BooleanField(default=False)
    chosen = models.ForeignKey(Grid, on_delete=models.PROTECT, null=True, related_name="+")
    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, null=True, related_name="+")
    before_m = models.FloatField(null=True)
    after_m = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "person"], name="planning_staffing_person_once")]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.person_id}"


class StaffingBan(models.Model):
    """This person does not go to this grid (a family living there, a conflict of interest): the desk knows why."""

    person = models.ForeignKey(StaffingPerson, on_delete=models.CASCADE, related_name="bans")
    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "grid"], name="planning_staffing_ban_once")]

    def __str__(self) -> str:
        return f"{self.person_id} not {self.grid_id}"
