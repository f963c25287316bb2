"""What replies are made of: words of courtesy, passing on, promising, finding and reasoning. Knows no city and no unit.

A line per kind, `kind: word|word`. Written from knowledge of the field. A word stands for itself: no patterns.
"""

import hashlib
from enum import StrEnum
from functools import cache
from typing import Final

from classifiers.matters import entries
from classifiers.scan import TermScanner
from language.normalise import fold


class Mark(StrEnum):
    """What a word of a reply does."""

    COURTESY = "courtesy"
    PASSED_ON = "passed_on"
    PROMISE = "promise"
    REFERRAL = "referral"
    FINDING = "finding"
    CASE = "case"
    """Speaks of this place or firm, without having looked."""
    MEASURE = "measure"
    BASIS = "basis"
    CAUSE = "cause"
    REFUSAL = "refusal"


PHRASES: Final = """
courtesy: 您好|你好|尊敬的|亲爱的|网友|网民|楼主|来信人|来电人|诉求人|市民朋友|广大市民|感谢|谢谢|多谢|致谢|祝您|祝你|祝愿|
    生活愉快|身体健康|万事如意|工作顺利|事事顺心|阖家幸福|敬请谅解|敬请理解|望谅解|请谅解|给您带来不便|带来的不便|深表歉意|
    特此回复|特此答复|特此函复|特此说明|专此回复|专此答复|此复|此致|敬礼|理解与支持|理解和支持|支持与理解|关心和支持|
    关心与支持|关注与支持|关注和支持|支持与关心|支持与监督|监督和支持|监督与支持|一如既往|宝贵意见|宝贵建议|多提|收悉|已收到|
    已阅|阅悉|已知悉|已受理|已登记|已签收|来信收到|留言收到|获悉|现回复如下|现答复如下|回复如下|答复如下|情况如下|汇报如下|
    说明如下|函复如下|回复意见|高度重视|非常重视|十分重视|欢迎致电|欢迎来电|欢迎您|如有疑问|如有其他疑问|如还有|如您还有|
    如有不明|如果您对|如您对|如对|以上是我|以上为我|您反映的问题|你反映的问题|您提出的问题|您所反映|你所反映|您的来信|
    您的留言|您的帖文|您的诉求|您的建议|您的意见|你的留言|你的来信|来帖|网帖|帖文|答复单位|回复单位|办理单位|您咨询的问题|
    你咨询的问题
passed_on: 已转|转至|转交|转给|转送|转由|转办|转到|转请|转发给|转达|移交|移送至|交办|批转|交由|已交|交相关|交有关|交给相关|
    已报告|已上报|已反馈给|已反馈至|反馈给相关|反馈至相关|反馈到相关|已派单|派发至|已流转|流转至|已分派|已责成相关|已责成有关|
    已要求相关|已要求有关|已通知相关|已通知有关|已督促相关|已督促有关|已安排相关|已联系相关|已联系有关|已协调相关|责成相关|
    责成有关|已向上级反映|已向领导汇报|转有关|转相关|汇报给|向有关部门反馈|向相关部门反馈|反馈给有关|反馈至有关
promise: 将及时反馈|及时反馈|及时回复|及时答复|将尽快|会尽快|尽快处理|尽快回复|尽快答复|尽快核实|尽快解决|尽快办理|尽快落实|
    尽快给您|尽早|正在处理|正在核实|正在调查|正在办理|正在核查|正在研究|正在协调|正在了解|正在积极|处理中|办理中|核实中|
    调查中|耐心等待|敬请关注|敬请留意|请关注|请留意|请您关注|请您耐心|后续回复|第一时间|会处理|将处理|将核实|将调查|
    将进行核实|将进行调查|进一步研究|认真研究|研究处理|予以考虑|会考虑|将考虑|认真考虑|充分考虑|虚心采纳|积极采纳|认真采纳|
    予以采纳|作为参考|参考您|纳入考虑|适时考虑|会研究|将研究|继续关注|会关注|持续关注|密切关注|加强监管|加大监管|加强管理|
    加大力度|调查核处|调查处理|核实处理|核查处理|核实办理|认真办理|积极办理|研究解决|妥善处理|将会同|予以回复|予以答复|
    予以反馈|再回复|再答复|再向您回复|会及时|反馈给您|反馈与您|答复给您|会安排|将安排|请勿重复
referral: 请咨询|请向|请您向|请到|请您到|请直接|请您直接|请与|请您与|请致电|请拨打|可致电|可拨打|可咨询|可向|可电话|欢迎拨打|
    建议您向|建议您到|建议您直接|建议咨询|建议您咨询|建议向|详询|咨询电话|联系电话|服务电话|服务热线|办公电话|电话咨询|
    直接联系|直接与|回复链接|相关链接|链接|详见|请查看|请查阅|请登录|请登陆|公众号|请提供|请补充|请您提供|请完善|请进一步|
    请留下|联系方式|建议您拨打|建议拨打|建议直接|请详细咨询|请您详细|请具体咨询|请联系|已作出回复|已作出答复|已作回复|
    已经回复|已经答复|已回复|已答复|进行过回复|进行过答复
finding: 经核实|经核查|经调查|经查|经了解|经走访|经现场|经实地|经勘查|经勘察|经检查|经检测|经监测|经询问|经沟通|经协调|经与|
    经联系|经研究|经排查|经咨询|经向|经初步|据查|据了解|据核实|查明|核实情况|调查情况|核查情况|调查结果|核实结果|处理结果|
    现场核实|现场核查|现场检查|现场查看|现场调查|现场勘|实地查看|实地调查|实地勘|实地走访|到达现场|赶赴现场|赴现场|前往现场|
    到现场|情况属实|不属实|基本属实|部分属实|未发现|发现该|发现其|检查发现|调查发现|检测结果|监测结果|检测合格|均合格|不合格|
    确实存在
case: 为您|目前该|该项目|该小区|该路段|该公司|该店|该企业|该单位|该处|该路|该区域|该地块|位于|属于|不属于|隶属|由我|由市|由区|
    由县|由街道|由社区|由物业|由开发|由施工|不存在|确有
measure: 已完成|已整改|已拆除|已清理|已清除|已修复|已维修|已更换|已安装|已恢复|已解决|已处理完|处理完毕|已办结|已落实|已发放|
    已退还|已支付|已协商|已达成|达成一致|已开工|已动工|已通车|已开通|已启动|已列入|已纳入|纳入计划|列入计划|已立案|立案调查|
    行政处罚|依法查处|予以处罚|处以|罚款|责令|整改通知|停止施工|停工|停业|取缔|暂扣|查封|约谈|批评教育|严肃批评|问责|处分|
    通报|赔礼道歉|表示歉意|承诺|已要求|已督促|已责成|已责令|要求该|要求其|督促该|督促其|责成该|责成其|召开|组织人员|组织执法|
    安排人员|派人|派出|派员|工作人员到|执法人员|采取|措施|增设|加装|改造|维修|施工|招标|设计|规划为|规划|预计|计划于|计划在|
    拟于|拟在|将于|年底|月底|月初|年初|上半年|下半年|季度|分批|逐步|已与|已向|已对|已将该|已在|已经在|已经对|电话联系|
    电话沟通|与您联系|与您沟通|取得联系|上门|见面|当面|修好|修复|换好|更换|接通|清运|疏通|抽运|通水|通电|恢复供水|恢复供电|
    恢复正常|清理干净|补发|退款到账
basis: 根据|依据|按照|依照|参照|遵照|条例|办法|规定|法律|法规|规章|文件精神|通知要求|文件要求|政策|标准|细则|规范|方案|
    意见的通知|司法解释|民法|劳动法|合同法|物权法|规划法|管理法|保护法|处罚法|合同约定|第一条|规程|公告|国务院|省政府|市政府|
    县政府|省人民政府|市人民政府|人社发|发改|号文|号令|须凭|需携带|需提供|需要提供|应当|必须|符合条件|条件的|所需材料|流程|
    程序|步骤|申请|办理时|身份证|户口簿|凭证
cause: 因为|因您|因你|因该|因其|因无|因没|因未|因暂|因我|因属|因涉|因受|因在|因不|因施工|系统原因|由于|因此|所以|鉴于|原因|
    导致|致使|造成|为了|为确保|为保障|为加强|为进一步|考虑到|受限于|受制于|之所以|主要是|是因|故不|故未|故暂|从而|由此|使得|
    以便|避免|难以|资金不足|资金紧张|经费|权属|产权|历史遗留|涉及面|条件限制|客观|只有|才能|否则|但因|系因|系由
refusal: 不予|不能|无法|不符合|不具备|不可以|不允许|不支持|不同意|不纳入|不受理|不属于我|暂不|暂无|暂时无法|暂未|尚未|
    没有计划|无计划|没有相关|无相关|未列入|未纳入|不在我|无权|无此|没有此|难以实现|不宜|不得
"""
"""Words of a case (`finding` to `cause`) make a clause one of substance, unless the clause passes the matter on."""

SUBSTANCE: Final = frozenset({Mark.FINDING, Mark.CASE, Mark.MEASURE, Mark.BASIS, Mark.CAUSE, Mark.REFUSAL})
BOILERPLATE: Final = frozenset({Mark.COURTESY, Mark.PASSED_ON, Mark.PROMISE, Mark.REFERRAL})

OF_THE_FIELD: Final = """
我们我局我委我办我县我市我区我镇我街道我社区我公司单位部门相关有关进行工作人员问题情况处理办理核实调查核查落实解决回复答复政
府领导书记市长县长局长主任希望请求投诉举报咨询建议反映求助呼吁要求恳请请问能否是否可以没有需要如果已经目前现在关于对于以及或
者以上以下如下因为所以根据规定按照政策市民群众居民业主老百姓百姓大家小区街道社区公司物业管理建设工程项目城市平台留言来信信箱
热线年月日时间今年去年什么怎么为什么这样一个一些一直不能不会不是还是就是都是但是而且并且非常严重影响生活安全方便尽快及时认真
积极进一步加强联系电话身份证办公室人民服务中心
"""
"""Letters whose pairs stand in requests and replies of any matter, so that sharing them says nothing."""


@cache
def scanner() -> TermScanner:
    return TermScanner(marks_of_words())


@cache
def marks_of_words() -> dict[str, Mark]:
    return read_phrases(PHRASES)


def read_phrases(text: str) -> dict[str, Mark]:
    """Word -> its mark. Raises ValueError for an unknown kind, a word under two kinds, or one of a single character."""
    found: dict[str, Mark] = {}
    for name, body in entries(text):
        for word in filter(None, (fold(part) for part in body.split("|"))):
            if len(word) < 2 or found.setdefault(word, Mark(name)) is not Mark(name):
                raise ValueError(f"a word of one character, or under two kinds: {word}")
    return found


@cache
def pairs_of_the_field() -> frozenset[str]:
    """Pairs of neighbouring letters that say nothing of a case: of `OF_THE_FIELD` and of the boilerplate."""
    texts = ["".join(OF_THE_FIELD.split())]
    texts += [word for word, mark in marks_of_words().items() if mark in BOILERPLATE]
    return frozenset(text[at : at + 2] for text in texts for at in range(len(text) - 1))


@cache
def fingerprint() -> str:
    """8 hex digits that change with any word above: a model that counts these words is bound to them."""
    return hashlib.blake2b(PHRASES.encode(), digest_size=4).hexdigest()
