"""An evaluation as one page that can be opened anywhere, printed and filed: no script, nothing loaded from outside.

Labels come from a city's own files: every text is escaped, and the page forbids scripts and outside sources to the browser.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from classifiers.learning.baselines import Baseline
from classifiers.learning.compare import Bounds
from classifiers.learning.evaluate import Evaluation, Kept, PromiseCheck
from classifiers.learning.measure import ClassFigures, Confusion
from classifiers.learning.report_plots import BARS, SQUARE, class_bars, confusion_square, coverage_plot, reliability_plot
from classifiers.learning.rows import Task
from classifiers.learning.split import Split

OPEN: Final = 50
"""Labels that are seen at once; the others are folded."""
PAIRS: Final = 20
"""The same for pairs of labels that are confused."""
MOST: Final = 500
"""Pairs of confusions that are listed at all; the rest are single rows."""

_LABEL: Final = {Task.CATEGORY: "类别", Task.DEPARTMENT: "承办单位"}
_BASELINE: Final = {Baseline.MAJORITY: "一律判为最多的一个", Baseline.KEYWORDS: "关键词表"}
KEPT: Final = {
    Kept.PROVED: "已证实:承诺守住了",
    Kept.OPEN: "这些行既不能证实,也不能否定",
    Kept.BROKEN: "没有守住承诺,不应让它独自决定",
    Kept.NOTHING: "没有一行够得上承诺,全部交人判断",
}

_STYLE: Final = """
:root { color-scheme: light }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 40px 32px 64px; max-width: 1080px; background: #fff; color: #2a3440;
  font: 15px/1.65 "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei", sans-serif }
h1 { margin: 0; font-size: 27px; line-height: 1.3; letter-spacing: .02em }
h2 { margin: 44px 0 6px; padding-top: 14px; border-top: 2px solid #2a3440; font-size: 18px }
p { margin: 6px 0 12px; max-width: 68em }
.lead { margin: 12px 0 0; font-size: 17px }
.quiet, figcaption, summary { color: #6b7785; font-size: 13.5px }
.row { display: flex; flex-wrap: wrap; margin: 28px 0 8px; border-top: 1px solid #cfd6de; border-bottom: 1px solid #cfd6de }
.figure { flex: 1 1 190px; padding: 14px 18px 16px; border-left: 1px solid #e3e7ec }
.figure:first-child { border-left: 0; padding-left: 0 }
.figure b { display: block; font-size: 38px; line-height: 1.25; font-weight: 600; color: #1f5a99 }
.figure span { display: block; font-size: 13px; color: #6b7785 }
.figure span.name { color: #2a3440; font-size: 14px }
.verdict { margin: 18px 0 0; padding: 10px 16px; border-left: 5px solid #6b7785; background: #f4f6f8 }
.proved { border-color: #2c7a4b } .broken { border-color: #b03a2e } .open { border-color: #c58a1a }
.plots { display: flex; flex-wrap: wrap; gap: 24px 32px }
figure { margin: 14px 0 0; break-inside: avoid } figcaption { max-width: 490px; margin-top: 4px }
svg { max-width: 100%; height: auto; font-family: inherit }
table { border-collapse: collapse; width: 100%; margin: 10px 0 4px; font-size: 14px; font-variant-numeric: tabular-nums }
th { position: sticky; top: 0; background: #fff; border-bottom: 1.5px solid #2a3440; text-align: left; font-weight: 600 }
th, td { padding: 4px 12px 4px 0; vertical-align: top } td { border-bottom: 1px solid #e3e7ec; overflow-wrap: anywhere }
.n { text-align: right; white-space: nowrap } tr { break-inside: avoid }
td i { display: inline-block; height: 9px; background: #b9cde3; vertical-align: baseline }
summary { cursor: pointer; margin: 8px 0 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 18px; margin: 8px 0 }
dt { color: #6b7785 } dd { margin: 0; overflow-wrap: anywhere }
@media print { body { padding: 0; max-width: none; font-size: 12px } .figure b { font-size: 28px } th { position: static } }
"""


def html_report(evaluation: Evaluation, source: str) -> str:
    """source: the file the rows came from, for people."""
    name = _LABEL[evaluation.task]
    body = [
        f"<h1>{name}模型检验报告</h1>",
        f'<p class="lead">{_lead(evaluation)}</p>',
        _figures(evaluation),
        _verdict(evaluation.promise),
        _tested(evaluation, source),
        "<h2>能放手多少,放手的有多准</h2>",
        '<div class="plots">',
        _figure(
            coverage_plot(evaluation.figures.curve, evaluation.promise, evaluation.trial.tested),
            "从最有把握的来件起,依次放手给模型:放手得越多,其中判对的比例越低。竖线是所接受部分准确率的 90% 区间。",
        ),
        _figure(
            reliability_plot(evaluation.reliability),
            "置信度说八成,就该十件对八件:点落在虚线上最好,在虚线下是过于自信。竖线为 90% 区间;"
            "底部的条是该置信度下的行数,不足 10 行的点画成空心。",
        ),
        "</div>",
        _baselines(evaluation),
        _classes(evaluation.figures.classes, name),
        _confusions(evaluation.figures.confusions, name),
        _unknown(evaluation, name),
        _method(),
    ]
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name}模型检验报告</title><style>{_STYLE}</style></head>\n<body>\n" + "\n".join(body) + "\n</body></html>\n"
    )


def _lead(evaluation: Evaluation) -> str:
    figures, check = evaluation.figures, evaluation.promise
    best = max(one.accuracy for one in evaluation.baselines.values())
    gap = 100 * (figures.accuracy - best)
    than = f"比最好的基线{'高' if gap >= 0 else '低'} {abs(gap):.1f} 个百分点"
    said = f"在 {figures.rows:,} 行没有见过的来件上,判断正确 {_percent(figures.accuracy)},{than}。"
    if check.accuracy is None:
        return escape(said + f"按 {_percent(check.promise, 2)} 的承诺,没有一行可以不经人工。")
    share = _percent(check.accepted / figures.rows)
    return escape(said + f"按 {_percent(check.promise, 2)} 的承诺,{share} 可以不经人工,其中正确 {_percent(check.accuracy)}。")


def _figures(evaluation: Evaluation) -> str:
    figures, check = evaluation.figures, evaluation.promise
    own = "—" if check.accuracy is None else _percent(check.accuracy)
    bound = "没有接受的行" if check.lower is None else f"至少 {_percent(check.lower)}(95% 下限)"
    tiles = [
        _tile("准确率", _percent(figures.accuracy), _range(evaluation.bounds["accuracy"]), *_beside(evaluation, "accuracy")),
        _tile("宏平均 F1", _percent(figures.macro_f1), _range(evaluation.bounds["macro_f1"]), *_beside(evaluation, "macro_f1")),
        _tile("前三个里有正确的", _percent(figures.top3), "", *_beside(evaluation, "top3")),
        _tile("校准误差 ECE", f"{100 * figures.ece:.1f}", "百分点;越小,置信度越可信"),
        _tile(f"可不经人工(承诺 {_percent(check.promise, 2)})", _percent(figures.accepted), f"其中正确 {own}", bound),
    ]
    if evaluation.first_level is not None:
        tiles.insert(2, _tile("一级类别准确率", _percent(evaluation.first_level), "只看第一级"))
    return f'<div class="row">{"".join(tiles)}</div>'


def _tile(name: str, value: str, *notes: str) -> str:
    said = "".join(f"<span>{escape(note)}</span>" for note in notes if note)
    return f'<div class="figure"><span class="name">{escape(name)}</span><b>{escape(value)}</b>{said}</div>'


def _beside(evaluation: Evaluation, figure: str) -> list[str]:
    short = {Baseline.MAJORITY: "最多的一个", Baseline.KEYWORDS: "关键词"}
    return [f"{short[kind]} {_percent(getattr(found, figure))}" for kind, found in evaluation.baselines.items()]


def _verdict(check: PromiseCheck) -> str:
    said = KEPT[check.kept]
    if check.accuracy is not None and check.lower is not None and check.upper is not None:
        said += f"。接受 {check.accepted:,} 行,正确 {check.right:,} 行({_percent(check.accuracy, 2)})"
        said += f";以 95% 的把握,实际不低于 {_percent(check.lower, 2)},也以 95% 的把握,不高于 {_percent(check.upper, 2)}"
    if check.missing and check.kept is Kept.OPEN:
        said += f"。即使全对,也还要 {check.missing:,} 行互不相同的来件才能证实"
    return f'<p class="verdict {check.kept}">承诺 {_percent(check.promise, 2)}:{escape(said)}。</p>'


def _tested(evaluation: Evaluation, source: str) -> str:
    tested, model = evaluation.trial, evaluation.model
    made = str(model["created"])[:16].replace("T", " ")
    how = {
        Split.GROUPED: f"随机留出约五分之一(种子 {tested.seed}),近似副本只在一边;模型用其余 {tested.trained:,} 行新训练",
        Split.TIME: f"留出最新的约五分之一({tested.since} 起);模型用更早的 {tested.trained:,} 行新训练",
        Split.UNSEEN: "只用模型训练时没有见过的行(近似副本也不用)",
    }[tested.how]
    pairs = [
        ("数据", f"{source},{tested.rows:,} 行,指纹 {tested.data}"),
        ("怎样留出", how),
        ("检验", f"{tested.tested:,} 行,互不相似的 {tested.groups:,} 组;因与训练的行相同或近似而不用的 {tested.set_aside:,} 行"),
        ("模型", f"{model['kind']},{made}(UTC)训练,{model['rows']:,} 行,{model['labels']:,} 个标签,指纹 {model['data']}"),
    ]
    items = "".join(f"<dt>{escape(term)}</dt><dd>{escape(what)}</dd>" for term, what in pairs)
    return f"<h2>用什么检验了什么</h2><dl>{items}</dl>"


def _baselines(evaluation: Evaluation) -> str:
    named = [("本模型", evaluation.figures), *((_BASELINE[kind], one) for kind, one in evaluation.baselines.items())]
    rows = [
        f'<td>{escape(name)}</td><td class="n">{_percent(one.accuracy)}</td><td class="n">{_percent(one.macro_f1)}</td>'
        f'<td class="n">{_percent(one.top3)}</td>'
        for name, one in named
    ]
    head = '<th></th><th class="n">准确率</th><th class="n">宏平均 F1</th><th class="n">前三个里有正确的</th>'
    return "<h2>与基线相比</h2>" + _table(head, rows, "")


def _classes(classes: Sequence[ClassFigures], name: str) -> str:
    worst = sorted(classes, key=lambda one: (one.support == 0, one.f1, -one.support, one.label))
    frequent = {one.label for one in sorted(worst, key=lambda one: -one.support)[:BARS]}
    drawn = [one for one in worst if one.label in frequent]
    which = f"{name}共 {len(drawn)} 个" if len(drawn) == len(worst) else f"{len(worst):,} 个{name}中来件最多的 {len(drawn)} 个"
    rows = [
        f'<td>{escape(one.label)}</td><td class="n">{one.support:,}</td><td class="n">{_percent(one.precision)}</td>'
        f'<td class="n">{_percent(one.recall)}</td><td class="n">{_percent(one.f1)}</td>'
        f'<td style="width:110px"><i style="width:{max(1, round(100 * one.f1))}px"></i></td>'
        for one in worst
    ]
    head = (
        f'<th>{name}</th><th class="n">行数</th><th class="n">精确率</th><th class="n">召回率</th><th class="n">F1</th><th></th>'
    )
    figure = _figure(class_bars(drawn), f"{which},F1 低的在前。右侧为检验数据里的行数:行数很少的,指标起伏很大。")
    return f"<h2>各{name},最差的在前</h2>{figure}" + _table(head, rows, f"个{name}")


def _confusions(confusions: Sequence[Confusion], name: str) -> str:
    if not confusions:
        return f"<h2>最常混淆的{name}</h2><p>没有判错的行。</p>"
    rows = [
        f'<td>{escape(one.truth)}</td><td>{escape(one.answer)}</td><td class="n">{one.count:,}</td>' for one in confusions[:MOST]
    ]
    left = f'<p class="quiet">另有 {len(confusions) - MOST:,} 对更少的没有列出。</p>' if len(confusions) > MOST else ""
    figure = _figure(confusion_square(confusions), f"涉及判错最多的至多 {SQUARE} 个{name};格中为行数,对角线(判对)不计。")
    head = '<th>应为</th><th>判为</th><th class="n">行数</th>'
    return f"<h2>最常混淆的{name}</h2>{figure}" + _table(head, rows, "对", PAIRS) + left


def _unknown(evaluation: Evaluation, name: str) -> str:
    if not evaluation.unknown:
        return ""
    rows = [
        f'<td>{escape(label)}</td><td class="n">{count:,}</td>'
        for label, count in sorted(evaluation.unknown.items(), key=lambda one: (-one[1], one[0]))
    ]
    said = f"检验数据里有 {len(rows):,} 个{name}模型没有学过,共 {sum(evaluation.unknown.values()):,} 行,都计为判错。"
    return f"<h2>模型没有学过的{name}</h2><p>{said}</p>" + _table(f'<th>{name}</th><th class="n">行数</th>', rows, f"个{name}")


def _method() -> str:
    return (
        "<h2>读法</h2>"
        "<p>区间的上下限各以 95% 的把握成立(单侧):准确率的是 Clopper-Pearson,宏平均 F1 的由 2,000 次自助抽样得出,近似副本都"
        "合起来算。宏平均 F1 让每个标签同样重,少见的判不好就低。模型只答到上级时,按它所列最可能的末级计,不算独自决定。</p>"
        "<p>基线学的是同样的数据:一是一律判为最多的一个,二是每个标签至多 30 个关键词。不经人工的阈值取自模型训练时的留出数据,"
        "本次检验没有改动它。</p>"
    )


def _table(head: str, rows: Sequence[str], counted: str, seen: int = OPEN) -> str:
    """The first rows, the others folded."""
    shown = _rows(head, rows[:seen])
    if len(rows) <= seen:
        return shown
    return f"{shown}<details><summary>其余 {len(rows) - seen:,} {counted}</summary>{_rows(head, rows[seen:])}</details>"


def _rows(head: str, rows: Iterable[str]) -> str:
    inside = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{inside}</tbody></table>"


def _figure(drawing: str, caption: str) -> str:
    return f"<figure>{drawing}<figcaption>{escape(caption)}</figcaption></figure>"


def _range(bounds: Bounds) -> str:
    return f"{100 * bounds.lower:.1f} – {_percent(bounds.upper)}"


def _percent(value: float, most: int = 1) -> str:
    """One decimal; up to `most` where a promise or its bound is told."""
    return f"{100 * value:.{most}f}%" if most == 1 else f"{round(100 * value, most):g}%"
