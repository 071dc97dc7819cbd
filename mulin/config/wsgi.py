"""The application with all it answers with loaded: the web server forks its processes from one that holds it.

What is loaded is never garbage: without the collector it loads faster, and frozen it stays shared by the processes.
"""

import gc
import importlib
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

# Imported where they are used, so that commands start quickly; no resident's request waits for them.
DICTIONARIES = ("rjieba", "pypinyin")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mulin.config.settings")
gc.disable()
application = get_wsgi_application()
for name in (settings.ROOT_URLCONF, *DICTIONARIES):
    importlib.import_module(name)
gc.freeze()
gc.enable()
