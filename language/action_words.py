"""Frequent verbs, adverbs, pronouns, prepositions and conjunctions of two characters.

They end the look to the left for the beginning of a name. Read from the dictionary of the installed jieba: word classes
v, vd, d, ad, p, c, r and u with a frequency of 400 or more, vn of 1,000 or more, without those common in names of places.
"""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_OF_TWO = re.compile(r"^(\w\w) (\d+) (vn|vd|v|d|ad|p|c|r|u)$", re.MULTILINE)


def word_set(text: str) -> frozenset[str]:
    """The words of a text that is separated by white space."""
    return frozenset(text.split())


_IN_NAMES: Final = word_set(
    "一举 一再 一切 一同 一向 一定 一小 一幅 一律 一心 一新 一旦 一早 一时 一期 一来 一样 一概 一直 一经 一致 一边 一连 一齐 "
    "为民 二则 互助 休闲 体育 保定 保障 健身 冶炼 出版 创意 创新 制造 前进 劳动 十足 印刷 发展 合作 合成 培育 培训 大同 大成 "
    "奋斗 娱乐 学习 实验 射击 就业 居住 展览 工作 建设 开创 开发 开拓 开放 振兴 改革 教育 旅游 服务 永久 永远 生活 研究 管理 "
    "经营 联合 胜利 解放 训练 设计 试验 贸易 运动 进步 造纸 铸造 革命 飞跃 高速 "
)


def _frequent_words() -> frozenset[str]:
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise ImportError("jieba is not installed")
    dictionary = (Path(spec.origin).parent / "dict.txt").read_text("utf-8")
    return frozenset(
        word for word, frequency, kind in _OF_TWO.findall(dictionary) if int(frequency) >= (1000 if kind == "vn" else 400)
    )


ACTION_WORDS: Final = _frequent_words() - _IN_NAMES
