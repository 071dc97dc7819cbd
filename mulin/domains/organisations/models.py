"""Departments, street offices, committees, party branches, property companies and partner units, with their duties."""

from django.db import models
from django.db.models import Q


class OrganisationKind(models.Model):
    """A kind of organisation, from data/organisation_kinds.csv."""

    code = models.CharField(max_length=40, primary_key=True)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)
    level = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.name_zh


class Organisation(models.Model):
    """An organisation and the area it serves."""

    kind = models.ForeignKey(OrganisationKind, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    area_code = models.CharField(max_length=12)
    work_phone = models.CharField(max_length=20, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "area_code"], name="organisations_kind_area")]

    def __str__(self) -> str:
        return self.name


class DutyRole(models.TextChoices):
    LEAD = "LEAD", "LEAD"
    ASSIST = "ASSIST", "ASSIST"


class DutyItem(models.Model):
    """职责清单: the organisation leads or assists in a category of cases, for a time."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="duties")
    category_code = models.CharField(max_length=10)
    role = models.CharField(max_length=10, choices=DutyRole)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=DutyRole.values), name="organisations_duty_role"),
            models.UniqueConstraint(
                fields=["organisation", "category_code"], name="organisations_duty_once", condition=Q(ends_on=None)
            ),
        ]
        indexes = [models.Index(fields=["category_code", "role"], name="organisations_duty_category")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.role} {self.category_code}"
