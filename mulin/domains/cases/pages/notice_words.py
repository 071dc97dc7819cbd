"""What notices about cases say."""

from django.utils.translation import gettext as _

from mulin.core.notice_words import Facts, words
from mulin.domains.cases.queries import directory
from mulin.domains.cases.states import LIFECYCLE


@words(*(move.name for move in LIFECYCLE.moves))
def _moved(facts: Facts) -> str:
    return _("{move}：{number} {category}").format(
        move=LIFECYCLE.move(facts["move"]).label,
        number=facts["number"],
        category=directory.category_names().get(facts["category_id"], ""),
    )


@words("reveal_asked")
def _reveal_asked(facts: Facts) -> str:
    return _("有同事申请查看受特别保护的信息")


@words("reveal_decided")
def _reveal_decided(facts: Facts) -> str:
    return _("查看申请已同意，请在有效时间内查看") if facts["granted"] else _("查看申请没有被同意")
