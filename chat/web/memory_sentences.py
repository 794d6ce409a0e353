"""What the memory server says, as far as pages show it and it is known: they say it in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_noop

#: Why it refuses a request that a page can make, and why a fold waits or has failed.
SENTENCES = (
    gettext_noop("There is no session with this id."),
    gettext_noop("A message, its role included, has at most {most} bytes."),
    gettext_noop("A context has at most {most} bytes."),
    gettext_noop("The body has {length} bytes; at most {limit} are accepted."),
    gettext_noop("The body is larger than {limit} bytes."),
    gettext_noop("The summary model cannot be reached."),
    gettext_noop("The summary model did not answer in time."),
    gettext_noop("The summary model gave an answer that cannot be read."),
    gettext_noop("The summary model cannot take this much text at once (status {status})."),
    gettext_noop("The summary model, or a firewall in front of it, refuses this text (status {status})."),
    gettext_noop("The summary model's account has no credit left (status {status}); check its plan and billing."),
    gettext_noop("The summary model is receiving too many requests (status {status})."),
    gettext_noop("The summary model fails (status {status})."),
    gettext_noop("The summary model refuses the key (status {status}); check {name}."),
    gettext_noop("The summary model refuses the request (status {status}); check the model's name."),
    gettext_noop("The summary model refuses the roles of the messages (status {status}); check its chat template."),
    gettext_noop("The summary model refuses this text (status {status})."),
    gettext_noop(
        "The summary model is not what Azure deploys under this name (status {status}); check "
        "AZURE_DEPLOYMENT_ID and AZURE_DEPLOYMENT_ID_ADA."
    ),
    gettext_noop("The summary model refuses the version of the API (status {status}); check AZURE_API_VERSION."),
    gettext_noop("The summary model refuses the version of its API (status {status}); check its address."),
    gettext_noop(
        "The summary model is not found at Azure (status {status}); check AZURE_API_VERSION and AZURE_API_BASE."
    ),
    gettext_noop("The summary model's address redirects to {place}; set {name} to that address."),
    gettext_noop("The summary model stopped before its summary was complete."),
    gettext_noop("The summary model withheld the summary (content filter)."),
    gettext_noop("The summary model gave no summary."),
    gettext_noop("The summary model refused, in words, to write a summary."),
    gettext_noop("The summary model wrote far more than {words} words."),
    gettext_noop("All slots for folds are in use ({count}); ask again in a moment."),
)
