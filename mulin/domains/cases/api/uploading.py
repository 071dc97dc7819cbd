"""How many photos a call takes, and how large."""

from mulin.domains.cases.engine.photos import MOST_BYTES
from mulin.domains.cases.rules import MOST_PHOTOS
from mulin.web.uploads import call_takes_files

takes_photos = call_takes_files(
    most_bytes_each=MOST_BYTES, most_files=MOST_PHOTOS, most_bytes=MOST_PHOTOS * MOST_BYTES + 1_000_000
)
