"""Why a worker waits or will not begin: closed sets, each with the sentence that people read."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final


class Server(StrEnum):
    """What a worker depends on."""

    KAFKA = "kafka"
    ELASTICSEARCH = "elasticsearch"


class Hold(StrEnum):
    """Why a step is tried again (protocol 8). Nothing is lost meanwhile: what is not written is not acked."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    BUSY = "busy"
    FAILING = "failing"
    READ_ONLY = "read_only"
    DISK_FULL = "disk_full"
    OTHER = "other"


HOLD_SENTENCES: Final[dict[Hold, str]] = {
    Hold.UNREACHABLE: "连不上",
    Hold.TIMEOUT: "没有及时答复",
    Hold.UNAUTHORIZED: "账号、密码或证书不对",
    Hold.FORBIDDEN: "账号没有权限",
    Hold.NOT_FOUND: "索引或主题不存在",
    Hold.BUSY: "过载,暂时不收",
    Hold.FAILING: "服务端出错",
    Hold.READ_ONLY: "索引被设为只读",
    Hold.DISK_FULL: "磁盘将满,已自动锁为只读",
    Hold.OTHER: "原因不明",
}


class Obstacle(StrEnum):
    """Why a worker refuses to work until a person has mended it (protocol 5, 7): a restart changes nothing."""

    POOL_BEHIND_LOG = "pool_behind_log"
    POOL_AHEAD_OF_LOG = "pool_ahead_of_log"
    PARTITION_COUNT = "partition_count"
    MASTER_KEY = "master_key"


OBSTACLE_SENTENCES: Final[dict[Obstacle, str]] = {
    Obstacle.POOL_BEHIND_LOG: "问题池落后于事件记录;请运行 wentichi pool rebuild",
    Obstacle.POOL_AHEAD_OF_LOG: "问题池超前于事件记录;请找回事件记录,不要重建",
    Obstacle.PARTITION_COUNT: "commands 与 events 的分区数变了;请运行 wentichi topics check",
    Obstacle.MASTER_KEY: "主密钥缺失或不是这个池的;请从备份恢复主密钥",
}

_BY_STATUS: Final = {401: Hold.UNAUTHORIZED, 403: Hold.FORBIDDEN, 404: Hold.NOT_FOUND, 429: Hold.BUSY}
_BY_CLASS: Final = {
    "ConnectionTimeout": Hold.TIMEOUT,
    "KafkaTimeoutError": Hold.TIMEOUT,
    "RequestTimedOutError": Hold.TIMEOUT,
    "TimeoutError": Hold.TIMEOUT,
    "KafkaConnectionError": Hold.UNREACHABLE,
    "NoBrokersAvailable": Hold.UNREACHABLE,
    "NodeNotReadyError": Hold.UNREACHABLE,
    "TlsError": Hold.UNAUTHORIZED,
    "SSLEOFError": Hold.UNREACHABLE,
    "SSLError": Hold.UNAUTHORIZED,
    "ConnectionError": Hold.UNREACHABLE,
    "TransportError": Hold.UNREACHABLE,
    "OSError": Hold.UNREACHABLE,
    "AuthenticationFailedError": Hold.UNAUTHORIZED,
    "SaslAuthenticationFailed": Hold.UNAUTHORIZED,
    "SaslAuthenticationFailedError": Hold.UNAUTHORIZED,
    "UnsupportedSaslMechanismError": Hold.UNAUTHORIZED,
    "IllegalSaslStateError": Hold.UNAUTHORIZED,
    "SecurityDisabled": Hold.UNAUTHORIZED,
    "AuthorizationError": Hold.FORBIDDEN,
    "TopicAuthorizationFailedError": Hold.FORBIDDEN,
    "GroupAuthorizationFailedError": Hold.FORBIDDEN,
    "UnknownTopicOrPartitionError": Hold.NOT_FOUND,
    "KafkaError": Hold.FAILING,
}
"""By class name along the inheritance, nearest first, so that no client library has to be imported here."""
_STATUS: Final = re.compile(r"[(\uff08]([45][0-9]{2})\b")
_CLASS: Final = re.compile(r"[(\uff08]([A-Z]\w+)[)\uff09]")


def hold_of(error: BaseException | str) -> Hold:
    """Of an error and its causes, or of the message alone. A block by the disk watermark comes as 429, one set by hand as 403;
    both say so in words."""
    chain = [] if isinstance(error, str) else list(_causes(error))
    text = error if isinstance(error, str) else " ".join(str(one) for one in chain)
    if "flood-stage" in text:
        return Hold.DISK_FULL
    if "cluster_block_exception" in text:
        return Hold.READ_ONLY
    status = next((found for one in chain if (found := _status(one))), 0)
    if not status and (written := _STATUS.search(text)):
        status = int(written.group(1))
    if status:
        return _BY_STATUS.get(status, Hold.FAILING if status >= 500 else Hold.OTHER)
    names = [base.__name__ for one in reversed(chain) for base in type(one).__mro__] + _CLASS.findall(text)
    return next((_BY_CLASS[name] for name in names if name in _BY_CLASS), Hold.OTHER)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__


def _status(error: BaseException) -> int:
    status = getattr(getattr(error, "meta", None), "status", None) or getattr(error, "status", None)
    return status if isinstance(status, int) else 0
