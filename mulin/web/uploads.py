"""Uploads without trust: too large a body is refused unread, too large a file is cut off while it comes.

Nothing waits in memory: files go to disk in small pieces as they arrive. A view or call that does not say it takes
files gets none, so that no form can be used to fill the disk.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, TemporaryFileUploadHandler
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


class TooManyFiles(UploadTooLarge):
    code = "too_many_files"
    sentence = _("文件太多，没有接收。")


class NoFiles(FileUploadHandler):
    """The setting for every view that takes no files: none is kept, and a large body is refused unread."""

    def handle_raw_input(
        self, input_data: Any, meta: dict[str, str], content_length: int, boundary: Any, encoding: str | None = None
    ) -> None:
        if content_length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


class CuttingHandler(TemporaryFileUploadHandler):
    """Writes a file to disk until it has `most_bytes`; then throws it away, remembers its number and reads on.

    One file more than `most_files` is kept, so that whoever counts them sees that there were too many.
    """

    def __init__(self, request: HttpRequest, most_bytes: int, most_files: int) -> None:
        super().__init__(request)
        self._most_bytes, self._most_files = most_bytes, most_files
        self._number = 0
        self.cut_off: list[int] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self._number += 1
        if self._number > self._most_files + 1:
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > self._most_bytes:
            self.cut_off.append(self._number)
            raise SkipFile
        return super().receive_data_chunk(raw_data, start)


class RefusingHandler(CuttingHandler):
    """For programs, which get one answer and no form back: the first file too large or too many ends the request."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self._number > self._most_files:
            raise TooManyFiles

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        try:
            return super().receive_data_chunk(raw_data, start)
        except SkipFile:
            raise UploadTooLarge from None


def _refuse_large_body(request: HttpRequest, most_bytes: int) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > most_bytes:
        raise UploadTooLarge


def call_takes_files(*, most_bytes_each: int, most_files: int, most_bytes: int) -> Callable[[View], View]:
    """Let a call of the API take uploads within these limits; for ninja's `decorate_view`."""

    def decorate(call: View) -> View:
        @wraps(call)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            _refuse_large_body(request, most_bytes)
            request.upload_handlers = [RefusingHandler(request, most_bytes_each, most_files)]
            return call(request, *args, **kwargs)

        return limited

    return decorate


def takes_files(*, most_bytes_each: int, most_bytes: int, most_files: int = 20) -> Callable[[View], View]:
    """Let a view take uploads within these limits; `files_cut_off` tells which were too large."""

    def decorate(view: View) -> View:
        # The CSRF check reads the form, hence the files: it has to come after the limits are set.
        checked = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            _refuse_large_body(request, most_bytes)
            request.upload_handlers = [CuttingHandler(request, most_bytes_each, most_files)]
            return checked(request, *args, **kwargs)

        return limited

    return decorate


def files_cut_off(request: HttpRequest) -> list[int]:
    """Return which files of the form (1, 2, …) were larger than allowed."""
    return [number for handler in request.upload_handlers for number in getattr(handler, "cut_off", ())]
