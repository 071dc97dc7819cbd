"""Tables every domain leans on: versions, outbox, idempotency, refused attempts, calendar, audit, exports, privacy."""

from django.db import models

from mulin.core.audit.models import AuditKind, AuditRecord, AuditRemoval, AuditSeal, AuditVerification
from mulin.core.calendar_models import CalendarDay, CalendarYear, WorkingPeriod
from mulin.core.encryption import EncryptedTextField
from mulin.core.exports.models import ExportFile
from mulin.core.privacy.models import RetentionLine, RetentionRun
from mulin.core.revealing.models import RevealApproval


class Version(models.Model):
    """How often the thing called `name` has changed; processes compare it with what they remember."""

    name = models.CharField(max_length=60, primary_key=True)
    number = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class DeliveryState(models.TextChoices):
    PENDING = "PENDING", "PENDING"
    DONE = "DONE", "DONE"
    DEAD = "DEAD", "DEAD"


class OutboxMessage(models.Model):
    """One event on its way to one handler, written in the transaction of what happened."""

    event = models.CharField(max_length=100)
    handler = models.CharField(max_length=200)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    published_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=40, blank=True)
    done_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="core_outbox_pending", condition=models.Q(state=DeliveryState.PENDING)
            ),
            models.Index(fields=["-id"], name="core_outbox_dead", condition=models.Q(state=DeliveryState.DEAD)),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.handler} ({self.state})"


class PeriodicTask(models.Model):
    """When a recurring task is due next; claimed by one worker at a time."""

    name = models.CharField(max_length=100, primary_key=True)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    ran_at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(null=True)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(models.Model):
    """A write that was done once under `key`; the same request again gets the same answer."""

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    answer = EncryptedTextField(default="")
    """JSON; it may repeat what the request said."""
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="core_idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.scope}/{self.key}"


class RefusedAttempt(models.Model):
    """How often something that must not be guessed was tried from one place in one window of time."""

    bucket = models.CharField(max_length=120)
    window_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "window_at"], name="core_refused_attempt_once")]

    def __str__(self) -> str:
        return f"{self.bucket}: {self.count}"


__all__ = [
    "AuditKind",
    "AuditRecord",
    "AuditRemoval",
    "AuditSeal",
    "AuditVerification",
    "CalendarDay",
    "CalendarYear",
    "DeliveryState",
    "ExportFile",
    "IdempotencyKey",
    "OutboxMessage",
    "PeriodicTask",
    "RefusedAttempt",
    "RetentionLine",
    "RetentionRun",
    "RevealApproval",
    "Version",
    "WorkingPeriod",
]
