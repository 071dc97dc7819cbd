"""Uploads without trust: too large a body is refused unread, too large a file is cut off while it comes.

Nothing waits in memory: files go to disk in small pieces as they arrive.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from mulin.core.errors import Refused

View = Callable[..., HttpResponse]


class UploadTooLarge(Refused):
    code = "upload_too_large"
    status = 413
    sentence = _("上传的内容太大，没有接收。")
    remedy = _("请返回上一页，少选几张照片，或换小一些的照片再提交；您写的文字还在。")


class CuttingHandler(TemporaryFileUploadHandler):
    """Writes a file to disk until it has `most_bytes`; then throws it away, remembers its number and reads on."""

    def __init__(self, request: HttpRequest, most_bytes: int) -> None:
        super().__init__(request)
        self._most_bytes = most_bytes
        self._number = 0
        self.cut_off: list[int] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self._number += 1
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > self._most_bytes:
            self.cut_off.append(self._number)
            raise SkipFile
        return super().receive_data_chunk(raw_data, start)


def takes_files(*, most_bytes_each: int, most_bytes: int) -> Callable[[View], View]:
    """Let a view take uploads within these limits; `files_cut_off` tells which were too large."""

    def decorate(view: View) -> View:
        # The CSRF check reads the form, hence the files: it has to come after the limits are set.
        checked = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            length = request.META.get("CONTENT_LENGTH") or "0"
            if not length.isdigit() or int(length) > most_bytes:
                raise UploadTooLarge
            request.upload_handlers = [CuttingHandler(request, most_bytes_each)]
            return checked(request, *args, **kwargs)

        return limited

    return decorate


def files_cut_off(request: HttpRequest) -> list[int]:
    """Return which files of the form (1, 2, …) were larger than allowed."""
    return [number for handler in request.upload_handlers for number in getattr(handler, "cut_off", ())]
