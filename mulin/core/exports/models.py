"""A file somebody took out: it is gone when its time is over, that it was made stays known."""

from django.db import models


class ExportFile(models.Model):
    """One export. The file is named by its key and the suffix of `name`; no foreign keys, as core knows no accounts."""

    key = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    """What the file is called when it is downloaded."""
    maker_id = models.BigIntegerField()
    maker_username = models.CharField(max_length=60)
    purpose = models.CharField(max_length=20)
    purpose_note = models.CharField(max_length=200, blank=True)
    rows = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    path = models.TextField(blank=True)
    """Where a command wrote it; empty: it lies in the folder of exports."""
    sha256 = models.CharField(max_length=64, blank=True)
    """What was written outside: only this is deleted there."""

    class Meta:
        indexes = [
            models.Index(fields=["maker_id", "-id"], name="core_export_maker"),
            models.Index(fields=["expires_at"], name="core_export_there", condition=models.Q(deleted_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.maker_username} {self.name}"
