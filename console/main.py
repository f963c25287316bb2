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
    Line("knowledge", "console.knowledge:app", "查看", "知识库:写入、审核、查找答案,纠错"),
    Line("cameras", "console.cameras:app", "查看", "视频监看:摄像头看到了什么,哪些告警等人确认"),
    Line("figures", "console.figures:figures", "督查", "办结率、按时办结率、响应率、解决率、满意率等,按单位、地区、类别、月份"),
    Line("notice", "console.notice:notice", "督查", "督查通报:一个时期的总体情况、各单位、逾期、退单、反复、整改,A4 打印"),
    Line("key-list", "console.key_list:key_list", "督查", "重点督办清单,以及此前督办的整改情况"),
    Line("work-list", "console.work_list:work_list", "督查", "条线工作清单:一个部门或一条线的未办结问题,按地点和事项"),
    Line("monitoring", "console.monitoring:monitoring", "督查", "监测点与全市比较,待逐件核查的问题"),
    Line("attachments", "console.attachments:app", "查看", "来件的附件:存入、查看、取出,人脸、车牌默认遮住"),
    Line("simulate", "console.simulation.simulate:simulate", "开始", "模拟一座城市的若干小时:各渠道来件、误报、坏报文,附真相"),
    Line("queue", "console.handling.queue:queue", "办理", "等谁办什么:先到期的在前,超时的标明"),
    Line("assign", "console.handle:assign", "办理", "派单:一个主办,若干协办"),
    Line("answer", "console.handling.office:answer", "办理", "直办:当场答复并办结"),
    Line("decline", "console.handling.office:decline", "办理", "不予受理:说明理由,告知途径"),
    Line("hand-over", "console.handling.office:hand_over", "办理", "转110、119、120、信访、督查,记下对方编号"),
    Line("recall", "console.handling.office:recall", "办理", "派单人收回,重新派单"),
    Line("recategorise", "console.handling.office:recategorise", "办理", "改定类别,重新认定单位和时限"),
    Line("note", "console.handling.office:note", "办理", "内部备注"),
    Line("check", "console.handling.care:check", "办理", "审核承办单位的答复:通过或退回"),
    Line("close", "console.handle:close", "办理", "办结已答复的问题"),
    Line("review", "console.handling.review:app", "办理", "复核:退单、会商、异议、申请"),
    Line("supervise", "console.handling.care:supervise", "办理", "列入督办"),
    Line("end-supervision", "console.handling.care:end_supervision", "办理", "结束督办"),
    Line("recheck", "console.handling.care:recheck_app", "办理", "回头看:请谁去看,看的结果"),
    Line("merge", "console.handle:merge", "办理", "并单:两个问题是同一件事"),
    Line("unmerge", "console.handle:unmerge", "办理", "撤销并单"),
    Line("split", "console.handle:split", "办理", "拆单:其中几件来件是另一件事"),
    Line("unsplit", "console.handle:unsplit", "办理", "撤销拆单"),
    Line("callbacks", "console.handling.callers:callbacks", "来件人", "要回访的来件人"),
    Line("callback-messages", "console.handling.by_message:messages", "来件人", "用短信、链接回访:写出各人的短信"),
    Line("callback-answers", "console.handling.by_message:answers", "来件人", "收下短信、链接的评价"),
    Line("callback", "console.handling.callers:callback", "来件人", "记下一次回访:评价、是否解决"),
    Line("urge", "console.handling.callers:urge", "来件人", "催办"),
    Line("supplement", "console.handling.callers:supplement", "来件人", "来件人补充情况"),
    Line("withdraw", "console.handling.callers:withdraw", "来件人", "来件人撤回"),
    Line("subscribe", "console.units:subscribe", "承办单位", "接收派给本单位的问题"),
    Line("progress", "console.units:progress", "承办单位", "签收或答复"),
    Line("contact", "console.handling.part:contact", "承办单位", "记下与来件人的联系"),
    Line("return", "console.handling.part:ask_return", "承办单位", "申请退单"),
    Line("object", "console.handling.part:object_to", "承办单位", "镇街、社区提异议:不该派给基层"),
    Line("apply", "console.handling.part:apply", "承办单位", "申请延期、挂账、剔除"),
    Line("wait-caller", "console.handling.part:wait_caller", "承办单位", "等来件人补充,时限暂停"),
    Line("resume", "console.handling.part:resume", "承办单位", "结束等待或挂账,恢复办理"),
    Line("cooperate", "console.handling.part:cooperate", "承办单位", "增加协办单位"),
    Line("whistle", "console.handling.whistles:app", "承办单位", "吹哨报到:吹哨、应哨、到场、结束、互评"),
    Line("rate", "console.handling.part:rate", "承办单位", "评价一起办的单位"),
    Line("ladder", "console.handling.ladder:app", "承办单位", "网格岗位:就地解决、上报"),
    Line("dead-letters", "console.dead_letters:app", "维护", "没能处理的记录:列出、查看、重放"),
    Line("erase", "console.erase:erase", "维护", "删除一件来件的个人信息"),
    Line("pool", "console.upkeep:app", "维护", "建池、重建、核对、压缩"),
    Line("topics", "console.topics:app", "维护", "Kafka 主题:建立、检查"),
    Line("audit", "console.upkeep:audit_app", "维护", "核验事件记录的哈希链与文档"),
    Line("backup", "console.upkeep:backup", "维护", "备份"),
    Line("restore", "console.upkeep:restore", "维护", "从备份恢复"),
    Line("bench", "console.bench.commands:app", "维护", "测速,结果为 JSON"),
    Line("tasks", "console.admission:app", "办理", "基层事项准入:提交、审核、派发、接收;一键投诉"),
    Line("passing", "console.passing:app", "查看", "推诿线索:由办理记录找出,由人判定"),
    Line("duty", "console.duty:app", "维护", "权责清单的修改建议:提出、批准、写成下一版"),
    Line("pack", "console.pack:app", "维护", "城市配置包:由 Excel 导入,检查、查看、比较、登记新版本"),
    Line("train", "console.models:train_app", "模型", "由有标签的历史来件训练类别、单位模型"),
    Line("predict", "console.models:predict_app", "模型", "对一个文件里的来件逐行判断类别、单位"),
    Line("bootstrap", "console.models:bootstrap_app", "模型", "没有标签时,由类别树和历史来件得出类别模型"),
    Line("labels", "console.training_rows:labels_app", "模型", "由人核定并办结的问题,导出为训练数据"),
    Line("evaluate", "console.models_evaluate:app", "模型", "模型有多准:与基线比较,出 JSON 和网页报告"),
    Line("models", "console.models_registry:app", "模型", "现行模型:列出、上线、退回、检查漂移"),
    Line("replies", "console.replies:app", "模型", "答复质量检查:答非所问、没有答复、没有理由、套话"),
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
