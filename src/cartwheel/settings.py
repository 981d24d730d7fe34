"""Django's settings, made from the hub's own (config.py)."""

from __future__ import annotations

import secrets
from contextlib import suppress
from fcntl import LOCK_EX, flock
from pathlib import Path

from django.utils.translation import to_language

from cartwheel.config import Config, current

CONFIG: Config = current()


def _secret_key(path: Path) -> str:
    """The key in the file, made there on first use, readable by its owner only."""
    with suppress(OSError):
        if key := path.read_text().strip():  # a full disk leaves an empty file
            return key
    key = secrets.token_urlsafe(48)
    with suppress(OSError):  # a data directory that cannot be written is reported, in better words, later
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("r+") as file:
            flock(file, LOCK_EX)  # parts that start at the same time take the key of the first
            if made := file.read().strip():
                return made
            file.write(key)
    return key


SECRET_KEY = CONFIG.secret_key or _secret_key(CONFIG.data / "secret-key")
DEBUG = CONFIG.debug
ALLOWED_HOSTS = list(CONFIG.allowed_hosts)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "cartwheel.engine",
    "cartwheel.registry",
    "cartwheel.api",
    "cartwheel.web",
]
MIDDLEWARE = [
    "cartwheel.api.correlation.CorrelationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "cartwheel.web.static_files.CompressedStaticMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cartwheel.web.security.SecureCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cartwheel.api.slashes.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cartwheel.web.languages.LanguageMiddleware",
    "cartwheel.web.security.ContentSecurityPolicyMiddleware",
]
ROOT_URLCONF = "cartwheel.urls"
WSGI_APPLICATION = "cartwheel.wsgi.application"

DATABASES = {"default": CONFIG.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "registry.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 9},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "cartwheel.web.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"

LOCALE = Path(__file__).with_name("locale")


def languages(locale: Path) -> list[tuple[str, str]]:
    """English, and those that there are compiled catalogues of."""
    found = sorted(path.parts[-3] for path in locale.glob("*/LC_MESSAGES/django.mo"))
    return [(each, each) for each in ("en", *map(to_language, found))]


LANGUAGE_CODE = "en"
LANGUAGES = languages(LOCALE)
LOCALE_PATHS = [LOCALE]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600  # seconds; the pages name each file with a hash of its content
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django_htmx.templatetags.django_htmx",
                "cartwheel.web.templatetags.assets",
                "cartwheel.web.templatetags.shell",
                "cartwheel.web.templatetags.words",
            ],
        },
    }
]

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024  # bytes of a body that is no file
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes; a larger file goes to disk as it arrives
FILE_UPLOAD_TEMP_DIR = None  # set by the process that serves, to a directory beside the artifacts

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "cartwheel.api.authentication.SessionAuthentication",
        "cartwheel.api.authentication.TokenAuthentication",
        "cartwheel.api.authentication.BasicAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["cartwheel.api.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "cartwheel.api.parsing.JSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "EXCEPTION_HANDLER": "cartwheel.api.errors.answer",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},  # a 404 is the client's business
        "django.security": {"level": "CRITICAL"},  # so are a made-up Host and a thousand parameters
        "uvicorn.error": {"level": "ERROR"},  # and what is no HTTP at all
        "httpx2": {"level": "WARNING"},
    },
}
