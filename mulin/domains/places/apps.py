from django.apps import AppConfig


class Places(AppConfig):
    name = "mulin.domains.places"
    label = "places"
