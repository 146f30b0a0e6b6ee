"""Django's settings for both shapes of Makegood.

What differs between installations comes from the environment (config/environment.py); the rest is decided here.
"""

from math import ceil
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.environment import BASE_DIR, read_environment

ENVIRONMENT = read_environment()

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = ENVIRONMENT.debug
DATA_DIR = ENVIRONMENT.data_dir
BASE_URL = ENVIRONMENT.base_url
# Pages may have domains of their own: config.middleware.SiteMiddleware refuses what is neither theirs nor ours.
ALLOWED_HOSTS = ["*"]
OWN_HOSTS = list(ENVIRONMENT.allowed_hosts)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
DEV_INBOX = ENVIRONMENT.dev_inbox

INSTALLED_APPS = [
    "incidents",
    "notifications",
    "portal",
    "config",
    "config.desk.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "rest_framework",
    "django_q",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.PermissionsPolicyMiddleware",
    "config.middleware.RefusalMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.HealthMiddleware",
    "config.middleware.SiteMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.SignedInMiddleware",
    "config.middleware.OwnLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database


def _sqlite() -> dict[str, Any]:
    """WAL lets pages be read while one writes; IMMEDIATE and 20 s make writers queue instead of failing."""
    name = dj_database_url.parse(ENVIRONMENT.database_url)["NAME"] if ENVIRONMENT.database_url else None
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name or DATA_DIR / "makegood.sqlite3",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            # recursive triggers: else INSERT OR REPLACE deletes rows of append-only tables behind their guards' backs
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
            " PRAGMA recursive_triggers=ON;",
        },
    }


def _postgres() -> dict[str, Any]:
    """A pool in web processes only: a worker forks, and a pool does not survive that."""
    database: dict[str, Any] = {**dj_database_url.parse(ENVIRONMENT.database_url)}
    options = {"connect_timeout": 10, **database.get("OPTIONS", {})}
    if ENVIRONMENT.role == "web":
        pool = {"min_size": 1, "max_size": ENVIRONMENT.web_threads + 2, "timeout": 10}
        return database | {"CONN_MAX_AGE": 0, "OPTIONS": options | {"pool": pool}}
    return database | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


DATABASES = {"default": _postgres() if ENVIRONMENT.is_postgres else _sqlite()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cache: shared between processes in both shapes, because limits and the heartbeat live there

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "makegood_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    # django-q2 writes its status here twice a second; nobody reads it, and on SQLite each write would lock
    "queue_status": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
if ENVIRONMENT.redis_url:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ENVIRONMENT.redis_url,
        "KEY_PREFIX": ENVIRONMENT.redis_prefix,
    }

# Queue: one task drains a lane, so few run at once and none is large

QUEUE_TIMEOUT = 120
# A drain of a lane runs up to 40 s and others may stand before a beat: a busy worker must not look like a dead one.
HEARTBEAT_LIMIT = ENVIRONMENT.heartbeat_limit
# A lock runs from the moment a task leaves the queue: this many may stand before it, and each may take the timeout.
_ROUNDS = ceil((ENVIRONMENT.workers + 1) / ENVIRONMENT.workers) + 1

Q_CLUSTER: dict[str, Any] = {
    "name": ENVIRONMENT.redis_prefix,
    "label": _("Queue"),
    "workers": ENVIRONMENT.workers,
    "queue_limit": ENVIRONMENT.workers,
    "bulk": 1,
    "timeout": QUEUE_TIMEOUT,
    "retry": QUEUE_TIMEOUT * _ROUNDS + 10,
    "ack_failures": True,
    "max_attempts": 3,
    "catch_up": False,
    "recycle": 200,
    "save_limit": 100,
    "poll": 0.2,
    "cache": "queue_status",
}
if ENVIRONMENT.redis_url:
    LANES = {"urgent": ENVIRONMENT.redis_prefix, "bulk": f"{ENVIRONMENT.redis_prefix}-bulk"}
    Q_CLUSTER |= {"redis": ENVIRONMENT.redis_url, "ALT_CLUSTERS": {LANES["bulk"]: {"workers": ENVIRONMENT.workers}}}
else:
    Q_CLUSTER["orm"] = "default"
    LANES = dict.fromkeys(("urgent", "bulk"), ENVIRONMENT.redis_prefix)

# People: known by their e-mail address, signed in by a code that is sent to it; there are no passwords

AUTH_USER_MODEL = "incidents.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/my/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "config.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "request_login_code": "portal.personal.forms.SignInForm",
    "confirm_login_code": "portal.personal.forms.CodeForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_REQUIRED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION = "none"  # the code that signs in is the proof
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {
    # By the hour, since anybody may ask for anybody's mailbox; of one client's share in it see portal.personal.forms.
    "request_login_code": "20/m/ip,60/h/key",
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.trusted_proxies

# Language and time: everything is kept in UTC; pages show the reader's and the page's zone

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("de", _("German")),
    ("fr", _("French")),
    ("es", _("Spanish")),
    ("ar", _("Arabic")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

# Files

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.staticfiles.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# Mail

DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.default_from_email
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if ENVIRONMENT.mail.host else "config.mailfiles.EmailBackend"
)
EMAIL_HOST = ENVIRONMENT.mail.host
EMAIL_PORT = ENVIRONMENT.mail.port
EMAIL_HOST_USER = ENVIRONMENT.mail.user
EMAIL_HOST_PASSWORD = ENVIRONMENT.mail.password
EMAIL_USE_TLS = ENVIRONMENT.mail.use_tls
EMAIL_USE_SSL = ENVIRONMENT.mail.use_ssl
EMAIL_TIMEOUT = 20

# Browsers: one strict policy for every answer, the staff desk included

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.is_secure else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.trusted_proxies else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENVIRONMENT.is_secure
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_SAVE_EVERY_REQUEST = False  # it would take the write lock on every page

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "NUM_PROXIES": ENVIRONMENT.trusted_proxies,
}

ACCESS_LOG = ENVIRONMENT.access_log
METRICS_FROM = ENVIRONMENT.metrics_from

# django-q2 says four lines per task at INFO
_QUEUE_LOG_LEVEL = "WARNING" if ENVIRONMENT.log_level == "INFO" else ENVIRONMENT.log_level

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": ENVIRONMENT.log_level},
    "loggers": {
        "django": {"handlers": [], "level": ENVIRONMENT.log_level, "propagate": True},
        # It would write whole addresses of what was not found, and some of those hold keys
        # (see portal.publishing.access_log).
        "django.request": {"level": "ERROR"},
        "django-q": {"handlers": ["stderr"], "level": _QUEUE_LOG_LEVEL, "propagate": False},
    },
}
