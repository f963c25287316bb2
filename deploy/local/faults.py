"""What goes wrong with local servers. One line of Chinese each: what, and what to do.

ServersMissing: this machine cannot have the servers. ServerFailed: one of them did not start. Both are WentichiError, which the
commands show without a traceback.
"""

from schemas.errors import WentichiError


class ServersMissing(WentichiError):
    """Java or Maven is missing, or what they should fetch cannot be had here."""


class ServerFailed(WentichiError):
    """A server did not start or did not become ready; the message holds the end of its log and names the file."""
