"""The closed list of metrics: nothing is exposed that does not stand here, and nothing stands here without a remedy."""

from enum import StrEnum
from typing import Final, NamedTuple

from classifiers.learning.rows import Task
from schemas.words import DISPATCH_PREFIX, PROGRESS_PREFIX, DeadLetterKind, Stage, Topic
from streams.operations.holds import Hold, Obstacle, Server


class Step(StrEnum):
    """The steps of a batch, in the order of protocol 1."""

    HANDLE = "handle"
    VAULT = "vault"
    CLAIMS = "claims"
    STATES = "states"
    SEND = "send"
    DERIVE = "derive"
    OUTCOMES = "outcomes"
    ACK = "ack"


class Family(StrEnum):
    """Topics, with those of single channels and units as one."""

    INTAKE = "intake"
    PROGRESS = "progress"
    COMMANDS = "commands"
    EVENTS = "events"
    OUTCOMES = "outcomes"
    DISPATCH = "dispatch"
    DEAD_LETTER = "dead-letter"


class BulkStatus(StrEnum):
    """Answers to one item of a bulk that was not taken. 409 is a conflict, which is decided again."""

    S400 = "400"
    S401 = "401"
    S403 = "403"
    S404 = "404"
    S409 = "409"
    S413 = "413"
    S429 = "429"
    S5XX = "5xx"
    OTHER = "other"


class Kind(StrEnum):
    """Types as Prometheus has them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    SUMMARY = "summary"


LABELS: Final[dict[str, type[StrEnum]]] = {
    "stage": Stage,
    "step": Step,
    "server": Server,
    "reason": Hold,
    "obstacle": Obstacle,
    "kind": DeadLetterKind,
    "status": BulkStatus,
    "family": Family,
    "task": Task,
}
"""Every label and its closed set; never a unit, a report or anything else that grows with the city."""
BUILD_LABELS: Final = ("version", "pack", "model")
MODEL_LABELS: Final = ("task", "version")
OPEN_LABELS: Final = (BUILD_LABELS, MODEL_LABELS)
"""The only ones with open words: one series a process, and one a task."""


class Listed(NamedTuple):
    """help: what it counts, and in what unit. remedy: what to do when it is high (Chinese). page: of docs/runbook/."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    remedy: str
    page: str


WORKER: Final = (
    Listed(
        "wentichi_lag_records", Kind.GAUGE, ("stage",),
        "Records that wait in the partitions this worker holds; sum over workers for the whole.",
        "先看是不是在等服务器;不是则加进程,分区数是上限。", "lag-grows",
    ),
    Listed(
        "wentichi_oldest_waiting_seconds", Kind.GAUGE, ("stage",),
        "Age of the oldest record that waits in the partitions this worker holds.",
        "积压不大而这个数大,是某个分区停住了:看它的工作进程是否存活、是否在等。", "lag-grows",
    ),
    Listed(
        "wentichi_records_total", Kind.COUNTER, ("stage",),
        "Records worked and acked.",
        "有积压而不再增加,是停住了:看存活探针与日志。", "lag-grows",
    ),
    Listed(
        "wentichi_batches_total", Kind.COUNTER, ("stage",),
        "Batches finished: every effect durable, every record acked.",
        "有积压而 5 分钟没有一批做完,进程会自行退出重启;反复如此请查最慢的一步。", "worker-restarts",
    ),
    Listed(
        "wentichi_step_seconds", Kind.SUMMARY, ("stage", "step"),
        "Time spent by step of a batch.",
        "哪一步占得最多就查哪一步:handle 是本机 CPU,send 是 Kafka,ack 之外的其余是 Elasticsearch。", "latency",
    ),
    Listed(
        "wentichi_decision_seconds", Kind.HISTOGRAM, (),
        "From the arrival of a report to its decision, buckets up to one hour.",
        "先排除积压与等待,再看哪一步慢。", "latency",
    ),
    Listed(
        "wentichi_retries_total", Kind.COUNTER, ("server", "reason"),
        "Steps that were held and tried again.",
        "按 reason 对应的手册页处理;期间没有记录丢失,也没有记录被确认。", "elasticsearch-down",
    ),
    Listed(
        "wentichi_holding", Kind.GAUGE, ("server",),
        "1 while something is held for this server and tried again.",
        "看同一服务器的重试原因,服务器恢复后会自动继续。", "elasticsearch-down",
    ),
    Listed(
        "wentichi_server_up", Kind.GAUGE, ("server",),
        "1 when the server answered the last time it was asked, else 0.",
        "从工作进程所在的机器检查网络、地址和服务。", "kafka-down",
    ),
    Listed(
        "wentichi_bulk_item_errors_total", Kind.COUNTER, ("status",),
        "Items of bulk requests that Elasticsearch did not take, by status.",
        "409 是正常竞争;400 会成为死信;403、429、5xx 会一直重试,按状态处理。", "elasticsearch-readonly",
    ),
    Listed(
        "wentichi_conflicts_total", Kind.COUNTER, (),
        "States lost to another writer, read again and decided again.",
        "偶尔出现属正常(换手的一刻);持续出现说明两个进程在写同一分区。", "conflicts",
    ),
    Listed(
        "wentichi_replays_total", Kind.COUNTER, (),
        "Commands that had been applied before: sent out again, nothing decided.",
        "重启或再平衡之后出现属正常;平时持续增加请看重启与再平衡。", "rebalances",
    ),
    Listed(
        "wentichi_dead_letters_total", Kind.COUNTER, ("stage", "kind"),
        "Records that could not be worked, by reason.",
        "用 wentichi dead-letters list 看原因和办法,改正后重放。", "dead-letters",
    ),
    Listed(
        "wentichi_sent_total", Kind.COUNTER, ("family",),
        "Records that Kafka has acknowledged with acks=all, by family of topics.",
        "有派单而 dispatch 不增加,请查单位主题是否存在。", "unit-topic-missing",
    ),
    Listed(
        "wentichi_publish_resends_total", Kind.COUNTER, (),
        "Views of units sent again because the document had become newer meanwhile.",
        "偶尔出现属正常;持续偏高说明 publish 慢于 casework。", "latency",
    ),
    Listed(
        "wentichi_timers_fired_total", Kind.COUNTER, (),
        "Due timers appended to commands.",
        "突然很多,多半是停机之后补发;不影响结果,过时的会作废。", "timers-late",
    ),
    Listed(
        "wentichi_timers_late_seconds", Kind.GAUGE, (),
        "How long the oldest due timer of the slots this worker holds has been waiting.",
        "时限到了没有触发:看 casework 是否积压、是否有人持有该分区。", "timers-late",
    ),
    Listed(
        "wentichi_rebalances_total", Kind.COUNTER, ("stage",),
        "Times that the partitions of a stage were given out anew.",
        "频繁再平衡会让各进程反复装载索引:看谁在反复重启或掉线。", "rebalances",
    ),
    Listed(
        "wentichi_partitions", Kind.GAUGE, ("stage",),
        "Partitions this worker holds.",
        "全部进程合计应等于主题的分区数;合计为 0 则无人处理。", "rebalances",
    ),
    Listed(
        "wentichi_obstacle", Kind.GAUGE, ("obstacle",),
        "1 while the worker refuses to work until a person has mended what is named.",
        "按 obstacle 对应的手册页处理,重启没有用。", "pool-behind-log",
    ),
    Listed(
        "wentichi_start_time_seconds", Kind.GAUGE, (),
        "When this process began, seconds since 1970.",
        "反复变化就是反复重启:看退出前最后几行日志。", "worker-restarts",
    ),
    Listed(
        "wentichi_build_info", Kind.GAUGE, BUILD_LABELS,
        "1; version of the program, of the city pack and of the model.",
        "各进程应当一致;不一致时把旧的重启到新版本。", "worker-restarts",
    ),
    Listed(
        "wentichi_model_info", Kind.GAUGE, MODEL_LABELS,
        "1; version of each trained model that decides. No series: the cold start decides.",
        "各进程应当一致;不一致时看各机器的模型库(WENTICHI_MODELS)是否同一份。", "model-degraded",
    ),
    Listed(
        "wentichi_model_degraded", Kind.GAUGE, (),
        "1 while a promoted model cannot be loaded or fails at its work, and the rules of the pack decide instead.",
        "来件照常处理,但多由人派单;看日志 model_degraded 说的原因,换回好的模型。", "model-degraded",
    ),
    Listed(
        "wentichi_model_check_timestamp_seconds", Kind.GAUGE, ("task",),
        "When the model that decides was last compared with recent reports, or was promoted if never since; seconds since 1970.",
        "太久没有检查:检查每周的定时任务 wentichi models drift。", "model-drift",
    ),
    Listed(
        "wentichi_model_check_alert", Kind.GAUGE, ("task",),
        "1 when the last comparison found that reports, confidences or accuracy are no longer those of the promotion.",
        "运行 wentichi models drift 看是哪一项变了,再决定重新训练、退回,还是等它过去。", "model-drift",
    ),
)  # fmt: skip
"""What a worker exposes."""

RECONCILE: Final = (
    Listed(
        "wentichi_drift_documents", Kind.GAUGE, (),
        "Documents that differ from the log, are missing, or have no events.",
        "用 wentichi pool reconcile 看是哪些,再决定修复还是重建。", "drift",
    ),
    Listed(
        "wentichi_drift_compared_documents", Kind.GAUGE, (),
        "Documents that the last comparison looked at.",
        "突然变小说明核对不完整,或池被换成了别的快照。", "drift",
    ),
    Listed(
        "wentichi_drift_timestamp_seconds", Kind.GAUGE, (),
        "When the pool was last compared with the log, seconds since 1970.",
        "太久没有核对:检查定时任务。", "drift",
    ),
)  # fmt: skip
"""What a comparison leaves behind for the node exporter's text file collector; a worker does not know it."""

LISTED: Final = (*WORKER, *RECONCILE)


def family_of(topic: str) -> Family | None:
    """Of a topic's name in this application; None for a topic that is not ours."""
    if topic.startswith("intake."):
        return Family.INTAKE
    if topic.startswith(PROGRESS_PREFIX):
        return Family.PROGRESS
    if topic.startswith(DISPATCH_PREFIX):
        return Family.DISPATCH
    return Family(topic) if topic in (Topic.COMMANDS, Topic.EVENTS, Topic.OUTCOMES, Topic.DEAD_LETTER) else None


def bulk_status(status: int) -> BulkStatus:
    """The closed word for an HTTP status."""
    if status >= 500:
        return BulkStatus.S5XX
    return BulkStatus(str(status)) if str(status) in set(BulkStatus) else BulkStatus.OTHER
