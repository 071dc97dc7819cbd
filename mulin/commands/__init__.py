"""The `mulin` command line. Importing it readies Django, so that a command may import models at its top."""

import os

import django
from django.apps import apps
from django.utils import translation


def _terminal_language() -> str:
    """Chinese unless the terminal says English."""
    name = next((os.environ[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(key)), "")
    return "en" if name.lower().startswith("en") else "zh-hans"


if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mulin.config.settings")
    django.setup()
    translation.activate(_terminal_language())
