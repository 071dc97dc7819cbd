"""The work calendar as an administrator keeps it."""

from django.db import models
from django.db.models import F, Q

from mulin.core.clocks.days import MINUTES_PER_DAY


class CalendarYear(models.Model):
    """A year whose holidays are known; without its row no deadline reaches into it."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    source = models.CharField(max_length=200)
    edited_by = models.CharField(max_length=150, blank=True)
    edited_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.year} ({self.source})"


class CalendarDay(models.Model):
    """A date that differs from "Monday to Friday", or that a notice names."""

    date = models.DateField(primary_key=True)
    is_working = models.BooleanField()
    name_zh = models.CharField(max_length=50)
    name_en = models.CharField(max_length=80)
    # A notice may decide days of the December before; importing that older year again keeps them.
    notice_year = models.PositiveSmallIntegerField(db_index=True)
    source = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.date} {'班' if self.is_working else '休'} {self.name_zh}"


class WorkingPeriod(models.Model):
    """One working period of the day, in force from a date on; `region` is an area code, empty: everywhere."""

    region = models.CharField(max_length=12, blank=True)
    valid_from = models.DateField()
    starts_minute = models.PositiveSmallIntegerField()
    ends_minute = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "valid_from", "starts_minute"], name="working_period_once"),
            models.CheckConstraint(
                condition=Q(ends_minute__gt=F("starts_minute"), ends_minute__lte=MINUTES_PER_DAY),
                name="working_period_within_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region or '*'} {self.valid_from}: {self.starts_minute}–{self.ends_minute}"
