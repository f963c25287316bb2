"""The connections to Kafka, and its errors in this client's words."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ssl import SSLContext
from typing import Any, Final, TypedDict

from kafka import KafkaConsumer, KafkaProducer, errors
from kafka.admin import KafkaAdminClient
from kafka.net.compat import KafkaNetClient

from wentichi.errors import NoSuchTopic, NotAllowed, NotReachable, TooLarge, WentichiError
from wentichi.report import MAX_BYTES

SESSION_MS: Final = 10_000
"""After this long without a sign of life another program of the group takes over. Kafka's default minimum is 6 s."""
BODY_MS: Final = 3_600_000
"""How long a loop's body may work on one dispatch before the group gives the unit to another program."""

_ADDRESS: Final = re.compile(r"[^\s:\[\]]+:\d{1,5}|\[[0-9a-fA-F:.]+\]:\d{1,5}", re.ASCII)
_HUNG_UP: Final = re.compile("socket disconnected|reset by peer|Broken pipe")
_FORBIDDEN: Final = (
    errors.AuthorizationError,
    errors.SaslAuthenticationFailedError,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
    errors.SecurityDisabledError,
)
_UNKNOWN_TOPIC: Final = (errors.UnknownTopicOrPartitionError, errors.InvalidTopicError, errors.UnknownTopicIdError)
_OVERSIZE: Final = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError)


class Security(TypedDict, total=False):
    """How to connect; the names and meanings are kafka-python's."""

    security_protocol: str
    ssl_context: SSLContext
    ssl_check_hostname: bool
    ssl_cafile: str
    ssl_certfile: str
    ssl_keyfile: str
    ssl_password: str
    ssl_crlfile: str
    ssl_ciphers: str
    sasl_mechanism: str
    sasl_plain_username: str
    sasl_plain_password: str
    sasl_kerberos_name: str
    sasl_kerberos_service_name: str
    sasl_kerberos_domain_name: str
    sasl_oauth_token_provider: Any
    proxy_url: str
    client_id: str


class Broker:
    """Opens connections; knows which topics are there. timeout: seconds for connecting and for an answer."""

    def __init__(self, servers: str, timeout: float, security: Security) -> None:
        unknown = security.keys() - Security.__annotations__.keys()
        if unknown:
            raise TypeError(f"不认识的连接选项 {'、'.join(sorted(unknown))};可用 {'、'.join(Security.__annotations__)}")
        addresses = [part.strip() for part in servers.split(",")]
        wrong = [address for address in addresses if not _ADDRESS.fullmatch(address)]
        if wrong:
            raise WentichiError(f"地址 {wrong[0]!r} 不能用;请写成 主机:端口,几个用逗号隔开")
        self.servers = servers
        self.timeout = timeout
        self._known: set[str] = set()
        self._options: dict[str, Any] = {
            "bootstrap_servers": addresses,
            "bootstrap_timeout_ms": round(timeout * 1000),
            **security,
        }

    def require(self, topic: str) -> None:
        """Raises NoSuchTopic or NotAllowed. Asked first, so that no broker makes a topic of its own for a name with a slip."""
        if topic in self._known:
            return
        admin = self._open(KafkaAdminClient)
        with self.errors_of(topic):
            try:
                found = admin.describe_topics([topic])[0]
            finally:
                admin.close()
            if found["error_code"]:
                raise errors.for_code(found["error_code"])
        self._known.add(topic)

    def producer(self) -> Any:
        """acks=all and idempotent: a retry inside the client doubles nothing and keeps the order."""
        wait = round(self.timeout * 1000)
        return self._open(
            KafkaProducer,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_request_size=MAX_BYTES,
            max_block_ms=wait,
            delivery_timeout_ms=wait,
            request_timeout_ms=min(30_000, wait // 2),
        )

    def consumer(self, group: str) -> Any:
        """From the group's committed place, else from the beginning; commits only when told."""
        return self._open(
            KafkaConsumer,
            group_id=group or None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            max_poll_interval_ms=BODY_MS,
        )

    def _open(self, kind: Callable[..., Any], **more: Any) -> Any:
        """What kafka-python has opened (a thread, sockets) it keeps when it fails to connect: closed here, or a program that
        tries again and again runs out of them."""
        opened: list[Any] = []

        def connection(**config: Any) -> Any:
            opened.append(KafkaNetClient(**config))
            return opened[-1]

        with self.errors_of(""), _Overheard() as overheard:
            try:
                return kind(kafka_client=connection, **self._options, **more)
            except BaseException as error:
                for one in opened:
                    one.close()
                if isinstance(error, OSError | ValueError | AssertionError):
                    raise WentichiError(f"连接选项不能用({error});请检查安全选项") from error
                if overheard.refusal is not None:
                    raise overheard.refusal from error
                if "sasl_mechanism" in self._options and overheard.hung_up:
                    raise errors.SaslAuthenticationFailedError("登录时被服务器断开") from error
                raise

    @contextmanager
    def errors_of(self, topic: str) -> Iterator[None]:
        """Inside, what Kafka says becomes one of this client's errors."""
        try:
            yield
        except errors.KafkaError as error:
            raise self._said(error, topic) from error

    def _said(self, error: errors.KafkaError, topic: str) -> WentichiError:
        if isinstance(error, _FORBIDDEN) or "AuthorizationFailed" in str(error):  # the producer's start names it in words only
            return NotAllowed(f"服务器不允许{f'使用主题 {topic}' if topic else '登录'}({error});请核对账号、口令,或请管理员授权")
        if isinstance(error, _UNKNOWN_TOPIC):
            return NoSuchTopic(f"没有主题 {topic};请核对 namespace 和单位编码,或请管理员先建主题")
        if isinstance(error, _OVERSIZE):
            return TooLarge(f"一条记录连同标头至多 {MAX_BYTES} 字节;附件请只传哈希,正文请删节")
        if isinstance(error, errors.KafkaConfigurationError):
            return WentichiError(f"连接选项不能用({error});请检查安全选项")
        away = f"{self.servers} 在 {self.timeout:g} 秒内没有应答({error})"
        return NotReachable(f"{away};请检查地址、网络和安全选项后重发,重发不会重复")


class _Overheard(logging.Handler):
    """kafka-python 3.0 gives a login that failed to its log alone; its caller gets a time-out.

    A broker hangs up right behind its refusal, and often that is all that kafka-python sees of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refusal: errors.KafkaError | None = None
        self._lost: list[str] = []

    @property
    def hung_up(self) -> bool:
        """Every attempt reached somebody who then hung up; of a broker that is away at least one would not have."""
        return len(self._lost) > 1 and all(_HUNG_UP.search(lost) for lost in self._lost)

    def __enter__(self) -> "_Overheard":
        logging.getLogger("kafka.net").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("kafka.net").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        for said in record.args if isinstance(record.args, tuple) else ():
            if isinstance(said, _FORBIDDEN):
                self.refusal = said
            elif isinstance(said, errors.KafkaConnectionError):
                self._lost.append(str(said))
