from django.urls import URLPattern, path

from mulin.domains.planning.views import grid_maps

app_name = "planning"
urlpatterns: list[URLPattern] = [
    path("grid-map/", grid_maps.choose, name="grid-map"),
    path("grid-map/<str:area_code>.svg", grid_maps.as_svg, name="grid-map-svg"),
    path("grid-map/<str:area_code>.pdf", grid_maps.as_pdf, name="grid-map-pdf"),
]
