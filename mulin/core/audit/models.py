"""Rows that are added and never changed: triggers refuse UPDATE, and DELETE within the lawful half year.

Sealing has tables of its own, so that sealing a row does not touch it.
"""

from django.db import models


class AuditKind(models.TextChoices):
    READ = "READ", "READ"
    WRITE = "WRITE", "WRITE"


class AuditRecord(models.Model):
    """One write, or one look at personal data. What was read or written is never repeated here.

    No foreign keys: a record outlives the account and the object it speaks of.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=5, choices=AuditKind)
    actor_id = models.BigIntegerField(null=True)
    actor_username = models.CharField(max_length=60, blank=True)
    actor_name = models.CharField(max_length=60, blank=True)
    actor_role = models.CharField(max_length=120, blank=True)
    """What the actor was at that time, in words a resident may read."""
    action = models.CharField(max_length=100)
    """Dotted name: `cases.reporters.read`, `duty.services.appoint`."""
    object_kind = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=60, blank=True)
    purpose = models.CharField(max_length=20, blank=True)
    purpose_note = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_id", "-id"], name="core_audit_object"),
            models.Index(fields=["actor_username", "-id"], name="core_audit_actor"),
            models.Index(fields=["at"], name="core_audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_username} {self.action} {self.object_kind}:{self.object_id}"


class AuditSeal(models.Model):
    """A batch of records, closed: which rows (`ranges` of ids), what they said, and the seal before."""

    sequence = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    ranges = models.JSONField()
    digests = models.TextField()
    """The first DIGEST_DIGITS hex digits of each row's hash, one after the other: they say which row was changed."""
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)
    """HMAC of the hash under a key outside the database: who can write rows still cannot write seals."""

    def __str__(self) -> str:
        return f"seal {self.sequence}"


class AuditRemoval(models.Model):
    """Batches up to `sequence` were removed when their time was over; the chain goes on from `hash`."""

    sequence = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    last_id = models.BigIntegerField()
    records = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"removed up to {self.sequence}"


class AuditVerification(models.Model):
    """What a walk along the whole chain found. The worker begins one a day and goes a piece at a time."""

    at = models.DateTimeField()
    up_to = models.PositiveBigIntegerField(default=0)
    """The last batch walked past."""
    finished_at = models.DateTimeField(null=True)
    batches = models.PositiveBigIntegerField(default=0)
    faults = models.PositiveBigIntegerField(default=0)
    first_faults = models.JSONField(default=list)
    """[[kind, number], …], at most MOST_FAULTS_KEPT."""

    def __str__(self) -> str:
        return f"{self.at}: {self.faults}"
