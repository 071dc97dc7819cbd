"""我也遇到: a neighbour with the same problem joins an open case instead of filing it again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mulin.core.codes import new_code
from mulin.core.errors import Conflict
from mulin.domains.accounts.models import User
from mulin.domains.cases import rules
from mulin.domains.cases.engine.steps import RESIDENT_NAME, allowed, locked, take
from mulin.domains.cases.models import Case, Reporter
from mulin.domains.cases.services.reporting import Contact, new_reporter

MOST_JOINED = 200


class TooManyJoined(Conflict):
    code = "too_many_joined"
    sentence = _("这件事项已有很多邻居反映，正在办理。")
    remedy = _("不必再次反映；有新的情况请另外点单。")


@transaction.atomic
def join_case(
    *, actor: User | None, case: Case, now: datetime, words: str = "", contact: Contact | None = None
) -> Reporter:
    """Add a reporter to an open case and return them with a follow code of their own.

    The code shows progress and result and moves nothing: rating, reopening and withdrawing stay with who reported
    first. `words` go to the holder only. Raises IllegalMove once the case is settled, TooManyJoined.
    """
    case = locked(case)
    allowed(case, "join")
    joined = Reporter.objects.filter(case=case).count()
    if joined >= MOST_JOINED:
        raise TooManyJoined
    reporter = new_reporter(case=case, contact=contact or Contact(), at=now)
    reporter.follow_code = new_code()
    reporter.save(force_insert=True)
    name = actor.name if actor else RESIDENT_NAME
    note = words.strip()[: rules.LONGEST_TEXT]
    take(case, "join", actor=actor, actor_name=name, now=now, note=note, data={"reporters": joined + 1})
    return reporter
