"""A second person's word on revealing what is specially protected."""

from django.db import models
from django.db.models import F, Q


class RevealApproval(models.Model):
    """Somebody asks to see a protected field of one object; somebody else approves for a while, or refuses.

    No foreign keys: core knows no accounts, and who approved stays known when an account is gone.
    """

    field = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    asker_id = models.BigIntegerField()
    asker_name = models.CharField(max_length=60)
    purpose = models.CharField(max_length=20)
    purpose_note = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    """Nobody decided until then: it has to be asked again."""
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(max_length=60, blank=True)
    granted = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["field", "object_id", "asker_id"], name="core_reveal_one_open", condition=Q(decided_at=None)
            ),
            models.CheckConstraint(
                condition=Q(decided_by_id=None) | ~Q(decided_by_id=F("asker_id")), name="core_reveal_second_person"
            ),
        ]
        indexes = [
            models.Index(fields=["lapses_at"], name="core_reveal_open", condition=Q(decided_at=None)),
            models.Index(fields=["asker_id", "-id"], name="core_reveal_asker"),
        ]

    def __str__(self) -> str:
        return f"{self.asker_name} {self.field}:{self.object_id}"
