"""What a desk fills in to ask for a draft, and to put one in force."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mulin.domains.places.queries import Area
from mulin.domains.planning.pages.drafts import DEFAULT_LEVEL, LEVEL_NAMES, LEVELS, weights_of
from mulin.domains.planning.services.drafting import Wish

SECONDS = ((5, _("5 秒")), (10, _("10 秒")), (30, _("30 秒")), (120, _("2 分钟")), (600, _("10 分钟")))


class AskForm(forms.Form):
    """The wish for a draft."""

    area = forms.ChoiceField(label=_("范围"))
    name = forms.CharField(label=_("名称"), max_length=100, required=False)
    lowest = forms.IntegerField(label=_("每格户数下限"), min_value=0, max_value=100_000, initial=300)
    highest = forms.IntegerField(label=_("每格户数上限"), min_value=1, max_value=100_000, initial=500)
    start = forms.ChoiceField(
        label=_("从哪里开始"),
        choices=[("present", _("在现有网格上调整")), ("anew", _("重新划分"))],
        initial="present",
    )
    seconds = forms.TypedChoiceField(label=_("计算时间"), coerce=int, choices=SECONDS, initial=10)

    def __init__(self, *args: Any, areas: Sequence[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["area"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                (area.code, _("{name}（{code}）").format(name=area.name, code=area.code)) for area in areas
            ]
        levels = [(number, name) for number, name in enumerate(LEVEL_NAMES)]
        for name, (label, _weights) in LEVELS.items():
            self.fields[name] = forms.TypedChoiceField(
                label=label, coerce=int, choices=levels, initial=DEFAULT_LEVEL[name]
            )

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        lowest, highest = values.get("lowest"), values.get("highest")
        if lowest is not None and highest is not None and lowest > highest:
            self.add_error("highest", _("上限不能小于下限。"))
        return values

    def wish(self) -> Wish:
        values = self.cleaned_data
        return Wish(
            name=values["name"],
            lowest=values["lowest"],
            highest=values["highest"],
            weights=weights_of(values),
            keeps_present=values["start"] == "present",
            time_limit_s=values["seconds"],
        )


class PublishForm(forms.Form):
    """From when a plan is to hold, and why bounds are bent where nothing forces it."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    from_date = forms.DateField(
        label=_("从哪天起生效"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    reason = forms.CharField(
        label=_("户数超出范围的理由"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("有的网格户数超出范围、又不是不得已的，要写明理由；理由随方案留存。"),
    )
