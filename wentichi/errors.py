"""Every error that this client raises; each message says in Chinese what is wrong and what to do.

WentichiError
├── NotReachable   no broker answers, or not in time; whether the record arrived is not known, so send it again
├── NotAllowed     the broker does not know this account, or does not let it do this
├── NoSuchTopic    the pool has no such topic: wrong namespace, wrong unit, or the topics were not made yet
├── BadReport      the report breaks a rule that can be seen before it is sent
├── BadReply       a step of a unit breaks a rule that can be seen before it is sent
└── TooLarge       more than the 1 MiB that one record may have

A call with an unknown option raises TypeError, as any Python function does.
"""


class WentichiError(Exception):
    """Root of the tree."""


class NotReachable(WentichiError):
    """No broker answers, or not in time."""


class NotAllowed(WentichiError):
    """Account, password or permission."""


class NoSuchTopic(WentichiError):
    """The pool has no such topic."""


class BadReport(WentichiError):
    """The report breaks a rule."""


class BadReply(WentichiError):
    """A step of a unit breaks a rule."""


class TooLarge(WentichiError):
    """More than one record may have."""
