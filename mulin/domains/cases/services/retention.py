"""What of a case is erased when its time is over. The record of how it was settled stays, and its chain still holds."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from mulin.domains.cases.engine import photos
from mulin.domains.cases.models import Care, Case, Photo, Rating, Reporter, Step, Whistle
from mulin.domains.cases.queries.history import ERASED_UNSALTED
from mulin.domains.cases.states import OPEN

_HAS_CONTACT = ~Q(name="") | ~Q(phone="") | ~Q(room="")


def _ended(prefix: str, before: datetime) -> Q:
    ended = Q(**{f"{prefix}ended_at__lt": before})
    return ended & ~Q(**{f"{prefix}status__in": OPEN})


def contacts_over(*, before: datetime) -> QuerySet[Any]:
    return Reporter.objects.filter(_ended("case__", before) & _HAS_CONTACT)


def erase_contacts(*, ids: list[Any], now: datetime) -> None:
    Reporter.objects.filter(pk__in=ids).update(name="", phone="", phone_hash="", room="", phone_confirmed_at=None)


def care_over(*, before: datetime) -> QuerySet[Any]:
    return Care.objects.filter(_ended("case__", before) & ~Q(note=""))


def erase_care(*, ids: list[Any], now: datetime) -> None:
    """The notes go; that a person needs protection stays known as long as anything about them is kept."""
    Care.objects.filter(pk__in=ids).update(note="")


def photos_over(*, before: datetime) -> QuerySet[Any]:
    return Photo.objects.filter(_ended("case__", before))


def delete_photos(*, ids: list[Any], now: datetime) -> None:
    """The files first: killed between, the rows still say what there is to do."""
    rows = Photo.objects.filter(pk__in=ids)
    for name in rows.values_list("file_name", flat=True):
        photos.remove(name)
    rows.delete()


def words_over(*, before: datetime) -> QuerySet[Any]:
    return Case.objects.filter(_ended("", before), erased_at=None)


def erase_words(*, ids: list[Any], now: datetime) -> None:
    """Erase everything somebody said or wrote about a case, with the spot, the photos and who reported it."""
    erase_contacts(ids=list(Reporter.objects.filter(case__in=ids).values_list("pk", flat=True)), now=now)
    delete_photos(ids=list(Photo.objects.filter(case__in=ids).values_list("pk", flat=True)), now=now)
    Care.objects.filter(case__in=ids).delete()
    steps = Step.objects.filter(case__in=ids)
    steps.filter(words_digest="").exclude(note="", public_note="").update(words_digest=ERASED_UNSALTED)
    steps.update(note="", public_note="", words_salt="")
    Whistle.objects.filter(case__in=ids).update(ask="", answer="")
    Rating.objects.filter(case__in=ids).update(note="")
    Case.objects.filter(pk__in=ids).update(
        text="", search_text="", address_text="", result_text="", lon=None, lat=None, erased_at=now
    )
