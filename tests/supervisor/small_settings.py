"""The site's settings with one small source of static files, collected under DATA."""

from chatsite.settings import *  # noqa: F403
from chatsite.settings import DATA

STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STATICFILES_DIRS = [DATA / "source"]
STATIC_ROOT = DATA / "collected"
