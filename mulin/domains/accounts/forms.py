"""What people type in when they sign in, look after their account, or look after others'."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_PASSWORD = 200
TOKEN_DAYS = [("30", _("30 天")), ("90", _("90 天")), ("365", _("一年"))]
_CODE = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}


def _password(label: Any, kind: str, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST_PASSWORD,
        strip=False,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": kind}),
    )


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = _password(_("密码"), "current-password")


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    password = _password(_("新密码"), "new-password", _("不要用常见密码、自己的名字或最近用过的密码。"))
    again = _password(_("再输一次新密码"), "new-password")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("again") and cleaned.get("password") != cleaned["again"]:
            self.add_error("again", _("两次输入的不一样。"))
        return cleaned


class OwnPasswordForm(NewPasswordForm):
    current = _password(_("现在的密码"), "current-password")
    field_order = ("current", "password", "again")


class CodeForm(forms.Form):
    code = forms.CharField(label=_("验证码"), max_length=20, widget=forms.TextInput(attrs=_CODE))


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label=_("工作手机号"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "tel-national", "inputmode": "tel"}),
    )


class PersonForm(forms.Form):
    username = forms.CharField(
        label=_("用户名"), max_length=60, help_text=_("2 至 60 个字母、数字、汉字或 . _ - @，不含空格。")
    )
    name = forms.CharField(label=_("姓名"), max_length=60)
    work_phone = forms.CharField(label=_("工作电话"), max_length=20, required=False)


class GrantForm(forms.Form):
    """A role without a post: which, where, until when."""

    role = forms.ChoiceField(label=_("角色"))
    place = forms.CharField(
        label=_("范围"),
        max_length=100,
        required=False,
        help_text=_("区、街道、社区、网格或单位的全名或代码；管理整个系统的角色留空。"),
        widget=forms.TextInput(attrs={"list": "places-to-grant", "autocomplete": "off"}),
    )
    ends_on = forms.DateField(
        label=_("结束日期"),
        required=False,
        help_text=_("不再有这个角色的第一天；不定期请留空。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, roles: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["role"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [("", _("请选择")), *roles]


class TokenForm(forms.Form):
    application = forms.CharField(
        label=_("给谁用"), max_length=60, help_text=_("写明程序或用途，例如“区平台对接”，以后好辨认。")
    )
    days = forms.ChoiceField(label=_("有效期"), choices=TOKEN_DAYS, initial="90")
