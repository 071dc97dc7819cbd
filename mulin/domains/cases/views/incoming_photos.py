"""Photos of a form: how many, how large, and encoded anew before anything is written about them."""

from django.http import HttpRequest

from mulin.core.errors import Invalid
from mulin.domains.cases.engine import photos
from mulin.domains.cases.engine.photos import MOST_BYTES, PhotoTooLarge, StoredPhoto
from mulin.domains.cases.rules import MOST_PHOTOS
from mulin.domains.cases.services.reporting import TooManyPhotos
from mulin.web.uploads import files_cut_off, takes_files

MOST_BYTES_OF_A_FORM = MOST_PHOTOS * MOST_BYTES + 1_000_000
takes_photos = takes_files(most_bytes_each=MOST_BYTES, most_bytes=MOST_BYTES_OF_A_FORM, most_files=MOST_PHOTOS)


def stored(request: HttpRequest) -> list[StoredPhoto]:
    """Encode the photos of a form, all or none. A refusal carries the `number` of the photo it is about.

    Raises PhotoTooLarge, PhotoUnreadable, TooManyPhotos.
    """
    for number in files_cut_off(request):
        raise PhotoTooLarge(number=number)
    files = request.FILES.getlist("photos")
    if len(files) > MOST_PHOTOS:
        raise TooManyPhotos
    kept: list[StoredPhoto] = []
    for number, file in enumerate(files, 1):
        try:
            kept.append(photos.store(file))
        except BaseException as failure:
            photos.discard(kept)
            if isinstance(failure, Invalid):
                failure.details = {**failure.details, "number": number}
            raise
    return kept
