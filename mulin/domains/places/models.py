"""One dated tree of places: province → county → street → community → building → entrance, with grids and
contact groups laid over it. Nothing is deleted; what ends has an end date.
"""

from django.db import models
from django.db.models import F, Q

from mulin.core.encryption import EncryptedTextField, LookupHashField
from mulin.core.geometry import Shaped
from mulin.domains.places import rules


class PlaceKind(models.TextChoices):
    PROVINCE = "PROVINCE", "PROVINCE"
    PREFECTURE = "PREFECTURE", "PREFECTURE"
    COUNTY = "COUNTY", "COUNTY"
    STREET = "STREET", "STREET"
    COMMUNITY = "COMMUNITY", "COMMUNITY"
    GRID = "GRID", "GRID"
    ESTATE = "ESTATE", "ESTATE"
    BUILDING = "BUILDING", "BUILDING"
    ENTRANCE = "ENTRANCE", "ENTRANCE"
    CONTACT_GROUP = "CONTACT_GROUP", "CONTACT_GROUP"
    FACILITY = "FACILITY", "FACILITY"


AREA_KINDS = (PlaceKind.PROVINCE, PlaceKind.PREFECTURE, PlaceKind.COUNTY, PlaceKind.STREET, PlaceKind.COMMUNITY)


class Tier(models.IntegerChoices):
    """Who settles a case, lowest first (就近: the lowest tier able to)."""

    CONTACT_GROUP = 10, "CONTACT_GROUP"
    BUILDING = 20, "BUILDING"
    GRID = 30, "GRID"
    COMMUNITY = 40, "COMMUNITY"
    STREET = 50, "STREET"
    COUNTY = 60, "COUNTY"


class Place(Shaped):
    """A place somebody can be responsible for.

    `area_code` is the 12-digit statistics code of the area the place lies in (its own for an area), so that a
    range of codes selects everything below an area. The parent of a grid, estate or building is its community;
    of an entrance or contact group, its building.
    """

    kind = models.CharField(max_length=20, choices=PlaceKind)
    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    area_code = models.CharField(max_length=12)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PlaceKind.values), name="places_place_kind"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="places_place_dates"
            ),
        ]
        indexes = [models.Index(fields=["kind", "area_code"], name="places_place_kind_area")]

    def __str__(self) -> str:
        return self.name


class Building(models.Model):
    """What a building has beyond a place. `board_code` is on the QR code at its door."""

    place = models.OneToOneField(Place, on_delete=models.CASCADE, primary_key=True, related_name="building")
    estate = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    address = models.CharField(max_length=200)
    floors = models.PositiveSmallIntegerField(default=1)
    board_code = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.address


class GridKind(models.TextChoices):
    """基础网格、专属网格 (DB6101/T 3185-2024) and 微网格."""

    BASIC = "BASIC", "BASIC"
    DEDICATED = "DEDICATED", "DEDICATED"
    MICRO = "MICRO", "MICRO"


class Grid(models.Model):
    """What a grid has beyond a place; its place's code is the 15-digit code of GB/T 30428.1."""

    place = models.OneToOneField(Place, on_delete=models.CASCADE, primary_key=True, related_name="grid")
    grid_kind = models.CharField(max_length=10, choices=GridKind, default=GridKind.BASIC)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(grid_kind__in=GridKind.values), name="places_grid_kind")]

    def __str__(self) -> str:
        return self.grid_kind


class GridBoundary(Shaped):
    """The ground a grid covers from a date; a redraw adds a row and ends the one before."""

    grid = models.ForeignKey(Grid, on_delete=models.CASCADE, related_name="boundaries")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grid"], name="places_boundary_one_open", condition=Q(ends_on=None))
        ]

    def __str__(self) -> str:
        return f"{self.grid_id} {self.starts_on}"


class GridMembership(models.Model):
    """A building belongs to one basic or dedicated grid at a time."""

    building = models.ForeignKey(Building, on_delete=models.CASCADE, related_name="memberships")
    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="memberships")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["building"], name="places_membership_one_open", condition=Q(ends_on=None))
        ]

    def __str__(self) -> str:
        return f"{self.building_id} in {self.grid_id}"


class Dwelling(models.Model):
    """A flat behind an entrance; `area_code` repeats the building's so that 200,000 are counted without joins.

    A room number together with its building says where somebody lives: it is encrypted, and found by `room_hash`.
    """

    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="dwellings")
    entrance = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    floor = models.SmallIntegerField()
    room = EncryptedTextField()
    room_hash = LookupHashField(of="door")
    area_code = models.CharField(max_length=12)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entrance", "room_hash"], name="places_dwelling_once")]
        indexes = [models.Index(fields=["area_code"], name="places_dwelling_area")]

    def __str__(self) -> str:
        return self.room

    @property
    def door(self) -> str:
        return rules.door(self.building_id, self.room)


class Household(models.Model):
    """A household living in a dwelling for a time; who they are belongs to the residents' domain."""

    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="households")
    area_code = models.CharField(max_length=12)
    moved_in_on = models.DateField()
    moved_out_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["area_code"], name="places_household_area", condition=Q(moved_out_on=None))]

    def __str__(self) -> str:
        return f"household {self.pk}"


class GroupMembership(models.Model):
    """A household belongs to one contact group (联户组) at a time."""

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="memberships")
    group = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["household"], name="places_group_membership_one_open", condition=Q(ends_on=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} in {self.group_id}"


class BaseKind(models.TextChoices):
    ROAD = "ROAD", "ROAD"
    RAILWAY = "RAILWAY", "RAILWAY"
    WATER = "WATER", "WATER"
    GREEN = "GREEN", "GREEN"
    BLOCK = "BLOCK", "BLOCK"


class BaseFeature(Shaped):
    """Something drawn under the map so that people find their way: nobody is responsible for it.

    `rank` orders what is drawn at which scale: a road's class from 1 (main road) to 5 (track), else 1.
    """

    kind = models.CharField(max_length=10, choices=BaseKind)
    name = models.CharField(max_length=100, blank=True)
    rank = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=BaseKind.values), name="places_base_kind")]

    def __str__(self) -> str:
        return self.name or self.kind
