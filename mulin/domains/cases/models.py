"""A resident's case, its steps that are never changed, and what hangs on it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core.clocks.kinds import ClockKind
from mulin.core.encryption import EncryptedTextField, LookupHashField
from mulin.domains.accounts.models import User
from mulin.domains.cases import rules
from mulin.domains.cases.states import OPEN, Status
from mulin.domains.duty.models import Tenure
from mulin.domains.organisations.models import Organisation
from mulin.domains.places.models import Place, Tier

CLOCKS = [(kind.name, kind.name) for kind in ClockKind]


class Category(models.Model):
    """One kind of case of the directory; a changed name or group is a new row from a date."""

    code = models.CharField(max_length=10)
    group_code = models.CharField(max_length=10)
    group_zh = models.CharField(max_length=60)
    group_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)
    keywords = models.TextField(blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="cases_category_once")]

    def __str__(self) -> str:
        return self.name_zh


class CategoryRule(models.Model):
    """Who settles a category and within what time, from a date, in a region.

    A row is never changed once a case is filed under it.
    """

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="rules")
    lowest_tier = models.PositiveSmallIntegerField(choices=Tier)
    lead_kinds = models.JSONField(default=list)
    assist_kinds = models.JSONField(default=list)
    urgent = models.BooleanField(default=False)
    respond_clock = models.CharField(max_length=20, choices=CLOCKS)
    respond_amount = models.PositiveIntegerField()
    resolve_clock = models.CharField(max_length=20, choices=CLOCKS)
    resolve_amount = models.PositiveIntegerField()
    region = models.CharField(max_length=12)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["category", "region", "valid_from"], name="cases_category_rule_once")
        ]

    def __str__(self) -> str:
        return f"{self.category_id} from {self.valid_from}"


class Channel(models.TextChoices):
    RESIDENT = "RESIDENT", "RESIDENT"
    DESK = "DESK", "DESK"
    HOLDER = "HOLDER", "HOLDER"
    API = "API", "API"
    IMPORT = "IMPORT", "IMPORT"
    SPLIT = "SPLIT", "SPLIT"


class Case(models.Model):
    """事项: what a resident needs settled. While it is open somebody holds it, and it has both deadlines."""

    receipt_code = models.CharField(max_length=16, unique=True)
    channel = models.CharField(max_length=10, choices=Channel)
    text = EncryptedTextField()
    search_text = models.TextField(blank=True)
    """Words and address without numbers that say who or which door: what lists show and a search looks into."""
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey(CategoryRule, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status, default=Status.REPORTED)

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(max_length=12)
    grid = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    building = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    contact_group = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    address_text = EncryptedTextField(default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    outside_grids = models.BooleanField(default=False)

    tier = models.PositiveSmallIntegerField(choices=Tier)
    holder_tenure = models.ForeignKey(Tenure, on_delete=models.PROTECT, null=True, related_name="+")
    holder_organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")

    reported_at = models.DateTimeField()
    clock_started_at = models.DateTimeField()
    respond_due_at = models.DateTimeField(null=True)
    resolve_due_at = models.DateTimeField(null=True)
    accept_due_at = models.DateTimeField(null=True)
    overdue_escalated = models.BooleanField(default=False)
    extension_amount = models.PositiveIntegerField(default=0)
    emergency = models.BooleanField(default=False)
    first_contact_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    result_text = EncryptedTextField(default="")
    erased_at = models.DateTimeField(null=True)
    """When the words, the spot and the photos were erased; what was decided about the case stays."""

    round = models.PositiveSmallIntegerField(default=1)
    step_count = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    split_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")
    external_key = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="cases_case_status"),
            models.CheckConstraint(
                condition=~Q(status__in=OPEN) | Q(holder_tenure__isnull=False) | Q(holder_organisation__isnull=False),
                name="cases_case_held",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=OPEN)
                | Q(status=Status.PAUSED)
                | Q(respond_due_at__isnull=False, resolve_due_at__isnull=False),
                name="cases_case_has_deadlines",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.MERGED) | Q(merged_into__isnull=False), name="cases_case_merged_into"
            ),
            models.UniqueConstraint(
                fields=["external_key"], name="cases_case_external_key", condition=~Q(external_key="")
            ),
        ]
        indexes = [
            models.Index(fields=["area_code", "-id"], name="cases_case_area"),
            models.Index(fields=["resolve_due_at", "id"], name="cases_case_open_due", condition=Q(status__in=OPEN)),
            models.Index(
                fields=["holder_tenure", "resolve_due_at"], name="cases_case_holder_open", condition=Q(status__in=OPEN)
            ),
            models.Index(
                fields=["holder_organisation", "resolve_due_at"],
                name="cases_case_org_open",
                condition=Q(status__in=OPEN),
            ),
            models.Index(fields=["accept_due_at"], name="cases_case_unaccepted", condition=Q(status=Status.DISPATCHED)),
            models.Index(fields=["building", "-id"], name="cases_case_building"),
            models.Index(fields=["grid", "-id"], name="cases_case_grid"),
            models.Index(fields=["resolved_at"], name="cases_case_unrated", condition=Q(status=Status.RESOLVED)),
            models.Index(fields=["reported_at"], name="cases_case_reported"),
            # The desk's list and counts: what waits in an area, by deadline.
            models.Index(fields=["status", "area_code", "resolve_due_at"], name="cases_case_status_area"),
            # The rates of a period; left out until it has happened, so that a report writes no entry.
            models.Index(fields=["resolved_at"], name="cases_case_resolved", condition=Q(resolved_at__isnull=False)),
            models.Index(
                fields=["first_contact_at"], name="cases_case_contacted", condition=Q(first_contact_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """20261122-000123: the day of the report and the running number; no counter for writers to queue at."""
        return f"{timezone.localtime(self.reported_at):%Y%m%d}-{self.pk:06d}"


class Reporter(models.Model):
    """Who asked: the first reporter, those who joined, and those of cases merged into this one.

    Contact is optional and encrypted. Who joined has a `follow_code` of their own: it opens the progress of the case,
    never the first reporter's words, and moves nothing. The first reporter uses the case's receipt code.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reporters")
    name = EncryptedTextField(default="")
    phone = EncryptedTextField(default="")
    phone_hash = LookupHashField(of="phone_key")
    room = EncryptedTextField(default="")
    phone_confirmed_at = models.DateTimeField(null=True)
    """When a code sent to this phone came back; nobody has to, another number has to be confirmed anew."""
    follow_code = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["follow_code"], name="cases_reporter_follow_code", condition=~Q(follow_code="")
            )
        ]
        indexes = [models.Index(fields=["phone_hash"], name="cases_reporter_phone")]

    def __str__(self) -> str:
        return f"reporter of {self.case_id}"

    @property
    def phone_key(self) -> str:
        return rules.phone_key(self.phone)


class Care(models.Model):
    """特别保护: what makes the people of a case specially protected (under 14; health, care).

    Revealing anybody of the case then needs a second person; the marks are added to, never taken away, so that
    nobody lifts the protection alone.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True, related_name="care")
    under_14 = models.BooleanField(default=False)
    note = EncryptedTextField(default="")
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"care of {self.case_id}"


class SystemNote(models.TextChoices):
    """What the system itself notes with a step: kept as a code in the step's data, worded when read."""

    CONTACT_CORRECTED = "CONTACT_CORRECTED", _("居民更正了联系方式。")
    CONTACT_WITHDRAWN = "CONTACT_WITHDRAWN", _("居民撤回了联系方式，办理结果请留在进展页。")


class Step(models.Model):
    """One move a case made. Rows are added and never changed; each carries the hash of the one before it.

    The hash covers `words_digest`, a salted hash of both notes: when the time to keep them is over, notes and salt are
    erased and the chain still holds (decision 10).
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    sequence = models.PositiveIntegerField()
    move = models.CharField(max_length=30)
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12, choices=Status)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=100)
    taken_at = models.DateTimeField()
    note = EncryptedTextField(default="")
    public_note = EncryptedTextField(default="")
    words_salt = EncryptedTextField(default="")
    words_digest = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "sequence"], name="cases_step_once")]

    def __str__(self) -> str:
        return f"{self.case_id}.{self.sequence} {self.move}"


class Pause(models.Model):
    """A time in which the clocks of a case stood still."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="pauses")
    reason_code = models.CharField(max_length=40)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], name="cases_pause_one_open", condition=Q(ended_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.reason_code}"


class WhistleState(models.TextChoices):
    CALLED = "CALLED", "CALLED"
    ARRIVED = "ARRIVED", "ARRIVED"
    ANSWERED = "ANSWERED", "ANSWERED"
    RETURNED = "RETURNED", "RETURNED"


class Whistle(models.Model):
    """吹哨: a department is asked to come and settle a case together; the caller keeps holding it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="whistles")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=WhistleState, default=WhistleState.CALLED)
    ask = EncryptedTextField()
    called_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField()
    arrive_due_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = EncryptedTextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=WhistleState.values), name="cases_whistle_state"),
            models.UniqueConstraint(
                fields=["case", "organisation"],
                name="cases_whistle_one_open",
                condition=Q(state__in=[WhistleState.CALLED, WhistleState.ARRIVED]),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "state", "arrive_due_at"], name="cases_whistle_inbox")]

    def __str__(self) -> str:
        return f"{self.case_id} → {self.organisation_id}"


class PhotoOf(models.TextChoices):
    REPORT = "REPORT", "REPORT"
    RESULT = "RESULT", "RESULT"


class Photo(models.Model):
    """A picture we encoded ourselves; the file name is ours and no metadata is kept."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="photos")
    of = models.CharField(max_length=10, choices=PhotoOf, default=PhotoOf.REPORT)
    file_name = models.CharField(max_length=60, unique=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.file_name


class Solved(models.TextChoices):
    YES = "YES", "YES"
    PARTLY = "PARTLY", "PARTLY"
    NO = "NO", "NO"


class Satisfied(models.TextChoices):
    YES = "YES", "YES"
    BASICALLY = "BASICALLY", "BASICALLY"
    NO = "NO", "NO"


class Rating(models.Model):
    """The resident's last word on one round of a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="ratings")
    round = models.PositiveSmallIntegerField()
    responded = models.BooleanField(default=True)
    solved = models.CharField(max_length=10, choices=Solved)
    satisfied = models.CharField(max_length=10, choices=Satisfied)
    note = EncryptedTextField(default="")
    rated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "round"], name="cases_rating_once"),
            models.CheckConstraint(condition=Q(solved__in=Solved.values), name="cases_rating_solved"),
            models.CheckConstraint(condition=Q(satisfied__in=Satisfied.values), name="cases_rating_satisfied"),
        ]
        indexes = [models.Index(fields=["rated_at"], name="cases_rating_rated")]

    def __str__(self) -> str:
        return f"{self.case_id}.{self.round} {self.solved}"


class DispatchGap(models.Model):
    """A tier that should have held a case had nobody there; the case went one tier up."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="gaps")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    tier = models.PositiveSmallIntegerField(choices=Tier)
    absent = models.BooleanField(default=False)
    found_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.case_id} {self.place_id}"


class Emergency(models.Model):
    """急时: flat dispatch and continuous clocks in an area, switched on by a named person, off by itself."""

    area = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    began_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area"], name="cases_emergency_one_open", condition=Q(ended_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.area_id} until {self.ends_at:%F %H:%M}"


class BurdenException(models.Model):
    """例外: something the burden linter refuses, allowed while an emergency lasts; over by itself with its time."""

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="burden_exceptions")
    definition = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    ban = models.CharField(max_length=20)
    reason = models.CharField(max_length=200)
    basis = models.CharField(max_length=200)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["emergency", "definition", "ban"], name="cases_burden_one_open", condition=Q(ended_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.definition} {self.ban} until {self.ends_at:%F %H:%M}"


class Policy(models.Model):
    """A dated number or list of the case rules (rating window, whistle arrival time, reasons, rate definitions)."""

    name = models.CharField(max_length=60)
    value = models.JSONField()
    region = models.CharField(max_length=12)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "region", "valid_from"], name="cases_policy_once")]

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A desk's filters under a name."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    filters = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="cases_saved_view_once")]

    def __str__(self) -> str:
        return self.name


class LearntWord(models.Model):
    """How often a word stood in cases that a desk confirmed as a category: what the suggestion has learnt."""

    word = models.CharField(max_length=20)
    category_code = models.CharField(max_length=10)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "category_code"], name="cases_learnt_word_once")]

    def __str__(self) -> str:
        return f"{self.word} {self.category_code}"
