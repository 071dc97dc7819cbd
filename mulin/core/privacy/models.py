"""What the retention job did: a run, and a line for each class of data."""

from django.db import models


class RetentionRun(models.Model):
    """One pass over everything whose time may be over; a killed one is gone on with."""

    began_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.began_at:%F %H:%M}"


class RetentionLine(models.Model):
    """How many rows of a class were deleted or erased: those whose time was over `before`."""

    run = models.ForeignKey(RetentionRun, on_delete=models.CASCADE, related_name="lines")
    code = models.CharField(max_length=30)
    action = models.CharField(max_length=10)
    days = models.PositiveIntegerField()
    source = models.CharField(max_length=300, blank=True)
    before = models.DateTimeField()
    rows = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "code"], name="core_retention_line_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.code} {self.rows}"
