"""Values that several endpoints of planning take."""

from typing import Annotated, Any

from pydantic import Field

_NO_NUL = r"^[^\x00]*$"

Name = Annotated[str, Field(max_length=100, pattern=_NO_NUL)]
ShortCode = Annotated[str, Field(max_length=40, pattern=_NO_NUL)]
Source = Annotated[str, Field(max_length=60, pattern=_NO_NUL)]
Label = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""The number of a grid within a draft."""

GEOJSON = "application/geo+json"
_FEATURES = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {"type": {"const": "FeatureCollection"}, "features": {"type": "array", "items": {"type": "object"}}},
}
ANSWERS_GEOJSON: dict[str, Any] = {"responses": {200: {"content": {GEOJSON: {"schema": _FEATURES}}}}}
"""Said of an operation that answers features; its response is `{200: None, **REFUSALS}`."""
