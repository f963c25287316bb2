"""A problem's views once more, at a person's word: what the replay of an event's dead letter asks for."""

import time
from typing import Final

from schemas.words import DISPATCH_PREFIX
from streams.effects import LogRecord
from streams.session import PATIENCE, PoolHome, PoolSession
from streams.stages.publish import PublishStage

_PAUSE: Final = 0.1


class _Views:
    """ViewReader of a home."""

    def __init__(self, home: PoolHome) -> None:
        self.problems = home.store.problems
        self.report_documents = home.store.report_documents
        self.keys = home.vault.keys


def publish_again(session: PoolSession, event: LogRecord) -> list[str]:
    """Each unit gets its view of the event's problem as it is now; which units. The event itself is not appended again.

    May be done at any time and as often as one likes, also beside a stage that publishes the same problem: whoever has sent
    views reads the problem again and sends newer ones (protocol 6), so that the last view is never an old one. A report's
    document that casework has yet to write is waited for. Raises what the stage raises.
    """
    stage, reader = PublishStage(session.home.pack), _Views(session.home)
    until = time.monotonic() + PATIENCE
    while True:
        effects = stage.handle([event], reader)
        if effects.behind and time.monotonic() < until:
            time.sleep(_PAUSE)
            continue
        for message in effects.messages:
            session.append(message.topic, [(message.key, message.value)])
        now = reader.problems(effects.versions)
        if all(problem.version == effects.versions[name] for name, problem in now.items()):
            return list(dict.fromkeys(message.topic.removeprefix(DISPATCH_PREFIX) for message in effects.messages))
