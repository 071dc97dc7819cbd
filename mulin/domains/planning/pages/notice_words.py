"""What notices about grid drafts say."""

from django.utils.translation import gettext as _

from mulin.core.notice_words import Facts, words


@words("draft")
def _computed(facts: Facts) -> str:
    words_of = _("草案“{name}”已有方案") if facts["has_plan"] else _("草案“{name}”算不出方案")
    return words_of.format(name=facts["name"])
