"""Who signs in, the roles they may be given, tokens of programs, and notices."""

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property


class UserManager(BaseUserManager["User"]):
    """Looks users up by their natural key."""


class User(AbstractBaseUser):
    """A person who works with Mulin. Residents need no account to report a case."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    work_phone = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    objects = UserManager()

    def __str__(self) -> str:
        return self.name

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


class Grant(models.Model):
    """A role given for a period without a post: administrators and programs. Posts give theirs through tenures."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="accounts_grant_once", condition=Q(ends_on=None))
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
    """One line for one person: something waits for them. Written once per `source`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    source = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    link = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "source"], name="accounts_notice_once")]
        indexes = [models.Index(fields=["user", "-id"], name="accounts_notice_unread", condition=Q(read_at=None))]

    def __str__(self) -> str:
        return self.subject
