"""What is unsafe in the settings of an installation that real people use: a number, a sentence, the cure.

`mulin check --deploy` shows them; the numbers are never used for something else.
"""

import math
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.utils.translation import gettext_lazy as _

LOCAL_HOSTS = {"127.0.0.1", "localhost", "[::1]"}
SHORTEST_KEY = 43  # 32 random bytes in base64
LONGEST_SESSION_S = 14 * 24 * 3600
LEAST_PASSWORD = 8  # GB/T 22239-2019, 8.1.4.1, as assessors read it
LARGEST_BODY = 10 * 1024 * 1024
GUARDS = (
    "django.middleware.security.SecurityMiddleware",
    "mulin.web.middleware.ContentPolicyMiddleware",
    "mulin.web.middleware.SafeHeadersMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
Finding = tuple[Callable[..., checks.CheckMessage], str, Any, Any]


def _debugging() -> Iterator[Finding]:
    if settings.DEBUG:
        yield checks.Error, "S001", _("调试开着：出错时页面会露出程序内部。"), _("去掉 MULIN_DEBUG。")


def _keys() -> Iterator[Finding]:
    cure = _("删去自己写的值，让系统生成；或用 python -c 'import secrets; print(secrets.token_urlsafe(48))'。")
    if len(settings.SECRET_KEY) < SHORTEST_KEY:
        yield checks.Error, "S002", _("会话密钥太短。"), cure
    if len(settings.MULIN_FIELD_KEY) < SHORTEST_KEY:
        yield checks.Error, "S003", _("字段密钥太短。"), cure
    if settings.MULIN_FIELD_KEY == settings.SECRET_KEY:
        yield checks.Error, "S004", _("字段密钥与会话密钥是同一个：换会话密钥会让个人信息打不开。"), cure


def _hosts() -> Iterator[Finding]:
    cure = _("MULIN_ALLOWED_HOSTS 写上居民访问的域名，例如 mulin.example.gov.cn。")
    if "*" in settings.ALLOWED_HOSTS:
        yield checks.Error, "S005", _("任何域名都被接受。"), cure
    elif set(settings.ALLOWED_HOSTS) <= LOCAL_HOSTS:
        yield checks.Warning, "S006", _("只接受本机访问，居民打不开。"), cure


def _encrypted_transport() -> Iterator[Finding]:
    if urlsplit(settings.MULIN_PUBLIC_URL).scheme != "https":
        yield (
            checks.Error,
            "S007",
            _("二维码上的地址不是 https。"),
            _("MULIN_PUBLIC_URL 写成 https://…，由反向代理提供证书。"),
        )
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.SECURE_HSTS_SECONDS):
        yield (
            checks.Error,
            "S008",
            _("登录凭证可能经明文传输：Cookie 没有限于 https，也没有 HSTS。"),
            _("放在带 TLS 的反向代理后面，并设 MULIN_BEHIND_PROXY=1。"),
        )
    if any(urlsplit(origin).scheme != "https" for origin in settings.CSRF_TRUSTED_ORIGINS):
        yield checks.Error, "S009", _("信任的来源里有不加密的地址。"), _("MULIN_ORIGINS 只写 https:// 开头的地址。")


def _scripts() -> Iterator[Finding]:
    sources = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["script-src"]
    if {"'unsafe-eval'", "'unsafe-inline'"} & set(sources):
        yield (
            checks.Error,
            "S010",
            _("页面允许执行别人插入的脚本。"),
            _("从 script-src 去掉 unsafe-eval 和 unsafe-inline。"),
        )


def _folders() -> Iterator[Finding]:
    if Path(settings.MEDIA_ROOT).resolve().is_relative_to(Path(settings.STATIC_ROOT).resolve()):
        yield (
            checks.Error,
            "S011",
            _("照片放在网页公开目录下，谁都能下载。"),
            _("MULIN_MEDIA_ROOT 换到 MULIN_STATIC_ROOT 之外。"),
        )
    open_to_others = [path for path in _secret_files() if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    if open_to_others:
        names = ", ".join(path.name for path in open_to_others)
        yield (
            checks.Error,
            "S012",
            _("本机其他用户能读到密钥或数据库：{names}。").format(names=names),
            _("对这些文件运行 chmod 600，文件夹 chmod 700。"),
        )


def _secret_files() -> list[Path]:
    database = settings.DATABASES["default"]
    candidates = [settings.MULIN_HOME / "secret.key", settings.MULIN_HOME / "field.key"]
    if database["ENGINE"].endswith("sqlite3"):
        candidates.append(Path(database["NAME"]))
    return [path for path in candidates if path.exists()]


def _sessions() -> Iterator[Finding]:
    if settings.SESSION_COOKIE_AGE > LONGEST_SESSION_S:
        yield checks.Warning, "S013", _("登录后太久不会退出。"), _("SESSION_COOKIE_AGE 不超过 14 天。")


def _guards() -> Iterator[Finding]:
    if missing := [path.rpartition(".")[2] for path in GUARDS if path not in settings.MIDDLEWARE]:
        yield (
            checks.Error,
            "S014",
            _("少了保护网页的中间件：{names}。").format(names=", ".join(missing)),
            _("从 MIDDLEWARE 里删去的要放回，顺序照 mulin/config/settings.py。"),
        )
    frames = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].get("frame-ancestors", ())
    if settings.X_FRAME_OPTIONS != "DENY" or "'none'" not in frames:
        yield (
            checks.Error,
            "S015",
            _("别的网站能把页面嵌进框里骗人点击。"),
            _("X_FRAME_OPTIONS 用 DENY，frame-ancestors 用 'none'。"),
        )


def _cookies() -> Iterator[Finding]:
    kept_from_scripts = settings.SESSION_COOKIE_HTTPONLY and settings.SESSION_COOKIE_SAMESITE in {"Lax", "Strict"}
    if not kept_from_scripts or settings.CSRF_COOKIE_SAMESITE not in {"Lax", "Strict"}:
        yield (
            checks.Error,
            "S016",
            _("登录凭证能被页面脚本读到，或会随别的网站的请求发出。"),
            _("SESSION_COOKIE_HTTPONLY 用 True，两个 SAMESITE 用 Lax。"),
        )


def _ways_in() -> Iterator[Finding]:
    if settings.MULIN_SMS_SIGN_IN and settings.MULIN_SMS_GATEWAY == "console":
        yield (
            checks.Error,
            "S017",
            _("短信验证码印在日志里，没有发给任何人。"),
            _("MULIN_SMS_GATEWAY=webhook 并设 MULIN_SMS_URL、MULIN_SMS_KEY，或关掉 MULIN_SMS_SIGN_IN。"),
        )
    if settings.MULIN_SECOND_FACTOR == "off":
        yield (
            checks.Warning,
            "S018",
            _("管理员和工作台只凭密码就能登录。"),
            _("MULIN_SECOND_FACTOR=administrators（等级保护三级要求双因素）。"),
        )
    if settings.MULIN_SMS_RESIDENTS and settings.MULIN_SMS_GATEWAY == "console":
        yield (
            checks.Error,
            "S035",
            _("居民核对手机号的验证码印在日志里，没有发给任何人。"),
            _("MULIN_SMS_GATEWAY=webhook 并设 MULIN_SMS_URL、MULIN_SMS_KEY，或关掉 MULIN_SMS_RESIDENTS。"),
        )
    if settings.MULIN_OIDC_ISSUER and urlsplit(settings.MULIN_OIDC_ISSUER).scheme != "https":
        yield (
            checks.Error,
            "S036",
            _("统一认证的地址不加密：路上的人能冒充任何人登录。"),
            _("MULIN_OIDC_ISSUER 写成 https://…，与统一认证发布的 issuer 完全一致。"),
        )
    hasher = settings.PASSWORD_HASHERS[0]
    if settings.MULIN_PASSWORD_LENGTH < LEAST_PASSWORD or not hasher.endswith("Argon2PasswordHasher"):
        yield (
            checks.Error,
            "S019",
            _("密码太短或存得不够安全。"),
            _("MULIN_PASSWORD_LENGTH 至少为 8，PASSWORD_HASHERS 的第一项用 Argon2PasswordHasher。"),
        )


def _database_link() -> Iterator[Finding]:
    database = settings.DATABASES["default"]
    host = database.get("HOST", "")
    is_away = not database["ENGINE"].endswith("sqlite3") and host not in {"", "127.0.0.1", "localhost", "::1"}
    checked = {"require", "verify-ca", "verify-full"}
    if is_away and not host.startswith("/") and database["OPTIONS"].get("sslmode") not in checked:
        yield (
            checks.Error,
            "S020",
            _("到数据库的连接不加密。"),
            _("MULIN_DATABASE_URL 末尾加 ?sslmode=verify-full。"),
        )


def _bodies() -> Iterator[Finding]:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or math.inf
    if settings.FILE_UPLOAD_HANDLERS != ["mulin.web.uploads.NoFiles"] or most > LARGEST_BODY:
        yield (
            checks.Error,
            "S031",
            _("任何人都能用大文件填满磁盘或内存。"),
            _("FILE_UPLOAD_HANDLERS 和 DATA_UPLOAD_MAX_MEMORY_SIZE 用 mulin/config/settings.py 里的值。"),
        )


def _logs() -> Iterator[Finding]:
    logging: Any = settings.LOGGING
    if str(logging["root"]["level"]).upper() in {"DEBUG", "NOTSET"}:
        yield (
            checks.Error,
            "S032",
            _("日志会记下查询语句，里面有居民的信息。"),
            _("MULIN_LOG_LEVEL 用 WARNING 或 INFO。"),
        )


FINDERS: Sequence[Callable[[], Iterator[Finding]]] = (
    _debugging,
    _keys,
    _hosts,
    _encrypted_transport,
    _scripts,
    _folders,
    _sessions,
    _guards,
    _cookies,
    _ways_in,
    _database_link,
    _bodies,
    _logs,
)


@checks.register(checks.Tags.security, deploy=True)
def unsafe_settings(app_configs: Any, **_options: Any) -> list[checks.CheckMessage]:
    """Every unsafe setting; called by Django's check framework."""
    found = (finding for finder in FINDERS for finding in finder())
    return [kind(sentence, hint=cure, id=f"mulin.{number}") for kind, number, sentence, cure in found]
