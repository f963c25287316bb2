"""A broker that is away, an account that may not, an option with a slip: each is said in Chinese, soon, and costs nothing."""

import gc
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from kafka import errors

from wentichi import Client, NoSuchTopic, NotAllowed, NotReachable, TooLarge, WentichiError
from wentichi.broker import Broker

# kafka-python leaves the socket of a refused connection to the garbage collector, which says so
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

CHINESE = re.compile(r"[一-鿿]")
NOBODY = "127.0.0.1:1"

CALLS: dict[str, Callable[[Client], object]] = {
    "send": lambda one: one.send(channel="grid", source="s", id="1", data={}),
    "dispatches": lambda one: next(one.dispatches("u")),
}


@pytest.fixture(autouse=True)
def _nothing_left_for_the_next_test() -> Iterator[None]:
    yield
    gc.collect()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_broker_that_is_not_there_is_said_within_the_timeout(call: Callable[[Client], object]) -> None:
    begun = time.monotonic()
    with Client(NOBODY, timeout=1.0) as one, pytest.raises(NotReachable) as caught:
        call(one)
    assert time.monotonic() - begun < 5
    assert CHINESE.search(str(caught.value))
    assert NOBODY in str(caught.value)


TRIES_AGAIN = """
import gc, os, threading
from wentichi import Client, NotReachable

def held():
    gc.collect()
    return threading.active_count(), len(os.listdir("/proc/self/fd"))

before = held()
for _ in range(4):
    try:
        with Client("127.0.0.1:1", timeout=0.2) as client:
            client.send(channel="grid", source="s", id="1", data={})
    except NotReachable:
        continue
    raise SystemExit("sent to nobody")
assert held() == before, (before, held())
"""


def test_trying_again_and_again_uses_up_neither_threads_nor_files() -> None:
    """In a process of its own: pytest's records of the log hold on to sockets."""
    done = subprocess.run([sys.executable, "-c", TRIES_AGAIN], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    ("security", "meant"), [({"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN"}, NotAllowed), ({}, NotReachable)]
)
def test_who_logs_in_and_is_hung_up_on_is_not_allowed(security: dict[str, str], meant: type[WentichiError]) -> None:
    """A broker closes the connection right behind its refusal; often nothing else of it can be seen."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = threading.Event()

        def hang_up() -> None:
            while not done.is_set():
                with suppress(TimeoutError):
                    server.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        address = f"127.0.0.1:{server.getsockname()[1]}"
        names = {"sasl_plain_username": "unit", "sasl_plain_password": "word"} if security else {}
        try:
            with Client(address, timeout=2.0, **security, **names) as one, pytest.raises(WentichiError) as caught:  # type: ignore[arg-type]
                CALLS["send"](one)
        finally:
            done.set()
            thread.join(5)
    assert type(caught.value) is meant


@pytest.mark.parametrize("address", ["", "host", "host:port", "a:1,,b:2", "a:1 b:2", "http://a:1"])
def test_a_bad_address_is_said_at_once(address: str) -> None:
    with pytest.raises(WentichiError, match="地址"):
        Client(address)


@pytest.mark.parametrize("address", ["a:1", "a:1, b.example:9092", "10.0.0.1:9092", "[::1]:9092"])
def test_a_good_address_connects_to_nothing_before_it_is_used(address: str) -> None:
    Client(address).close()


def test_an_option_that_would_weaken_a_receipt_is_not_taken() -> None:
    with pytest.raises(TypeError, match="acks"):
        Client(NOBODY, acks=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (errors.TopicAuthorizationFailedError(), NotAllowed),
        (errors.GroupAuthorizationFailedError(), NotAllowed),
        (errors.SaslAuthenticationFailedError(), NotAllowed),
        (errors.UnsupportedSaslMechanismError(), NotAllowed),
        (errors.KafkaError("Unexpected error in InitProducerIdResponse: ClusterAuthorizationFailedError"), NotAllowed),
        (errors.UnknownTopicOrPartitionError(), NoSuchTopic),
        (errors.InvalidTopicError(), NoSuchTopic),
        (errors.MessageSizeTooLargeError(), TooLarge),
        (errors.KafkaTimeoutError(), NotReachable),
        (errors.NotEnoughReplicasError(), NotReachable),
        (errors.KafkaConfigurationError(), WentichiError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_error_of_kafka_has_its_place_in_the_tree(said: Exception, meant: type[WentichiError]) -> None:
    with pytest.raises(WentichiError) as caught, Broker(NOBODY, 1.0, {}).errors_of("intake.grid"):
        raise said
    assert type(caught.value) is meant
    assert caught.value.__cause__ is said
    assert CHINESE.search(str(caught.value))


def test_the_error_of_a_loops_body_passes_as_it_is() -> None:
    with pytest.raises(ValueError, match="own"), Broker(NOBODY, 1.0, {}).errors_of("t"):
        raise ValueError("own")
