"""What a desk fills in to appoint somebody or to note an absence."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mulin.domains.duty import rules


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})


class AppointForm(forms.Form):
    """An existing person by id, or the name and work phone of a new one."""

    person = forms.TypedChoiceField(
        label=_("已有账号的人"), coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )
    name = forms.CharField(label=_("姓名"), max_length=60, required=False)
    work_phone = forms.CharField(label=_("工作电话"), max_length=20, required=False)
    starts_on = forms.DateField(label=_("上任日期"), widget=_day())
    ends_on = forms.DateField(label=_("任期到"), widget=_day(), required=False)
    ends_present = forms.BooleanField(label=_("现任任期到上任日期为止"), required=False)

    def __init__(self, *args: Any, people: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(people)

    def clean_work_phone(self) -> str:
        phone = str(self.cleaned_data["work_phone"]).strip()
        if not rules.is_work_phone(phone):
            raise forms.ValidationError(_("电话只能含数字、空格、+ 和 -。"))
        return phone

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if not values.get("person") and not (values.get("name") and values.get("work_phone")):
            raise forms.ValidationError(_("请选择一个已有账号的人，或填写新任职者的姓名和工作电话。"))
        return values


class AbsenceForm(forms.Form):
    begins_at = forms.DateTimeField(label=_("离岗时间"), widget=_moment())
    ends_at = forms.DateTimeField(label=_("返岗时间"), widget=_moment())
    substitute = forms.TypedChoiceField(label=_("代班人"), coerce=int, empty_value=None, required=False)
    reason = forms.CharField(label=_("说明"), max_length=200, required=False)

    def __init__(self, *args: Any, people: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["substitute"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("不设代班，由上一级代管")), *people]


class GroupForm(forms.Form):
    """Households of a building without a contact, and the contact group they go to."""

    households = forms.TypedMultipleChoiceField(
        label=_("住户"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少勾选一户。")},
    )
    group = forms.TypedChoiceField(label=_("编入"), coerce=int, empty_value=None, required=False)

    def __init__(
        self, *args: Any, households: Iterable[tuple[int, str]], groups: Iterable[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("households", [*households]), ("group", [*groups, ("", _("新建一个联户组"))])):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices
