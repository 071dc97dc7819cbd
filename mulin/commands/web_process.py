"""The application as each process of the web server loads it: it does not outlive the server that started it.

An orphan would keep the port and silently take its share of the requests.
"""

import os

from mulin.commands.lifeline import end_with_parent
from mulin.config.wsgi import application as application

end_with_parent(os.getppid(), lambda: os._exit(1))
