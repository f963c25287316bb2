"""Checks a unit's reply before a problem may be closed (答复质量检查). Proposes findings; casework decides what they hold up.

    checker   rules alone, the default         relevance  is the reply about the request
    trained   rules with a trained model       reasons    does the reply explain itself (model)
    reading   a reply as clauses               phrases    the words of the trade
    trial     measures on files of replies     rivals     what the model was compared with
"""

from classifiers.replies.checker import Asked, ReplyChecker, RuleChecker
from classifiers.replies.trained import TrainedReplyChecker, reply_checker

__all__ = ["Asked", "ReplyChecker", "RuleChecker", "TrainedReplyChecker", "reply_checker"]
