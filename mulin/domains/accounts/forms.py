"""What people type in when they sign in or make a token."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_PASSWORD = 200
TOKEN_DAYS = [("30", _("30 天")), ("90", _("90 天")), ("365", _("一年"))]


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class TokenForm(forms.Form):
    application = forms.CharField(
        label=_("给谁用"), max_length=60, help_text=_("写明程序或用途，例如“区平台对接”，以后好辨认。")
    )
    days = forms.ChoiceField(label=_("有效期"), choices=TOKEN_DAYS, initial="90")
