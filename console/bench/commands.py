"""`wentichi bench …`: figures as JSON."""

import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from classifiers.learning.rows import Task
from console.bench.big_city import BigCity
from console.bench.kafka_plan import KafkaPlan
from console.bench.lifecycle import LifePlan, bench_lifecycle
from console.bench.pack import bench_pack
from console.bench.pipeline import Plan, bench_pipeline
from console.bench.search import SearchPlan, bench_search
from console.bench.volume import bench_volume
from console.servers import named_elasticsearch, named_servers
from console.terminal import print_json

app = typer.Typer(no_args_is_help=True, help="测速,结果为 JSON")


@app.callback()
def _root() -> None:
    """Keeps the application a group of commands; standard output is JSON alone."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))


@app.command("pipeline", help="从来件到决定:每秒问题数、时延、内存、各步占比,空池与满池对照;给出服务器时在其上另建临时池")
def pipeline(
    *,
    reports: Annotated[int, typer.Option(help="每轮来件数")] = Plan.reports,
    runs: Annotated[int, typer.Option(help="轮数,空池与满池交替")] = Plan.runs,
    full: Annotated[int, typer.Option(help="满池里的问题数;0 为不测满池")] = Plan.full,
    rate: Annotated[int, typer.Option(help="时延一项的来件速率,每秒")] = Plan.rate,
    seconds: Annotated[int, typer.Option(help="时延一项的秒数")] = Plan.seconds,
    workers: Annotated[int, typer.Option(help="预处理进程数,用于本机文件池")] = Plan.workers,
    layout: Annotated[str, typer.Option(help="服务器上的各进程与环节:进程以逗号、环节以加号相连")] = KafkaPlan.layout,
    spike_rate: Annotated[int, typer.Option(help="服务器上突增一项的基准速率,每秒;0 为不测")] = KafkaPlan.spike_rate,
    models: Annotated[str, typer.Option(metavar="文件夹", help="模型库:另测由其中现行模型判断的各轮,用于本机文件池")] = "",
    casework: Annotated[bool, typer.Option("--casework/--no-casework", help="服务器上比较一个与两个办理进程")] = True,
    folder: Annotated[Path | None, typer.Option(help="在哪个文件夹下建临时池")] = None,
) -> None:
    """文本由程序拼成,长度与公开市民留言相同(中位 205 字,九成在 950 字以内)。"""
    named = named_servers()
    if named is None:
        print_json(bench_pipeline(Plan(reports, runs, full, rate, seconds, workers, models), folder))
        return
    from console.bench.kafka_pipeline import bench_kafka  # noqa: PLC0415 - an embedded pool needs no client

    plan = KafkaPlan(reports, runs, full, rate, seconds, layout, spike_rate, casework=casework)
    print_json(bench_kafka(named, plan, folder))


@app.command("lifecycle", help="登记、派单、签收、答复、办结:每秒多少个问题走完一生,空池与满池对照;给出服务器时在其上另建临时池")
def lifecycle(
    *,
    lives: Annotated[int, typer.Option(min=1, help="每轮的问题数")] = LifePlan.lives,
    runs: Annotated[int, typer.Option(min=1, help="轮数,空池与满池交替")] = LifePlan.runs,
    full: Annotated[int, typer.Option(min=0, help="满池里的问题数;0 为不测满池")] = LifePlan.full,
    folder: Annotated[Path | None, typer.Option(help="在哪个文件夹下建临时池")] = None,
) -> None:
    """每一步都走人所走的路,办到承办单位看得见为止,再走下一步。"""
    named, plan = named_servers(), LifePlan(lives, runs, full)
    if named is None:
        print_json(bench_lifecycle(plan, folder))
        return
    from console.bench.kafka_lifecycle import bench_lifecycle_on_servers  # noqa: PLC0415 - an embedded pool needs no client

    print_json(bench_lifecycle_on_servers(named, plan, folder))


@app.command("volume", help="一座城市的留言两次推入临时池:数目、查全查准、能看出什么,并列二十条供人看")
def volume(
    file: Annotated[Path, typer.Argument(metavar="文件", help="每行一条留言的 JSON 文件,可以是 .xz")],
    seed: Annotated[int, typer.Option(help="抽样的种子")] = 1,
) -> None:
    """只在临时文件夹里进行,不碰现有的池。"""
    print_json(bench_volume(file, seed))


@app.command("search", help="在 N 个问题的临时池里查询要多久,并列同样的词直接向数据库或服务器查询的用时")
def search(
    problems: Annotated[int, typer.Option(min=1, help="临时池里的问题数")] = SearchPlan.problems,
    keep: Annotated[bool, typer.Option("--keep", help="测完不删除临时池")] = False,
) -> None:
    """文本由词典里的词按词频拼成,每条 200 到 900 字,查询词取自其中。只需给出 --elasticsearch,在其上另建临时索引。"""
    print_json(bench_search(SearchPlan(problems, named_elasticsearch(), keep)))


@app.command("simulated", help="一座模拟城市推入临时池,与真相相比:地点、摄像头、不丢不重、类别")
def simulated(
    hours: Annotated[float, typer.Option(min=0.1, help="多少小时")] = 24,
    rate: Annotated[float, typer.Option(min=0.1, help="平均每小时多少件来件(不算摄像头)")] = 60,
    seed: Annotated[int, typer.Option(help="种子")] = 1,
    alarms: Annotated[float, typer.Option(help="平均每小时多少起摄像头看到的真事;负数为来件数的十分之一")] = -1,
) -> None:
    """只在临时文件夹里进行,不碰现有的池。"""
    from console.bench.simulated import measure  # noqa: PLC0415 - its room takes a second to import

    print_json(measure(hours, rate, seed, None if alarms < 0 else alarms))


@app.command("pack", help="程序生成一个大城市的配置包:读入要多久、占多少内存、每次判断比示例市慢多少")
def pack(
    *,
    categories: Annotated[int, typer.Option(min=1, help="末级类别数")] = BigCity.categories,
    duty: Annotated[int, typer.Option(min=1, help="权责事项数")] = BigCity.duty,
    grids: Annotated[int, typer.Option(min=1, help="网格数")] = BigCity.grids,
    units: Annotated[int, typer.Option(min=1, help="单位数")] = BigCity.units,
    folder: Annotated[Path | None, typer.Option(help="在哪个文件夹下建临时配置包")] = None,
) -> None:
    """首次拟合分类模型的用时单列;以后各进程从缓存读取。"""
    print_json(bench_pack(BigCity(categories, duty, grids, units), folder))


@app.command("models", help="模型的训练和判断要多久、多大、多准,并列 scikit-learn 的普通流水线")
def models(
    file: Annotated[Path | None, typer.Argument(metavar="文件", help="有标签的来件,同 wentichi train;不给则由程序生成")] = None,
    task: Annotated[Task, typer.Option(help="类别还是单位")] = Task.CATEGORY,
    leaves: Annotated[int, typer.Option(min=2, help="生成的类别数")] = 3329,
    rows: Annotated[int, typer.Option(min=10, help="生成的来件数")] = 100_000,
    seed: Annotated[int, typer.Option(help="种子")] = 0,
    plain: Annotated[bool, typer.Option("--plain/--no-plain", help="是否并列普通流水线")] = True,
) -> None:
    """五分之一留作检验,相近的来件不分开;速度按一个核的处理器时间计。"""
    from classifiers.learning.rows import read_rows  # noqa: PLC0415 - see simulated
    from console.bench.models import bench_models, generated  # noqa: PLC0415

    found = generated(leaves, rows) if file is None else read_rows(file, task, labelled=True)
    print_json(bench_models(found, Task.CATEGORY if file is None else task, plain=plain, seed=seed))


@app.command("routed", help="一座大城市:由训练的类别模型加地点、清单定单位,每秒多少条")
def routed(
    categories: Annotated[int, typer.Option(help="末级类别数")] = BigCity.categories,
    duty: Annotated[int, typer.Option(help="权责事项数")] = BigCity.duty,
    rows: Annotated[int, typer.Option(min=10, help="训练用的来件数")] = 10_000,
) -> None:
    """配置包和文本都由程序生成,只说明快慢,不说明准不准。"""
    from console.bench.routed import bench_routed  # noqa: PLC0415 - see simulated

    print_json(bench_routed(BigCity(categories, duty), rows))
