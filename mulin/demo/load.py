"""The demo town into an empty database, all of it or nothing."""

from datetime import datetime, timedelta
from itertools import count

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mulin.core import versions
from mulin.core.errors import Conflict
from mulin.demo.bulk import Loader, Progress
from mulin.demo.load_cases import CASES, load_cases
from mulin.demo.load_people import SignIn, load_people, people_rows
from mulin.demo.load_places import load_places, place_rows
from mulin.demo.sizes import SizeName
from mulin.demo.town import build_town
from mulin.domains.accounts.models import User
from mulin.domains.places.models import Place
from mulin.domains.places.queries import PLACES_VERSION

IN_POST_FOR = timedelta(days=400)
STEPS_OF_GROWING = 3


class NotEmpty(Conflict):
    code = "database_not_empty"
    sentence = _("数据库里已有地方或人员，演示城区只装入空数据库。")
    remedy = _("请换一个数据目录（MULIN_HOME），或先备份并清空数据库。")


def silent(_label: str, _done: int, _total: int) -> None:
    """Progress nobody looks at."""


def load_town(*, size: SizeName, seed: int, progress: Progress = silent, now: datetime | None = None) -> list[SignIn]:
    """Grow the town and load it with its people and some cases; return one sign-in per kind of user.

    Reference data (roles, posts, categories, calendar) must be there. Raises NotEmpty.
    """
    moment = now or timezone.now()
    if User.objects.exists() or Place.objects.exists():
        raise NotEmpty
    grown = count(1)
    town = build_town(size, seed, lambda _step: progress(gettext("城区"), next(grown), STEPS_OF_GROWING))
    since = timezone.localdate(moment - IN_POST_FOR)
    loader = Loader(progress, place_rows(town) + people_rows(town) + CASES)
    with transaction.atomic():
        places = load_places(loader, town, since)
        people = load_people(loader, town, places, since=since, now=moment)
        versions.bump(PLACES_VERSION)
        versions.forget_all()
        load_cases(loader, town, places, people, seed=seed, now=moment)
    versions.forget_all()
    return people.sign_ins
