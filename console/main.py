"""The entry point of `wentichi`. A command's room is imported only when that command runs, so that help comes at once."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

import typer

from console.chinese import ChineseCommand, ChineseGroup
from console.servers import Elasticsearch, Kafka, name_servers, with_servers


class Line(NamedTuple):
    """One command: its name, where its function (or Typer of sub-commands) is, panel and one line of help."""

    name: str
    place: str
    panel: str
    help: str


COMMANDS = (
    Line("demo", "console.demo:demo", "开始", "演示:示例市的一天,四个渠道的来件变成问题"),
    Line("push", "console.push:push", "开始", "把文件里的来件推入问题池,并全部处理完"),
    Line("run", "console.run:run", "开始", "常驻运行:来件、进展、到期时限随到随办"),
    Line("work", "console.work:work", "开始", "Kafka 上的常驻进程:做一个或几个环节"),
    Line("stats", "console.read:stats", "查看", "池里有多少来件、问题、死信"),
    Line("search", "console.read:search", "查看", "按文字、类别、单位、地点、时间查找"),
    Line("show", "console.read:show", "查看", "一个问题的来龙去脉:过程、来件、派单、依据"),
    Line("explain", "console.explain:explain", "查看", "凭什么这样认定:用词、模型、清单、地点、历史、法定规则"),
    Line("cameras", "console.cameras:app", "查看", "视频监看:摄像头看到了什么,哪些告警等人确认"),
    Line("attachments", "console.attachments:app", "查看", "来件的附件:存入、查看、取出,人脸、车牌默认遮住"),
    Line("simulate", "console.simulation.simulate:simulate", "开始", "模拟一座城市的若干小时:各渠道来件、误报、坏报文,附真相"),
    Line("assign", "console.handle:assign", "办理", "派单:一个主办,若干协办"),
    Line("close", "console.handle:close", "办理", "办结已答复的问题"),
    Line("merge", "console.handle:merge", "办理", "并单:两个问题是同一件事"),
    Line("unmerge", "console.handle:unmerge", "办理", "撤销并单"),
    Line("split", "console.handle:split", "办理", "拆单:其中几件来件是另一件事"),
    Line("unsplit", "console.handle:unsplit", "办理", "撤销拆单"),
    Line("subscribe", "console.units:subscribe", "承办单位", "接收派给本单位的问题"),
    Line("progress", "console.units:progress", "承办单位", "签收或答复"),
    Line("dead-letters", "console.dead_letters:app", "维护", "没能处理的记录:列出、查看、重放"),
    Line("erase", "console.erase:erase", "维护", "删除一件来件的个人信息"),
    Line("pool", "console.upkeep:app", "维护", "建池、重建、核对、压缩"),
    Line("topics", "console.topics:app", "维护", "Kafka 主题:建立、检查"),
    Line("audit", "console.upkeep:audit_app", "维护", "核验事件记录的哈希链与文档"),
    Line("backup", "console.upkeep:backup", "维护", "备份"),
    Line("restore", "console.upkeep:restore", "维护", "从备份恢复"),
    Line("bench", "console.bench.commands:app", "维护", "测速,结果为 JSON"),
    Line("pack", "console.pack:app", "维护", "城市配置包:由 Excel 导入,检查、查看、比较、登记新版本"),
    Line("train", "console.models:train_app", "模型", "由有标签的历史来件训练类别、单位模型"),
    Line("predict", "console.models:predict_app", "模型", "对一个文件里的来件逐行判断类别、单位"),
    Line("bootstrap", "console.models:bootstrap_app", "模型", "没有标签时,由类别树和历史来件得出类别模型"),
    Line("labels", "console.training_rows:labels_app", "模型", "由人核定并办结的问题,导出为训练数据"),
    Line("evaluate", "console.models_evaluate:app", "模型", "模型有多准:与基线比较,出 JSON 和网页报告"),
    Line("models", "console.models_registry:app", "模型", "现行模型:列出、上线、退回、检查漂移"),
)


class Commands(ChineseGroup):
    """Lists the table; imports a command only to run it."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return [line.name for line in COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        line = _line(cmd_name)
        return ChineseCommand(line.name, help=line.help, rich_help_panel=line.panel) if line else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        name, found, rest = super().resolve_command(ctx, args)
        line = _line(name) if found is not None and name else None
        return name, _load(line) if line else found, rest


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    help="问题池 wentichi:12345 热线、网络留言、网格、摄像头的来件,汇成一池问题,依清单派单,办到底。"
    "池的文件夹由环境变量 WENTICHI_HOME 指定(默认为当前文件夹下的 .wentichi);池在 Kafka 与 Elasticsearch 上时,"
    "每条命令都可加 --kafka 和 --elasticsearch。",
)


@app.callback()
def _root(kafka: Kafka = "", elasticsearch: Elasticsearch = "") -> None:
    name_servers(kafka, elasticsearch)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and exit. A fault is one red line on stderr and exit status 2; a user never sees a traceback."""
    from console.faults import exit_status  # noqa: PLC0415 - kept out of the import of the table

    sys.exit(exit_status(app, arguments))


def _line(name: str) -> Line | None:
    return next((line for line in COMMANDS if line.name == name), None)


def _load(line: Line) -> Any:
    module, _, attribute = line.place.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        found.info.cls = ChineseGroup
        for command in found.registered_commands:
            command.cls = ChineseCommand
            command.callback = with_servers(command.callback) if command.callback else None
        return typer.main.get_command(found)
    single = typer.Typer(add_completion=False)
    single.command(line.name, cls=ChineseCommand, help=line.help + "。\n\n" + (found.__doc__ or ""))(with_servers(found))
    return typer.main.get_command(single)


if __name__ == "__main__":
    main()
