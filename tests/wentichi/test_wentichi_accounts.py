"""A broker with accounts and permissions: who may not is told so, and nothing that the broker refuses looks like success."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from kafka.admin import ACL, ACLOperation, ACLPermissionType, KafkaAdminClient, NewTopic, ResourcePattern, ResourceType

from deploy.local.kafka import Kafka
from deploy.local.server import free_port
from wentichi import Client, NotAllowed

pytestmark = pytest.mark.slow

RIGHT = "a-long-word"


@dataclass(frozen=True)
class Secured:
    """inner: where everything is allowed, for the test itself. outer: where clients log in."""

    inner: str
    outer: str

    def client(self, password: str = RIGHT) -> Client:
        return Client(
            self.outer,
            timeout=20.0 if password == RIGHT else 5.0,  # a wrong one is told only when the time is over
            security_protocol="SASL_PLAINTEXT",
            sasl_mechanism="PLAIN",
            sasl_plain_username="unit",
            sasl_plain_password=password,
        )

    def allow(self, kind: ResourceType, name: str, *operations: ACLOperation) -> None:
        with closing(KafkaAdminClient(bootstrap_servers=self.inner)) as admin:
            acls = [ACL("User:unit", "*", one, ACLPermissionType.ALLOW, ResourcePattern(kind, name)) for one in operations]
            admin.create_acls(acls)


@pytest.fixture
def secured(fresh_kafka: Callable[..., Kafka]) -> Secured:
    inner, outer, controller = (free_port() for _ in range(3))
    settings = {
        "listeners": f"PLAINTEXT://127.0.0.1:{inner},SASL://127.0.0.1:{outer},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{inner},SASL://127.0.0.1:{outer}",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl.plain.sasl.jaas.config": "org.apache.kafka.common.security.plain.PlainLoginModule required "
        f'user_unit="{RIGHT}";',
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    fresh_kafka(port=inner, settings=settings)
    found = Secured(f"127.0.0.1:{inner}", f"127.0.0.1:{outer}")
    with closing(KafkaAdminClient(bootstrap_servers=found.inner)) as admin:
        names = ["intake.message", "dispatch.u", "progress.u"]
        admin.create_topics([NewTopic(name, 1, 1) for name in names])
        admin.wait_for_topics(names)
    return found


def send(client: Client) -> object:
    return client.send(channel="message", source="s", id="1", data={"text": "x"})


def refused(call: Callable[[], Any]) -> str:
    begun = time.monotonic()
    with pytest.raises(NotAllowed) as caught:
        call()
    assert time.monotonic() - begun < 12
    return str(caught.value)


def test_each_thing_that_an_account_may_not_is_said_and_what_it_may_works(secured: Secured) -> None:
    with secured.client("a-wrong-word") as wrong:
        assert "口令" in refused(lambda: send(wrong))
    with secured.client() as client:
        assert "intake.message" in refused(lambda: send(client))
        secured.allow(ResourceType.TOPIC, "intake.message", ACLOperation.DESCRIBE)
        assert "intake.message" in refused(lambda: send(client))
        secured.allow(ResourceType.TOPIC, "intake.message", ACLOperation.WRITE)
        send(client)
        secured.allow(ResourceType.TOPIC, "dispatch.u", ACLOperation.DESCRIBE)
        assert "dispatch.u" in refused(lambda: list(client.dispatches("u", idle=1)))
        secured.allow(ResourceType.TOPIC, "dispatch.u", ACLOperation.READ)
        assert list(client.dispatches("u", idle=1)) == []
        assert "dispatch.u" in refused(lambda: list(client.dispatches("u", group="g", idle=1)))
        secured.allow(ResourceType.GROUP, "g", ACLOperation.READ)
        assert list(client.dispatches("u", group="g", idle=1)) == []
