"""Drafts of grids: what was asked for, the ground it stands on, every version of the plan, and its publication."""

from django.db import models
from django.db.models import F, Q

from mulin.domains.accounts.models import User
from mulin.domains.places.models import Building, Grid
from mulin.domains.planning.states import DraftState


class Snapshot(models.Model):
    """The buildings, neighbours and grids of an area as they were, packed (rules/snapshot.py).

    Never changed: drafts of the same snapshot compare on the same ground.
    """

    area_code = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)
    arrays = models.BinaryField()
    buildings = models.PositiveIntegerField()
    households = models.PositiveIntegerField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area_code", "digest"], name="planning_snapshot_once")]

    def __str__(self) -> str:
        return f"{self.area_code} {self.taken_at:%F}"


class Draft(models.Model):
    """A plan of grids for an area, on its way from a wish to a publication.

    `lease` names the process that computes; without a sign of life until `leased_until` another one begins anew,
    and what was saved last (`progress`) stays. The ground is read (`snapshot`) when the computation begins.
    `yardstick` are the figures of METIS' plan of the ground `yardstick["snapshot"]` with as many grids.
    """

    area_code = models.CharField(max_length=12)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=DraftState, default=DraftState.ASKED)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, null=True, related_name="+")
    lowest = models.PositiveIntegerField()
    highest = models.PositiveIntegerField()
    weights = models.JSONField()
    keeps_present = models.BooleanField(default=True)
    seed = models.PositiveIntegerField(default=1)
    time_limit_s = models.PositiveSmallIntegerField(default=10)
    from_date = models.DateField(null=True)
    head = models.ForeignKey("PlanVersion", on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.JSONField(null=True)
    yardstick = models.JSONField(null=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    lease = models.CharField(max_length=40, blank=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    stop_asked = models.BooleanField(default=False)
    progress = models.BinaryField(null=True)
    progress_figures = models.JSONField(null=True)
    progress_s = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DraftState.values), name="planning_draft_state"),
            models.CheckConstraint(condition=Q(highest__gte=F("lowest")), name="planning_draft_bounds"),
        ]
        indexes = [
            models.Index(fields=["area_code", "-id"], name="planning_draft_area"),
            models.Index(
                fields=["id"],
                name="planning_draft_at_work",
                condition=Q(state__in=[DraftState.ASKED, DraftState.COMPUTING]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VersionKind(models.TextChoices):
    COMPUTED = "COMPUTED", "COMPUTED"
    MOVED = "MOVED", "MOVED"
    LOCKED = "LOCKED", "LOCKED"
    REFRESHED = "REFRESHED", "REFRESHED"


class PlanVersion(models.Model):
    """One state of a draft's plan; never changed. Undo goes to the parent, redo to the youngest child.

    `grid` holds the label of each building in the order of `snapshot`: labels below the number of today's grids are
    grids that live on, the others are new.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="versions")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=VersionKind)
    grid = models.BinaryField()
    locked = models.JSONField(default=list)
    figures = models.JSONField()
    certificates = models.JSONField(default=list)
    unexplained = models.JSONField(default=list)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=VersionKind.values), name="planning_version_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.kind} {self.pk}"


class Comment(models.Model):
    """What somebody says of a draft, or of one grid of it."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="comments")
    label = models.PositiveIntegerField(null=True)
    text = models.CharField(max_length=1000)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text[:40]


class PublicationState(models.TextChoices):
    SCHEDULED = "SCHEDULED", "SCHEDULED"
    CARRIED_OUT = "CARRIED_OUT", "CARRIED_OUT"
    RECALLED = "RECALLED", "RECALLED"
    SENT_BACK = "SENT_BACK", "SENT_BACK"


class Publication(models.Model):
    """A version of a plan that is to hold from a day on; carried out once, on that day."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="publications")
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=PublicationState, default=PublicationState.SCHEDULED)
    from_date = models.DateField()
    reason = models.CharField(max_length=500, blank=True)
    scheduled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    scheduled_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    refusal = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PublicationState.values), name="planning_publication_state"),
            models.UniqueConstraint(
                fields=["draft"],
                name="planning_one_publication",
                condition=Q(state__in=[PublicationState.SCHEDULED, PublicationState.CARRIED_OUT]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["from_date"],
                name="planning_publication_due",
                condition=Q(state=PublicationState.SCHEDULED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.from_date}"


class GridChange(models.Model):
    """The grid of a building before and after a publication; its households are found by their dwellings."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="changes")
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="+")
    from_grid = models.ForeignKey(Grid, on_delete=models.PROTECT, null=True, related_name="+")
    to_grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publication", "building"], name="planning_change_once")]

    def __str__(self) -> str:
        return f"{self.building_id}: {self.from_grid_id} → {self.to_grid_id}"
