from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from mulin.config.api import api
from mulin.config.api_reference import reference
from mulin.domains.accounts.views import home

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", home, name="home"),
    path("", include("mulin.web.urls")),
    path("", include("mulin.domains.accounts.urls")),
    path("", include("mulin.domains.places.urls")),
    path("", include("mulin.domains.duty.urls")),
    path("planning/", include("mulin.domains.planning.urls")),
    path("", include("mulin.domains.cases.urls")),
    path("api/v1/docs", reference, name="api-reference"),
]

handler400 = "mulin.web.views.bad_request"
handler403 = "mulin.web.views.permission_denied"
handler404 = "mulin.web.views.page_not_found"
handler500 = "mulin.web.views.server_error"
