"""What planning knows of the ground beyond the places: counted households, neighbours by hand, imports of files."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mulin.core.geometry import Shaped
from mulin.domains.accounts.models import User
from mulin.domains.places.models import BaseFeature, Building, Place
from mulin.domains.planning.importing.kinds import GroundKind


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


class ImportState(models.TextChoices):
    TO_READ = "TO_READ", _("等待读取")
    READ = "READ", _("待选坐标系和列")
    TO_CHECK = "TO_CHECK", _("等待检查")
    CHECKED = "CHECKED", _("已检查，待导入")
    APPLYING = "APPLYING", _("正在导入")
    DONE = "DONE", _("已导入")
    FAILED = "FAILED", _("读不了")
    ABANDONED = "ABANDONED", _("已放弃")


class GroundImport(models.Model):
    """One file of ground truth on its way in; `stored` is our name of the file, empty once it is deleted.

    `source` names where rows come from: the same key of another source is another thing. `sample` is what a first look
    told: its columns with examples, its layers, what it says of its coordinates.
    """

    kind = models.CharField(max_length=20, choices=GroundKind)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.TO_READ)
    area_code = models.CharField(max_length=12)
    file_name = models.CharField(max_length=120)
    stored = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=60)
    sample = models.JSONField(default=dict)
    layer = models.CharField(max_length=120, blank=True)
    crs = models.CharField(max_length=20, blank=True)
    columns = models.JSONField(default=dict)
    repairs = models.JSONField(default=list)
    phase = models.CharField(max_length=20, blank=True)
    rows = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    ready = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    applied = models.PositiveIntegerField(default=0)
    refusal = models.JSONField(null=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["area_code", "-id"], name="planning_import_area")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=GroundKind.values), name="planning_import_kind"),
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="planning_import_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"


class StagedRow(Shaped):
    """A checked row of a file that has not gone in: it waits to, or its findings keep it out.

    `findings` lists code, details and whether it was repaired; `code` is the first that keeps the row out.
    """

    job = models.ForeignKey(GroundImport, on_delete=models.CASCADE, related_name="staged")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    values = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    code = models.CharField(max_length=30, blank=True)
    is_ready = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["job", "is_ready", "number"], name="planning_staged_in_order")]

    def __str__(self) -> str:
        return f"{self.job_id}:{self.number} {self.code}"


class ImportedKey(models.Model):
    """What a row that went in is known by, so that it goes in once; `fingerprint` is what the file said of it."""

    kind = models.CharField(max_length=20, choices=GroundKind)
    area_code = models.CharField(max_length=12)
    source = models.CharField(max_length=60)
    key = models.CharField(max_length=64)
    written_key = models.CharField(max_length=100, blank=True)
    fingerprint = models.CharField(max_length=64)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, null=True, related_name="+")
    base = models.ForeignKey(BaseFeature, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "area_code", "source", "key"], name="planning_imported_once")
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.written_key or self.key[:8]}"


class Facility(models.Model):
    """What a facility has beyond a place: which kind of the directory it is."""

    place = models.OneToOneField(Place, on_delete=models.CASCADE, primary_key=True, related_name="planned_facility")
    kind = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(fields=["kind"], name="planning_facility_kind")]

    def __str__(self) -> str:
        return self.kind
