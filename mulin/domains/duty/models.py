"""Posts as dated data, who holds them where and when, and who stands in."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mulin.core.encryption import EncryptedTextField
from mulin.domains.accounts.models import ADMINISTRATORS, Role, User
from mulin.domains.organisations.models import Organisation
from mulin.domains.places.models import Place, PlaceKind, Tier

ORGANISATION = "ORGANISATION"
POST_PLACES = [*PlaceKind.choices, (ORGANISATION, ORGANISATION)]


class PostKind(models.Model):
    """A kind of post: where it is held, by how many, at which tier, with which role, from when."""

    code = models.CharField(max_length=40)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    place_kind = models.CharField(max_length=20, choices=POST_PLACES)
    seats = models.PositiveSmallIntegerField(default=1)
    tier = models.PositiveSmallIntegerField(choices=Tier)
    holds_cases = models.BooleanField(default=False)
    dispatch_order = models.PositiveSmallIntegerField(default=0)
    on_board = models.BooleanField(default=True)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="duty_post_kind_once"),
            models.CheckConstraint(
                condition=~Q(role__in=sorted(ADMINISTRATORS)), name="duty_post_is_no_administration"
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh


class TenureState(models.TextChoices):
    PLANNED = "PLANNED", "PLANNED"
    ACTIVE = "ACTIVE", "ACTIVE"
    ENDED = "ENDED", "ENDED"


class EndReason(models.TextChoices):
    """Why the system ended a tenure: kept as a code, worded when read. Other reasons are what somebody wrote."""

    HANDED_OVER = "HANDED_OVER", _("交接给接任者")
    ACCOUNT_DISABLED = "ACCOUNT_DISABLED", _("账号已停用")
    PLACE_CLOSED = "PLACE_CLOSED", _("所在的地方已撤销")
    RESTAFFED = "RESTAFFED", _("人员调整")


class Tenure(models.Model):
    """A person holds one seat of a post at a place or organisation, from a day to a day.

    `ends_on` is the first day on which they hold it no more.
    """

    post_kind = models.ForeignKey(PostKind, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="tenures")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="tenures")
    seat = models.PositiveSmallIntegerField(default=1)
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tenures")
    state = models.CharField(max_length=10, choices=TenureState, default=TenureState.ACTIVE)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)
    """A code of `EndReason`, or a sentence."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TenureState.values), name="duty_tenure_state"),
            models.CheckConstraint(
                condition=Q(place=None, organisation__isnull=False) | Q(place__isnull=False, organisation=None),
                name="duty_tenure_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="duty_tenure_dates"
            ),
            models.UniqueConstraint(
                fields=["post_kind", "place", "seat"],
                name="duty_one_holder_per_seat",
                condition=Q(state=TenureState.ACTIVE, organisation=None),
            ),
            models.UniqueConstraint(
                fields=["post_kind", "organisation", "seat"],
                name="duty_one_holder_per_office",
                condition=Q(state=TenureState.ACTIVE, place=None),
            ),
        ]
        indexes = [
            # Not partial: a statement that is planned once has the state as a parameter and cannot use such an index.
            models.Index(fields=["holder", "state"], name="duty_tenure_of_holder"),
            models.Index(fields=["place", "state"], name="duty_tenure_at_place"),
            models.Index(fields=["starts_on"], name="duty_tenure_planned", condition=Q(state=TenureState.PLANNED)),
        ]

    def __str__(self) -> str:
        return f"{self.post_kind_id} {self.holder_id}"


class Absence(models.Model):
    """A holder is away for a time; with a substitute the post stays filled, without one it is vacant."""

    tenure = models.ForeignKey(Tenure, on_delete=models.CASCADE, related_name="absences")
    substitute = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = EncryptedTextField(default="")
    told = models.BooleanField(default=False)  # whether AbsenceBegan has been published

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="duty_absence_dates")]
        indexes = [
            models.Index(fields=["substitute", "ends_at"], name="duty_absence_substitute"),
            models.Index(fields=["begins_at"], name="duty_absence_untold", condition=Q(told=False)),
        ]

    def __str__(self) -> str:
        return f"{self.tenure_id} {self.begins_at:%F}"
