"""The tests of logly. What the environment says to logly, to Python and to servers is taken away before any test runs.

It is here because this is run first: logly reads some of it when it is imported.
"""

import os

_SAYING = (
    "LOGLY_",
    # Python: programs of tests start with what `python` does by itself.
    *("PYTHONWARNINGS", "PYTHONDEVMODE", "PYTHONOPTIMIZE", "PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONUTF8"),
    *("PYTHONASYNCIODEBUG", "PYTHONINSPECT", "PYTHONSTARTUP", "PYTHONVERBOSE", "PYTHONSAFEPATH", "PYTEST_ADDOPTS"),
    # Colours and sizes.
    *("NO_COLOR", "FORCE_COLOR", "PY_COLORS", "TTY_", "COLUMNS", "LINES", "TQDM_"),
    # Servers and clients.
    *("WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS", "UVICORN_", "GUNICORN_", "GRANIAN_", "CELERY_", "DJANGO_", "FLASK_"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
)
_OF_THE_TESTS = ("LOGLY_STRESS", "LOGLY_SOAK", "LOGLY_UPDATE_SNAPSHOTS")

for _name in list(os.environ):
    if _name.upper().startswith(_SAYING) and _name not in _OF_THE_TESTS:
        del os.environ[_name]
os.environ["TERM"] = "xterm"
