"""What stands beside a case, as the API answers it."""

from datetime import datetime

from mulin.domains.accounts.models import User
from mulin.domains.cases import access
from mulin.domains.cases.api.desk_schemas import CategoryHintOut, PassedOut, RelatedOut, RelationOut, SimilarOut
from mulin.domains.cases.models import Case
from mulin.domains.cases.pages.desk_detail import distance_words, suggested
from mulin.domains.cases.pages.labels import case_number
from mulin.domains.cases.queries import detail, directory, duplicates
from mulin.domains.cases.queries.duplicates import Duplicate
from mulin.domains.cases.states import OPEN


def related_out(user: User, case: Case, *, now: datetime) -> RelatedOut:
    moves = {move.name for move in access.moves_for(user, case, now=now)}
    alike = duplicates.duplicates_of(user, case, now=now) if case.status in OPEN else []
    return RelatedOut(
        similar=[_similar(one, may_merge="merge" in moves) for one in alike],
        relations=[
            RelationOut(relation=relation, id=other.pk, number=other.number, status=other.status)
            for relation, other in detail.relations(user, case, now=now)
        ],
        passed_over=[PassedOut(place=place, tier=tier, absent=absent) for place, tier, absent in detail.gaps(case)],
        categories=[CategoryHintOut.from_orm(one) for one in suggested(case)] if "recategorise" in moves else [],
    )


def _similar(one: Duplicate, *, may_merge: bool) -> SimilarOut:
    return SimilarOut(
        id=one.pk,
        number=case_number(one.pk, one.reported_at),
        text=one.text,
        category=directory.category_names().get(one.category_id, ""),
        status=one.status,
        at=one.reported_at,
        where=distance_words(one),
        percent=round(one.score * 100),
        may_merge=may_merge,
    )
