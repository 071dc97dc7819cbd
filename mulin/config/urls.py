from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("mulin.web.urls")),
    path("", include("mulin.domains.places.urls")),
]
