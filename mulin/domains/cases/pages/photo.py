"""A photo of a case as a file: for who may see it, kept by no search engine."""

from django.http import FileResponse

from mulin.domains.cases.engine import photos
from mulin.domains.cases.models import Photo


def as_file(photo: Photo) -> FileResponse:
    response = FileResponse(photos.path_of(photo.file_name).open("rb"), content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Disposition"] = "inline"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
