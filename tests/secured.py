"""A broker that lets nobody in without a login: one listener with PLAIN, one with TLS, client certificates and SCRAM."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from deploy.local.kafka import start_kafka
from deploy.local.server import free_port
from tests.authority import Authority

USER, PASSWORD = "worker", "a-long, word="
_MODULE = "org.apache.kafka.common.security"


class Secured:
    """inner: where everything is open, for the test itself."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder / "authority")
        self.certfile, self.keyfile = self.authority.issue("127.0.0.1", "geheim")
        self._own = folder / "broker.pem"
        certfile, keyfile = self.authority.issue("127.0.0.1")
        self._own.write_bytes(keyfile.read_bytes() + certfile.read_bytes())
        self._inner, self._plain, self._strict, self._controller = (free_port() for _ in range(4))
        self.inner = f"127.0.0.1:{self._inner}"

    @property
    def port(self) -> int:
        """Of the open listener."""
        return self._inner

    @property
    def settings(self) -> dict[str, str]:
        """As in server.properties."""
        ports = {"PLAINTEXT": self._inner, "PLAIN": self._plain, "STRICT": self._strict}
        listeners = ",".join(f"{name}://127.0.0.1:{port}" for name, port in ports.items())
        strict = "listener.name.strict."
        return {
            "listeners": f"{listeners},CONTROLLER://127.0.0.1:{self._controller}",
            "advertised.listeners": listeners,
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller}",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAIN:SASL_PLAINTEXT,STRICT:SASL_SSL",
            "listener.name.plain.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.plain.plain.sasl.jaas.config": f'{_MODULE}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";',
            f"{strict}sasl.enabled.mechanisms": "SCRAM-SHA-512",
            f"{strict}scram-sha-512.sasl.jaas.config": f"{_MODULE}.scram.ScramLoginModule required;",
            f"{strict}ssl.client.auth": "required",
            f"{strict}ssl.keystore.type": "PEM",
            f"{strict}ssl.keystore.location": str(self._own),
            f"{strict}ssl.truststore.type": "PEM",
            f"{strict}ssl.truststore.location": str(self.authority.cafile),
        }

    def allow(self, password: str) -> None:
        """The user's password at the listener with SCRAM, from now on."""
        with closing(KafkaAdminClient(bootstrap_servers=self.inner)) as admin:
            given = [UserScramCredentialUpsertion(USER, ScramMechanism.SCRAM_SHA_512, password)]
            assert admin.alter_user_scram_credentials(given) == {USER: None}

    def plain(self, password: str = PASSWORD) -> dict[str, str]:
        """The environment of a program that logs in with PLAIN, without TLS."""
        return {
            "WENTICHI_KAFKA": f"127.0.0.1:{self._plain}",
            "WENTICHI_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            "WENTICHI_KAFKA_SASL_MECHANISM": "PLAIN",
            "WENTICHI_KAFKA_SASL_PLAIN_USERNAME": USER,
            "WENTICHI_KAFKA_SASL_PLAIN_PASSWORD": password,
        }

    def strict(self, password_file: Path) -> dict[str, str]:
        """The environment of a program that shows a certificate and logs in with SCRAM, its password in a file."""
        return {
            "WENTICHI_KAFKA": f"127.0.0.1:{self._strict}",
            "WENTICHI_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "WENTICHI_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "WENTICHI_KAFKA_SASL_PLAIN_USERNAME": USER,
            "WENTICHI_KAFKA_SASL_PLAIN_PASSWORD_FILE": str(password_file),
            "WENTICHI_KAFKA_SSL_CAFILE": str(self.authority.cafile),
            "WENTICHI_KAFKA_SSL_CERTFILE": str(self.certfile),
            "WENTICHI_KAFKA_SSL_KEYFILE": str(self.keyfile),
            "WENTICHI_KAFKA_SSL_PASSWORD": "geheim",
        }


@contextmanager
def secured_kafka(folder: Path) -> Iterator[Secured]:
    """folder: one that the server's user can reach. Raises ServersMissing."""
    secured = Secured(folder)
    with start_kafka(folder / "kafka", secured.port, secured.settings):
        yield secured
