from django.urls import path

from mulin.domains.places import views

app_name = "places"
urlpatterns = [
    path("map/<slug:layer>.geojson", views.layer, name="layer"),
    path("places/find", views.find, name="find"),
]
