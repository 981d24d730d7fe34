"""The hub as a WSGI application. `cartwheel serve` puts it behind cartwheel.front."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cartwheel.settings")

application = get_wsgi_application()
