"""Writes the JSON Schema (draft 2020-12) of every contract to schemas/json/ and the AsyncAPI document to schemas/asyncapi.json;
`--check` only says whether the files are stale.

python -m schemas.generate [--check]
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, create_model

from schemas import asyncapi
from schemas.cloudevent import Envelope, event_type
from schemas.commands import Command
from schemas.documents import Claim, DeadLetter, Outcome, ReportContent, ReportDocument, UnitView
from schemas.events import Event
from schemas.problem import Problem
from schemas.progress import Progress
from schemas.reports import DATA
from schemas.words import Channel

FOLDER = Path(__file__).parent / "json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
DOCUMENTS: tuple[type[BaseModel], ...] = (
    Claim,
    DeadLetter,
    Outcome,
    Problem,
    Progress,
    ReportContent,
    ReportDocument,
    UnitView,
)


def cloud_event(channel: Channel) -> type[BaseModel]:
    """The whole CloudEvent of a channel: the envelope with that channel's type and data."""
    name = f"{DATA[channel].__name__}Event"
    fields: dict[str, Any] = {"type": (Literal[event_type(channel)], ...), "data": (DATA[channel], ...)}
    return create_model(name, __base__=Envelope, __doc__=f"What intake.{channel.value} takes: CloudEvents 1.0.", **fields)


def members(union: Any) -> tuple[type[BaseModel], ...]:
    """The models of `Command` or `Event`."""
    found, *_ = get_args(union)
    return get_args(found)


def contracts() -> dict[str, type[BaseModel]]:
    """File name -> model, for everything that has a schema."""
    found = {f"report.{channel.value}.schema.json": cloud_event(channel) for channel in Channel}
    for kind, union in (("command", Command), ("event", Event)):
        found |= {f"{kind}.{model.__name__}.schema.json": model for model in members(union)}
    return found | {f"document.{model.__name__}.schema.json": model for model in DOCUMENTS}


def rendered() -> dict[str, str]:
    """File name -> text: sorted keys, two spaces, a newline at the end, so that a change of contract is a readable diff."""
    texts = {}
    for name, model in contracts().items():
        schema = {"$schema": DIALECT, "$id": f"urn:wentichi:{name}"} | model.model_json_schema()
        texts[name] = json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return texts


def topics() -> str:
    """The text of the AsyncAPI document."""
    return asyncapi.text(
        asyncapi.document({channel: cloud_event(channel) for channel in Channel}, members(Command), members(Event))
    )


def topics_stale(file: Path = asyncapi.FILE) -> bool:
    """Whether the AsyncAPI document is missing or differs."""
    return not file.exists() or file.read_text(encoding="utf-8") != topics()


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of JSON Schemas that are missing, differ, or have no contract any more."""
    wanted = rendered()
    held = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in wanted.keys() | held.keys() if wanted.get(name) != held.get(name))


def write(folder: Path = FOLDER) -> int:
    """Write what is stale, take away what has no contract; how many files that were."""
    folder.mkdir(exist_ok=True)
    wanted, names = rendered(), stale(folder)
    for name in names:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return len(names)


def main() -> int:
    """Exit status 1 when `--check` finds stale files."""
    parser = argparse.ArgumentParser(prog="python -m schemas.generate", description="生成 JSON Schema 和 AsyncAPI 文档")
    parser.add_argument("--check", action="store_true", help="只检查是否过期,不写文件")
    if not parser.parse_args().check:
        written = write()
        if topics_stale():
            asyncapi.FILE.write_text(topics(), encoding="utf-8")
            written += 1
        sys.stdout.write(f"写了 {written} 个文件,共 {len(contracts()) + 1} 个\n")
        return 0
    names = stale() + ([asyncapi.FILE.name] if topics_stale() else [])
    if names:
        sys.stderr.write(f"生成的文件已过期:{'、'.join(names)};请运行 python -m schemas.generate 并提交\n")
    return int(bool(names))


if __name__ == "__main__":
    sys.exit(main())
