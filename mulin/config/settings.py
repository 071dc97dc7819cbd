"""Django settings. Everything a district changes comes from the environment (docs/operating.md)."""

import os
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from mulin.config.home import HOME, database, secret_file
from mulin.web.csp import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY

ROOT = Path(__file__).resolve().parent.parent
MULIN_HOME = HOME

DEBUG = os.environ.get("MULIN_DEBUG") == "1"
SECRET_KEY = os.environ.get("MULIN_SECRET_KEY") or secret_file("secret.key")
# Key of the personal fields; kept outside the database so that a stolen database file reveals nobody.
MULIN_FIELD_KEY = os.environ.get("MULIN_FIELD_KEY") or secret_file("field.key")
# Keys added since by `mulin keys rotate`, and the suite that encrypts: aes (AES-256-GCM, SHA-256) or sm (SM4-GCM, SM3).
MULIN_FIELD_KEYS = os.environ.get("MULIN_FIELD_KEYS", "")
MULIN_FIELD_KEYS_FILE = Path(os.environ.get("MULIN_FIELD_KEYS_FILE", HOME / "field.keys"))
MULIN_CIPHER_SUITE = os.environ.get("MULIN_CIPHER_SUITE", "aes")
# A district's own periods of retention (same columns as mulin/core/privacy/data/retention.csv); empty: those.
MULIN_RETENTION_FILE = os.environ.get("MULIN_RETENTION_FILE", "")
# Key of the audit's seals; whoever can write the database still cannot write a seal.
MULIN_AUDIT_KEY = os.environ.get("MULIN_AUDIT_KEY") or secret_file("audit.key")
MULIN_AUDIT_DAYS = int(os.environ.get("MULIN_AUDIT_DAYS", "400"))
# How long a second person's approval to see protected data lasts, and how long an exported file is kept.
MULIN_APPROVAL_HOURS = int(os.environ.get("MULIN_APPROVAL_HOURS", "24"))
MULIN_EXPORT_HOURS = int(os.environ.get("MULIN_EXPORT_HOURS", "24"))
MULIN_EXPORT_ROOT = Path(os.environ.get("MULIN_EXPORT_ROOT", HOME / "exports"))
MULIN_AUDITED_SERVICES = (
    "mulin.core.calendar_services",
    *(f"mulin.domains.{d}.services" for d in ("accounts", "places", "organisations", "duty", "planning", "cases")),
)
# Not decisions of anybody: the sign-in log is a log itself, notices are sent and read, what comes with Mulin is seeded.
# A report records itself, in the one statement it is written with; ends of emergencies record themselves one by one;
# the retention run records what it had erased, class by class.
# Nets of departments are laid over the ground and merged to be looked at: nothing is written by it. The two halves of
# putting a plan in force record themselves.
MULIN_UNRECORDED_SERVICES = {
    *("accounts.record_entry", "accounts.count_failure", "accounts.forget_old_entries"),
    *("accounts.notify", "accounts.read_notice", "accounts.read_notices"),
    *("accounts.check_lock", "accounts.use_phone_code", "accounts.use_reporters_code", "accounts.use_sign_on"),
    *("accounts.send_waiting_codes", "accounts.delete_notices", "accounts.erase_accounts"),
    *("accounts.seed_roles", "organisations.seed_kinds", "duty.seed_post_kinds", "cases.seed_directory"),
    *("places.delete_households", "duty.erase_reasons", "planning.erase_imports"),
    *("cases.erase_contacts", "cases.erase_care", "cases.delete_photos", "cases.erase_words"),
    *("cases.report_case", "cases.end_over", "cases.end_passed"),
    *("planning.lay_files", "planning.lay_kept", "planning.merge_kept"),
    "planning.put_in_force",
}
ALLOWED_HOSTS = os.environ.get("MULIN_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_FAILURE_VIEW = "mulin.web.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("MULIN_ORIGINS", "").split(",") if origin]
MULIN_PUBLIC_URL = os.environ.get("MULIN_PUBLIC_URL", "http://127.0.0.1:8000")
BEHIND_PROXY = os.environ.get("MULIN_BEHIND_PROXY") == "1"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "mulin.core",
    "mulin.web",
    "mulin.domains.accounts",
    "mulin.domains.places",
    "mulin.domains.organisations",
    "mulin.domains.duty",
    "mulin.domains.planning",
    "mulin.domains.cases",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mulin.web.middleware.OriginMiddleware",
    "mulin.web.middleware.ContentPolicyMiddleware",
    "mulin.web.middleware.SafeHeadersMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "mulin.web.people.PeopleMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mulin.web.middleware.RefusalMiddleware",
]

# For people only: a program without a cookie has no session, so it passes these by (decision 6).
MULIN_PEOPLE_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mulin.domains.accounts.presence.PresenceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "mulin.config.urls"
WSGI_APPLICATION = "mulin.config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "mulin.web.context.shell",
            ],
        },
    }
]

DATABASES = {"default": database(os.environ.get("MULIN_DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["mulin.domains.duty.backends.TenureBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
MULIN_PASSWORD_LENGTH = int(os.environ.get("MULIN_PASSWORD_LENGTH", "10"))
MULIN_PASSWORD_HISTORY = int(os.environ.get("MULIN_PASSWORD_HISTORY", "5"))
MULIN_PASSWORD_DAYS = int(os.environ.get("MULIN_PASSWORD_DAYS", "0"))
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": MULIN_PASSWORD_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
MULIN_IDLE_MINUTES = int(os.environ.get("MULIN_IDLE_MINUTES", "480"))
MULIN_IDLE_MINUTES_PHONE = int(os.environ.get("MULIN_IDLE_MINUTES_PHONE", "10080"))
MULIN_SIGN_IN_LOG_DAYS = int(os.environ.get("MULIN_SIGN_IN_LOG_DAYS", "200"))
# off | administrators | all: from whom a second step is demanded; who has set one up is always asked.
MULIN_SECOND_FACTOR = os.environ.get("MULIN_SECOND_FACTOR", "off")
MULIN_SMS_GATEWAY = os.environ.get("MULIN_SMS_GATEWAY", "console")
MULIN_SMS_URL, MULIN_SMS_KEY = os.environ.get("MULIN_SMS_URL", ""), os.environ.get("MULIN_SMS_KEY", "")
MULIN_SMS_SIGN_IN = os.environ.get("MULIN_SMS_SIGN_IN") == "1"
# Whether residents may confirm the number they left by a code; nobody has to.
MULIN_SMS_RESIDENTS = os.environ.get("MULIN_SMS_RESIDENTS") == "1"
# The city's single sign-on (OpenID Connect). The claim is compared with user names, a phone number with work phones.
MULIN_OIDC_ISSUER = os.environ.get("MULIN_OIDC_ISSUER", "")
MULIN_OIDC_CLIENT_ID = os.environ.get("MULIN_OIDC_CLIENT_ID", "")
MULIN_OIDC_CLIENT_SECRET = os.environ.get("MULIN_OIDC_CLIENT_SECRET", "")
MULIN_OIDC_SCOPE = os.environ.get("MULIN_OIDC_SCOPE", "openid profile")
MULIN_OIDC_CLAIM = os.environ.get("MULIN_OIDC_CLAIM", "preferred_username")
MULIN_OIDC_NAME = os.environ.get("MULIN_OIDC_NAME", "")
# Whether an ID token with `mfa` in `amr` (RFC 8176) stands for our second step.
MULIN_OIDC_TRUSTS_MFA = os.environ.get("MULIN_OIDC_TRUSTS_MFA") == "1"
MULIN_SECOND_FACTOR_PERMISSIONS = (
    *("accounts.manage_users", "accounts.audit", "accounts.see_worker", "accounts.manage_worker"),
    *("core.edit_calendar", "cases.desk", "cases.export", "cases.import"),
)
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
MULIN_SIGN_OUT_URL = "accounts:sign-out"
MULIN_NOTICES_URL = "accounts:notices"
MULIN_NOTICE_COUNT_URL = "accounts:notice-count"
MULIN_PERSON_LINKS: list[dict[str, Any]] = [
    {"url_name": "accounts:notices", "label": _("提醒"), "icon": "bell"},
    {"url_name": "accounts:security", "label": _("账号与安全"), "icon": "shield-check"},
    {"url_name": "web:exports", "label": _("我的导出"), "icon": "download"},
    {"url_name": "accounts:tokens", "label": _("接口令牌"), "icon": "key"},
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("MULIN_STATIC_ROOT", HOME / "static"))
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = Path(os.environ.get("MULIN_MEDIA_ROOT", HOME / "media"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = ["mulin.web.uploads.NoFiles"]

SESSION_ENGINE = "mulin.domains.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = BEHIND_PROXY
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_PROXY else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

MULIN_TIANDITU_KEY = os.environ.get("MULIN_TIANDITU_KEY", "")
MULIN_NAVIGATION: list[dict[str, Any]] = [
    {"url_name": "cases:today", "label": _("今日待办"), "icon": "list-check", "permission": "cases.hold"},
    {"url_name": "cases:queue", "label": _("事项"), "icon": "inbox", "permission": "cases.desk"},
    {"url_name": "cases:map", "label": _("地图"), "icon": "map", "permission": "cases.desk"},
    {"url_name": "cases:whistles", "label": _("吹哨"), "icon": "speakerphone", "permission": "cases.answer_whistle"},
    {"url_name": "duty:coverage", "label": _("覆盖"), "icon": "users-group", "permission": "duty.see_coverage"},
    {
        "url_name": "planning:drafts",
        "label": _("网格规划"),
        "icon": "layout-grid",
        "permission": "planning.see",
        "shells": ("desk",),
    },
    {"url_name": "web:approvals", "label": _("查看审批"), "icon": "eye", "permission": "cases.approve_reveals"},
    {"url_name": "cases:rates", "label": _("三率"), "icon": "chart-bar", "permission": "cases.see_rates"},
    {"url_name": "cases:emergency", "label": _("急时"), "icon": "urgent", "permission": "cases.see_emergency"},
    {"url_name": "accounts:worker", "label": _("后台任务"), "icon": "settings", "permission": "accounts.see_worker"},
    {"url_name": "accounts:people", "label": _("账号"), "icon": "users", "permission": "accounts.manage_users"},
    {"url_name": "web:audit", "label": _("审计"), "icon": "shield-check", "permission": "accounts.audit"},
    {"url_name": "accounts:entries", "label": _("登录记录"), "icon": "login", "permission": "accounts.audit"},
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("MULIN_LOG_LEVEL", "WARNING")},
}
