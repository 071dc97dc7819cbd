"""Longitude and latitude on a local plane, good to 0.1 % over a district."""

import numpy as np

from mulin.kernels.network.problem import Coordinates

EARTH_RADIUS_M = 6_371_008.8


def on_plane(lon_lat: Coordinates, origin: tuple[float, float]) -> Coordinates:
    """Metres east and north of `origin`: an equirectangular plane, true to scale at the origin's latitude.

    Parameters
    ----------
    lon_lat : (n, 2) float64
        Degrees, WGS-84 or CGCS2000.
    origin
        Longitude and latitude of the plane's zero; use one for everything that is compared.
    """
    degree_m = np.radians(EARTH_RADIUS_M)
    scale = np.array([degree_m * np.cos(np.radians(origin[1])), degree_m])
    plane: Coordinates = (np.asarray(lon_lat, dtype=np.float64) - np.asarray(origin)) * scale
    return plane
