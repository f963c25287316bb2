"""What a user sees when something is wrong: one red line in Chinese, saying what, where and what to do."""

import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from schemas.errors import WentichiError

USAGE_ERROR: type[Exception] = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "UsageError")
"""typer carries its own copy of click since 0.20 and click itself before; this is the class in both."""
FAULT = 2
INTERRUPTED = 130


def exit_status(app: typer.Typer, arguments: Sequence[str] | None) -> int:
    """Run the application; the status to exit with. Prints the fault of a run that failed."""
    try:
        result = app(args=list(arguments) if arguments is not None else None, prog_name="wentichi", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, typer.Abort):
        result = INTERRUPTED
    except Exception as error:
        if isinstance(error, USAGE_ERROR):
            return _usage(error)
        return _say(_sentence(error))
    if result == INTERRUPTED:  # newer parsers answer Ctrl-C with this status, older ones raise
        return _say("已中断;已写入的都已保存,可重新运行同一命令继续", status=INTERRUPTED)
    return result if isinstance(result, int) else 0


def _sentence(error: Exception) -> str:
    match error:
        case WentichiError():
            return str(error)
        case OSError():
            where = f" {str(error.filename)[:200]}" if error.filename else ""
            return f"读写{where} 失败:{error.strerror or error};请检查路径、权限和磁盘空间"
        case sqlite3.OperationalError():
            return f"问题池文件正被占用或不可写:{error};请稍后再试"
        case sqlite3.DatabaseError():
            return f"问题池文件已损坏:{error};请用备份恢复(wentichi restore)"
        case _:
            return _unexpected(error)


def _usage(error: Any) -> int:
    """The parser's own sentences are English; these are ours, by kind of mistake."""
    kind = type(error).__name__
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "wentichi"
    if kind == "NoArgsIsHelpError":
        return 0  # the help page was printed where the error was made
    parameter = getattr(error, "param", None)
    names = "/".join(parameter.opts) if parameter is not None and parameter.opts[0].startswith("-") else _metavar(parameter)
    match kind:
        case "MissingParameter":
            said = f"缺少 {names}"
        case "NoSuchOption":
            said = f"没有选项 {getattr(error, 'option_name', '')}"
        case "BadOptionUsage" | "BadArgumentUsage":
            said = f"选项 {getattr(error, 'option_name', '')} 的用法不对"
        case "BadParameter":
            said = f"{names or '参数'} 的值不对:{_rule(_clean(error.message))}"
        case _:
            said = _translated(_clean(error.message))
    return _say(f"{said};用 {command} --help 看用法")


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.human_readable_name).upper() if parameter is not None else ""


def _rule(message: str) -> str:
    """The parser's sentence about a value, in Chinese where it is one of the usual ones."""
    given = message.removeprefix("Value error, ").rstrip(".")
    if " is not one of " in given:
        return "只能是 " + given.partition(" is not one of ")[2].replace("'", "").replace(", ", "、")
    if " is not in the range " in given:
        return f"须在 {given.partition(' is not in the range ')[2]} 之内"
    for bound, said in (("greater than or equal to", "不得小于"), ("less than or equal to", "不得大于")):
        if bound in given:
            return f"{said} {given.rpartition(' ')[2]}"
    return "须为整数" if "integer" in given else given


def _translated(message: str) -> str:
    if message.startswith("No such command"):
        return "没有命令" + message.removeprefix("No such command").rstrip(".").replace("Did you mean", "是不是").rstrip("?")
    if message.startswith("Got unexpected extra argument"):
        return "多余的参数" + message.rpartition(" ")[2].rstrip(".")
    return "缺少命令" if message.startswith("Missing command") else message


def _unexpected(error: Exception) -> str:
    """A defect of this application. The full story goes to the log file named by WENTICHI_TRACE, for who mends it."""
    if type(error).__name__ == "PackError":  # by name, so that a fault is told without loading the city's room
        return str(error)
    trace = os.environ.get("WENTICHI_TRACE")
    if trace:
        import traceback  # noqa: PLC0415 - only where a defect is reported

        with Path(trace).open("a", encoding="utf-8") as file:
            traceback.print_exception(error, file=file)
    name = f"{type(error).__name__}: {_clean(str(error))[:200]}"
    return f"程序出错({name});数据没有丢失。请带上这一行报告,设 WENTICHI_TRACE=文件 可记下详情"


def _clean(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _say(message: str, *, status: int = FAULT) -> int:
    lines = [_clean(line) for line in message.splitlines()] or [""]
    colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    for number, line in enumerate(lines):
        text = f"错误:{line}" if number == 0 else line
        sys.stderr.write(f"\x1b[31m{text}\x1b[0m\n" if colour else f"{text}\n")
    sys.stderr.flush()
    return status
