"""What is unsafe in the settings of an installation that real people use: a number, a sentence, the cure.

`mulin check --deploy` shows them; the numbers are never used for something else.
"""

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
Finding = tuple[type[checks.CheckMessage], str, Any, Any]


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


FINDERS: Sequence[Callable[[], Iterator[Finding]]] = (
    _debugging,
    _keys,
    _hosts,
    _encrypted_transport,
    _scripts,
    _folders,
    _sessions,
)


@checks.register(checks.Tags.security, deploy=True)
def unsafe_settings(app_configs: Any, **_options: Any) -> list[checks.CheckMessage]:
    """Every unsafe setting; called by Django's check framework."""
    found = (finding for finder in FINDERS for finding in finder())
    return [kind(sentence, hint=cure, id=f"mulin.{number}") for kind, number, sentence, cure in found]
