"""Who signs in and how, the roles they may be given, tokens of programs, and notices."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from mulin.core.encryption import EncryptedTextField
from mulin.domains.accounts.rules import ADMINISTRATORS as ADMINISTRATORS

if TYPE_CHECKING:
    _Text = models.CharField[str, str]
else:
    _Text = models.CharField


class NobodysName(models.TextChoices):
    """Names of accounts that stand for nobody in particular: kept in Chinese, read in the reader's language."""

    GONE = "离任人员", _("离任人员")
    IMPORTER = "历史数据导入", _("历史数据导入")


class PersonName(_Text):
    """A name as it was written; one of `NobodysName` comes from the database in the reader's language."""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return str(NobodysName(value).label) if value in _NOBODYS_NAMES else value

    def get_prep_value(self, value: Any) -> Any:
        """What was read in another language is written as it was."""
        return next((kept for kept, words in NobodysName.choices if words == value), super().get_prep_value(value))

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


_NOBODYS_NAMES = frozenset(NobodysName.values)


class UserManager(BaseUserManager["User"]):
    """Looks users up by their natural key."""


class User(AbstractBaseUser):
    """A person who works with Mulin. Residents need no account to report a case."""

    username = models.CharField(max_length=60, unique=True)
    name = PersonName(max_length=60)
    work_phone = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    password_set_at = models.DateTimeField(null=True)
    must_change_password = models.BooleanField(default=False)
    verified_phone = models.CharField(max_length=20, blank=True)
    """The work phone a code was received on; another work phone has to be verified anew."""

    USERNAME_FIELD = "username"
    objects = UserManager()

    def __str__(self) -> str:
        return self.name

    @property
    def has_verified_phone(self) -> bool:
        return bool(self.work_phone) and self.work_phone == self.verified_phone

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return permission in self.permissions

    def has_perms(self, permissions: list[str], obj: object = None) -> bool:
        return self.permissions.issuperset(permissions)

    @cached_property
    def permissions(self) -> frozenset[str]:
        """Permissions through roles and tenures, asked for once per request."""
        return frozenset(name for backend in get_backends() for name in backend.get_all_permissions(self))

    @cached_property
    def role_label(self) -> str:
        """What the person is here, in words; a backend that knows posts says so in its `role_label(user)`."""
        tellers = (getattr(backend, "role_label", None) for backend in get_backends())
        return next((label for tell in tellers if tell and (label := tell(self))), "")


class Role(models.Model):
    """A named set of permissions, as data; code asks for permissions only."""

    code = models.CharField(max_length=40, primary_key=True)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    permissions = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name_zh


class GrantScope(models.TextChoices):
    INSTALLATION = "INSTALLATION", _("整个系统")
    PLACE = "PLACE", _("一个地方")
    ORGANISATION = "ORGANISATION", _("一个单位")


_OPEN = Q(ends_on=None)


class Grant(models.Model):
    """A role given for a period without a post: at one place or organisation, or for the installation itself.

    Places and organisations are known by id only, because accounts stand below them; `duty/queries` reads a grant as
    it reads a tenure. A grant for the installation reaches no place: it runs the system and reads nothing of residents.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(max_length=12, choices=GrantScope, default=GrantScope.INSTALLATION)
    place_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], name="accounts_grant_once", condition=_OPEN & Q(scope=GrantScope.INSTALLATION)
            ),
            models.UniqueConstraint(
                fields=["user", "role", "place_id"], name="accounts_grant_once_a_place", condition=_OPEN
            ),
            models.UniqueConstraint(
                fields=["user", "role", "organisation_id"], name="accounts_grant_once_an_office", condition=_OPEN
            ),
            models.CheckConstraint(
                name="accounts_grant_scope",
                condition=Q(scope=GrantScope.INSTALLATION, place_id=None, organisation_id=None)
                | Q(scope=GrantScope.PLACE, place_id__isnull=False, organisation_id=None)
                | Q(scope=GrantScope.ORGANISATION, place_id=None, organisation_id__isnull=False),
            ),
            models.CheckConstraint(
                name="accounts_administrator_of_all",
                condition=~Q(role__in=sorted(ADMINISTRATORS)) | Q(scope=GrantScope.INSTALLATION),
            ),
            models.UniqueConstraint(
                fields=["user"],
                name="accounts_one_administrator",
                condition=Q(ends_on=None, role__in=sorted(ADMINISTRATORS)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role_id}"


class ApiToken(models.Model):
    """A key for the API: of a person, or of an application acting as the person who answers for it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    application = models.CharField(max_length=60, blank=True)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.application or f"token {self.pk}"


class Notice(models.Model):
    """One line for one person: something waits for them. Written once per `source`.

    `core.notice_words` says it from kind and facts; `subject` is the sentence of a notice of before there were facts.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    source = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    subject = models.CharField(max_length=200, blank=True)
    link = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "source"], name="accounts_notice_once")]
        indexes = [models.Index(fields=["user", "-id"], name="accounts_notice_unread", condition=Q(read_at=None))]

    def __str__(self) -> str:
        return f"{self.source} {self.kind}"


class FormerPassword(models.Model):
    """The hash of a password that was in use, so that it is not taken again at once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    password = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.replaced_at}"


class Session(AbstractBaseSession):
    """A browser that came in: whose it is, with which device, from where, when it was last heard of."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    device = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=45, blank=True)
    created_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)


class FailedEntry(models.Model):
    """How often one name was refused in a row from one address, and until when it is not even looked at."""

    bucket = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.bucket}: {self.count}"


class EntryResult(models.TextChoices):
    SIGNED_IN = "SIGNED_IN", _("已登录")
    WRONG = "WRONG", _("用户名、密码或验证码不对")
    LOCKED = "LOCKED", _("因多次失败被拒")
    SECOND_WRONG = "SECOND_WRONG", _("第二步验证不对")
    SIGNED_OUT = "SIGNED_OUT", _("退出登录")
    ENDED = "ENDED", _("登录被终止")


class EntryMethod(models.TextChoices):
    PASSWORD = "PASSWORD", _("密码")
    PASSKEY = "PASSKEY", _("通行密钥")
    PHONE_CODE = "PHONE_CODE", _("短信验证码")
    SINGLE_SIGN_ON = "SINGLE_SIGN_ON", _("统一认证")
    AUTHENTICATOR = "AUTHENTICATOR", _("动态口令")
    RECOVERY_CODE = "RECOVERY_CODE", _("恢复码")


class Entry(models.Model):
    """One line of the sign-in log. A name nobody has is not written down: it may be a mistyped password."""

    at = models.DateTimeField()
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    result = models.CharField(max_length=20, choices=EntryResult)
    method = models.CharField(max_length=20, choices=EntryMethod, blank=True)
    address = models.CharField(max_length=45, blank=True)
    device = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="accounts_entry_at"),
            models.Index(fields=["user", "-id"], name="accounts_entry_user"),
        ]

    def __str__(self) -> str:
        return f"{self.at} {self.result}"


class Authenticator(models.Model):
    """A person's authenticator app (TOTP): asked for from the moment its first code was right."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="authenticator")
    secret = EncryptedTextField()
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)
    """The 30 seconds of the newest code taken: no code is good twice."""

    def __str__(self) -> str:
        return f"authenticator of {self.user_id}"


class RecoveryCode(models.Model):
    """A code on paper for the day the phone is lost; only its keyed hash is kept, and it is good once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="accounts_recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"


class Passkey(models.Model):
    """A passkey (WebAuthn): the public half; the other never leaves the person's device."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_hash = models.CharField(max_length=64, unique=True)
    credential_id = models.TextField()
    public_key = models.TextField()
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class SignOnLink(models.Model):
    """Whom the city's single sign-on names when this person comes: a hash of issuer and subject."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="sign_on_link")
    subject_hash = models.CharField(max_length=64, unique=True)
    linked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"sign-on of {self.user_id}"


class CodePurpose(models.TextChoices):
    SIGN_IN = "SIGN_IN", "SIGN_IN"
    VERIFY_PHONE = "VERIFY_PHONE", "VERIFY_PHONE"
    REPORTER = "REPORTER", "REPORTER"


class PhoneCode(models.Model):
    """A one-time code for a phone. `sealed` is the code itself, encrypted, until the gateway has taken it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    purpose = models.CharField(max_length=20, choices=CodePurpose)
    phone = EncryptedTextField()
    phone_hash = models.CharField(max_length=64)
    code_hash = models.CharField(max_length=64)
    sealed = EncryptedTextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phone_hash", "purpose", "-id"], name="accounts_phone_code")]

    def __str__(self) -> str:
        return f"code {self.pk}"
