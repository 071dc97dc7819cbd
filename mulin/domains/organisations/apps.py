from django.apps import AppConfig


class Organisations(AppConfig):
    name = "mulin.domains.organisations"
    label = "organisations"
