"""Layers of geographic files through GDAL. Imported where a file is read only: it takes its time to load."""

from pathlib import Path
from typing import Any

from pyogrio import list_layers
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyogrio.raw import read

FAILURES: tuple[type[Exception], ...] = (
    DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, UnicodeError, ValueError, OSError,
)  # fmt: skip


def layer_names(path: Path) -> list[str]:
    return [str(name) for name, _kind in list_layers(path)]


def read_layer(path: Path, layer: str, *, encoding: str, most: int) -> tuple[dict[str, Any], Any, list[Any]]:
    """Return what a layer says of itself, its shapes as WKB (None without any) and its columns."""
    described, _ids, wkb, columns = read(path, layer=layer, encoding=encoding or None, force_2d=True, max_features=most)
    return described, wkb, columns
