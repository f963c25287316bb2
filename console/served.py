"""What is done differently with a pool on servers: made, rebuilt, its vault compacted, copied and put back."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from city.pack import load_pack
from console.servers import named_servers
from schemas.errors import ContractError, PoolError
from streams.local.home import home_folder, pack_folder

if TYPE_CHECKING:
    from pool.elastic.transport import Elastic
    from pool.reconcile import Findings
    from streams.kafka.settings import Servers
    from streams.session import PoolHome

VAULT_COPY = "vault.jsonl.xz"


def needed_servers() -> "Servers":
    """Raises ContractError where none are named."""
    from streams.kafka.clients import quiet  # noqa: PLC0415 - an embedded pool needs no client

    servers = named_servers()
    if servers is None:
        rule = "这条命令用于 Kafka 与 Elasticsearch 上的池"
        raise ContractError("--kafka", rule, "请加 --kafka 和 --elasticsearch,或设 WENTICHI_KAFKA 和 WENTICHI_ELASTICSEARCH")
    quiet()
    return servers


@contextmanager
def bare_elastic(servers: "Servers", *, made: bool = True) -> "Iterator[Elastic]":
    """The indices without the vault. Raises PoolError when they are not there (`made`)."""
    from pool.elastic.transport import Elastic  # noqa: PLC0415 - an embedded pool needs no client

    with closing(Elastic(servers.elasticsearch, prefix=servers.prefix, access=servers.access)) as elastic:
        if made:
            _require_indices(elastic)
        yield elastic


def _require_indices(elastic: "Elastic") -> None:
    from pool.elastic.admin import check_indices  # noqa: PLC0415 - an embedded pool needs no client

    faults = check_indices(elastic)
    if faults:
        raise PoolError(f"Elasticsearch 里的问题池不能用:{';'.join(faults)};首次使用请先运行 wentichi pool create")


def create_pool() -> dict[str, object]:
    """Everything that is not there yet; the master key too, but never beside a vault that has one."""
    from pool.elastic.admin import create_indices, recall, remember  # noqa: PLC0415 - an embedded pool needs no client
    from pool.elastic.vault import CHECK  # noqa: PLC0415 - see above
    from streams.kafka.pool import open_vault  # noqa: PLC0415 - see above

    servers, pack = needed_servers(), load_pack(pack_folder())
    with bare_elastic(servers, made=False) as elastic:
        create_indices(elastic)
        _require_indices(elastic)
        city = remember(elastic, "city", pack.name)
        if city != pack.name:
            raise PoolError(f"这个池属于城市“{city}”,现在的配置包是“{pack.name}”;请用原来的配置包(WENTICHI_PACK)")
        clock = remember(elastic, "clock", "wall")
        vault = open_vault(elastic, home_folder(), create=recall(elastic, CHECK) is None)
        close = getattr(vault, "close", None)
        if close is not None:
            close()
    return {"prefix": servers.prefix, "city": city, "clock": clock}


def rebuild_on_servers(tell: Callable[[int], None]) -> tuple[dict[str, object], str]:
    """(facts, sentence). Follows the log into new indices, while the workers go on but for the last seconds."""
    from streams.kafka.rebuild import rebuild  # noqa: PLC0415 - an embedded pool needs no client

    made = rebuild(needed_servers(), load_pack(pack_folder()), home_folder(), tell)
    said = f"已由事件记录重建 {made.aggregates} 个问题的文档与索引,用时 {made.seconds:.0f} 秒"
    said += f"(其间各环节停写 {made.held_seconds:.1f} 秒)。"
    if made.refused:
        said += f"有 {len(made.refused)} 件来件的文档被拒收:{'、'.join(sorted(made.refused)[:5])}"
    return asdict(made), said


def compact_on_servers() -> None:
    """No trace of destroyed keys and contacts is left in the vault, none of erased words in the indices."""
    from pool.elastic.expunge import expunge  # noqa: PLC0415 - an embedded pool needs no client
    from pool.elastic.mapping import DEAD_LETTERS, REBUILT  # noqa: PLC0415 - see above

    with _vault() as vault:
        vault.compact()
    with bare_elastic(needed_servers()) as elastic:
        expunge(elastic, *REBUILT, DEAD_LETTERS)


def verify_on_servers(home: "PoolHome") -> "Findings":
    """The topic against the index, the chains, every document."""
    from streams.kafka.remote import RemoteHome  # noqa: PLC0415 - an embedded pool needs no client
    from streams.kafka.verify import verify  # noqa: PLC0415 - see above

    assert isinstance(home, RemoteHome)  # noqa: S101 - there is no other kind
    return verify(home.pool)


def reconcile_on_servers(home: "PoolHome", *, repair: bool) -> "tuple[Findings, int]":
    """What differs still, and how many documents were repaired, while workers go on."""
    from streams.kafka.remote import RemoteHome  # noqa: PLC0415 - an embedded pool needs no client
    from streams.kafka.verify import reconcile  # noqa: PLC0415 - see above

    assert isinstance(home, RemoteHome)  # noqa: S101 - there is no other kind
    return reconcile(home.pool, repair=repair)


def backup_vault(target: Path, *, with_key: bool) -> tuple[dict[str, object], str]:
    """(facts, sentence). Keys and contacts only: documents and log are copied by the servers' own means."""
    from pool.elastic.backup import export_vault  # noqa: PLC0415 - an embedded pool needs no client

    if with_key:
        raise ContractError("--with-key", "服务器上的池不把主密钥放进备份", "请另行保管 WENTICHI_MASTER_KEY 或 master.key")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _vault() as vault:
        counts = export_vault(vault, target / VAULT_COPY)
        prefix = vault.elastic.prefix
    text = (
        f"已把密钥库备份到 {target / VAULT_COPY}(不含主密钥)。"
        f"文档请用 Elasticsearch 快照,不要包含 {prefix}-keys、{prefix}-callers、{prefix}-disclosures;"
        "事件记录在 Kafka 主题 events 里。"
    )
    return {"folder": str(target), "documents": counts}, text


def restore_vault(source: Path) -> tuple[dict[str, object], str]:
    """(facts, sentence). What is erased in the copy or in the pool is erased after it, in the documents too."""
    from console.opening import open_pool_session  # noqa: PLC0415 - heavier than the rest of this file
    from pool.elastic.backup import import_vault  # noqa: PLC0415 - an embedded pool needs no client
    from streams.erasing import erase_again  # noqa: PLC0415 - see above

    if not (source / VAULT_COPY).is_file():
        rule = f"{source} 里没有 {VAULT_COPY}"
        raise ContractError("文件夹", rule, "服务器上的池只恢复 wentichi backup 所备份的密钥库;文档请从 Elasticsearch 快照恢复")
    with _vault() as vault:
        added = import_vault(vault, source / VAULT_COPY)
        erased = vault.erased()
    with open_pool_session() as session:
        again = erase_again(session, erased)
    rest = f";重新删除 {again} 件" if again else ""
    return {"added": added, "erased_again": again}, f"密钥库已恢复:补回 {sum(added.values())} 条{rest}。"


@contextmanager
def _vault() -> Iterator[Any]:
    """Of the servers. Raises PoolError where keys and contacts are in a file of one machine."""
    from pool.elastic.vault import ElasticVault  # noqa: PLC0415 - an embedded pool needs no client
    from streams.kafka.pool import VAULT, VAULT_FILE, open_vault  # noqa: PLC0415 - see above

    with bare_elastic(needed_servers()) as elastic:
        vault = open_vault(elastic, home_folder())
        if not isinstance(vault, ElasticVault):
            vault.close()  # type: ignore[attr-defined]
            file = home_folder() / VAULT_FILE
            raise PoolError(f"密钥库是本机文件 {file}({VAULT}=file);请停止各环节的进程后复制这个文件和主密钥,分开保管")
        yield vault
