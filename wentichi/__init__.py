"""Client of the 12345 problem pool (问题池): send reports, follow a unit's dispatches, answer them."""

from wentichi.client import Client
from wentichi.dispatch import Dispatch
from wentichi.errors import BadReply, BadReport, NoSuchTopic, NotAllowed, NotReachable, TooLarge, WentichiError
from wentichi.report import Channel, Report
from wentichi.steps import Receipt

__all__ = [
    "BadReply",
    "BadReport",
    "Channel",
    "Client",
    "Dispatch",
    "NoSuchTopic",
    "NotAllowed",
    "NotReachable",
    "Receipt",
    "Report",
    "TooLarge",
    "WentichiError",
]
