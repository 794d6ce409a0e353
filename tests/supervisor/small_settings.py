"""The site's settings with static files of its own under DATA: a small source, collected nowhere else."""

from chatsite.settings import *  # noqa: F403
from chatsite.settings import DATA

STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STATICFILES_DIRS = [DATA / "source"]
STATIC_ROOT = DATA / "collected"
