"""The client: reports in, dispatches out, answers back."""

import logging
import time as clock
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from threading import Event, Lock
from types import TracebackType
from typing import Any, Final, Unpack

from kafka import OffsetAndMetadata, TopicPartition, errors

from wentichi.broker import Broker, Security
from wentichi.dispatch import Dispatch, dispatch_of
from wentichi.errors import NotAllowed, NotReachable
from wentichi.report import HEADERS, Channel, Report
from wentichi.steps import Receipt

log = logging.getLogger("wentichi")

WINDOW: Final = 1_000
"""Reports of `send_many` that may wait for the broker at the same time."""
_MOVED: Final = (
    errors.CommitFailedError,
    errors.IllegalGenerationError,
    errors.UnknownMemberIdError,
    errors.RebalanceInProgressError,
)


class Client:
    """A connection to one problem pool; for several threads, one loop of `dispatches` in each.

    servers: "host:port", several separated by commas. namespace: what the pool's operator put in front of its topics, mostly
    nothing. timeout: seconds to wait for the broker. security: kafka-python's options (security_protocol, sasl_mechanism, …).
    Connects when it is first used. Close it, or use `with`.
    """

    def __init__(self, servers: str, *, namespace: str = "", timeout: float = 30.0, **security: Unpack[Security]) -> None:
        self._broker = Broker(servers, timeout, security)
        self._prefix = f"{namespace}." if namespace else ""
        self._producer: Any = None
        self._opening = Lock()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection; whoever got a receipt has nothing to lose. The next use connects again."""
        with self._opening:
            producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(errors.KafkaError):
                producer.close(timeout=self._broker.timeout)

    def send(
        self,
        *,
        channel: Channel,
        source: str,
        id: str,  # noqa: A002
        data: Mapping[str, Any],
        time: datetime | None = None,
        history: bool = False,
    ) -> Receipt:
        """Send one report and wait until the broker has it; the fields are those of `Report`.

        Raises BadReport, TooLarge, NoSuchTopic, NotAllowed; NotReachable when no answer came in time: then send the same
        again, the pool knows it by source and id. What the pool finds wrong with `data` it keeps as a dead letter.
        """
        return self.send_many([Report(channel, source, id, data, time, history)])[0]

    def send_many(self, reports: Iterable[Report]) -> list[Receipt]:
        """Send reports one behind the other without waiting for each; the receipts, in order, when the broker has all.

        Stops at the first that fails and raises as `send` does; those before it may have arrived. Sending all again is safe.
        """
        waiting: deque[tuple[str, str, Any]] = deque()
        receipts: list[Receipt] = []
        try:
            for report in reports:
                raw = report.encode()
                topic = f"{self._prefix}intake.{report.channel}"
                waiting.append((report.number, topic, self._put(topic, report.number, raw, HEADERS)))
                if len(waiting) >= WINDOW:
                    receipts.append(self._await(*waiting.popleft()))
        finally:
            receipts += [self._await(*one) for one in waiting]
        return receipts

    def dispatches(
        self, unit: str, *, group: str = "", idle: float | None = None, stop: Event | None = None
    ) -> Iterator[Dispatch]:
        """Follow `dispatch.<unit>`: every problem's current view, then each change as it comes.

        group: remembers in Kafka what was worked; Kafka's own name for it has the namespace in front, as topics have. A dispatch
        counts as worked when the loop asks for the next one; a program that dies, breaks out or raises before gets it again
        (at least once). Of several programs with one group one works and the others stand by. Without a group everything
        comes again from the beginning.
        idle: end after so many seconds without anything new. stop: end soon after this event is set.
        A view older than one already given of the same problem is passed over.
        Raises NoSuchTopic, NotAllowed, and NotReachable when the broker is away at the start or at the end.
        """
        topic = f"{self._prefix}dispatch.{unit}"
        self._broker.require(topic)
        consumer = self._broker.consumer(f"{self._prefix}{group}" if group else "")
        place = TopicPartition(topic, 0)
        try:
            with self._broker.errors_of(topic):
                if group:
                    consumer.subscribe([topic])
                    consumer.partitions_for_topic(topic)  # else the group's first member may be given nothing for minutes
                else:
                    consumer.assign([place])
            seen: dict[bytes, int] = {}
            for record in self._records(consumer, place, idle, stop):
                dispatch = self._read(unit, record)
                newest = seen.get(record.key, 0)
                if dispatch is not None and (dispatch.forgotten or dispatch.version >= newest):
                    seen[record.key] = max(newest, dispatch.version)
                    yield dispatch
                if group:
                    self._worked(consumer, place, record)
        finally:
            consumer.close(autocommit=False)

    def _records(self, consumer: Any, place: TopicPartition, idle: float | None, stop: Event | None) -> Iterator[Any]:
        """Record by record, until stopped or until nothing new has come for `idle` seconds and the broker says that this is so.

        The time before the group has given the topic to this program does not count, up to the client's timeout.
        """
        quiet = clock.monotonic() + self._broker.timeout
        joined = False
        while stop is None or not stop.is_set():
            with self._broker.errors_of(place.topic):
                found = consumer.poll(timeout_ms=200, max_records=1).get(place, ())
                if not joined and place in consumer.assignment():
                    joined, quiet = True, clock.monotonic()
            if found:
                yield found[0]
                quiet = clock.monotonic()
            elif idle is not None and clock.monotonic() - quiet >= idle:
                with self._broker.errors_of(place.topic):
                    end = consumer.end_offsets([place], timeout_ms=round(self._broker.timeout * 1000))[place]
                    if place not in consumer.assignment() or consumer.position(place) >= end:
                        return
                quiet = clock.monotonic()

    def _read(self, unit: str, record: Any) -> Dispatch | None:
        try:
            return dispatch_of(unit, (record.key or b"").decode(), record.value, self._answer)
        except (ValueError, TypeError):
            log.exception("不能读的派单,已跳过:%s-%s-%s;请告知问题池管理员", record.topic, record.partition, record.offset)
            return None

    def _worked(self, consumer: Any, place: TopicPartition, record: Any) -> None:
        with self._broker.errors_of(place.topic):
            try:
                consumer.commit({place: OffsetAndMetadata(record.offset + 1, "", -1)}, round(self._broker.timeout * 1000))
            except _MOVED:
                log.warning("%s 已交给同组的另一个程序,它会再收到 %s-%s", place.topic, place.partition, record.offset)

    def _answer(self, unit: str, problem: str, value: bytes) -> Receipt:
        topic = f"{self._prefix}progress.{unit}"
        return self._await(problem, topic, self._put(topic, problem, value))

    def _put(self, topic: str, key: str, value: bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> Any:
        self._broker.require(topic)
        with self._opening:
            if self._producer is None:
                self._producer = self._broker.producer()
            producer = self._producer
        with self._broker.errors_of(topic):
            return producer.send(topic, value, key=key.encode(), headers=list(headers))

    def _await(self, key: str, topic: str, future: Any) -> Receipt:
        try:
            with self._broker.errors_of(topic):
                stored = future.get(timeout=self._broker.timeout * 2)
        except (NotReachable, NotAllowed):
            self.close()  # after such an error an idempotent producer may refuse everything for good
            raise
        return Receipt(key, topic, stored.partition, stored.offset)
