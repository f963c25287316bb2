"""The Chinese word on the screen for every closed word in the code. Tests check that none is missing."""

from city import handling as terms
from schemas.replies import ReplyFault
from schemas.words import (
    AssignmentState,
    Basis,
    Channel,
    Clock,
    DeadLetterKind,
    DeclineReason,
    Ending,
    EvidenceKind,
    ExclusionReason,
    HandOverTo,
    HopEnd,
    Mode,
    Part,
    PauseReason,
    ProblemState,
    RecheckOutcome,
    RequestType,
    ReturnReason,
    Role,
    Stage,
    SupervisionReason,
    TrackState,
    Urgency,
    Verdict,
    WatchState,
    Way,
    Wish,
)

CHANNEL = {Channel.HOTLINE: "热线", Channel.MESSAGE: "留言", Channel.GRID: "网格", Channel.CAMERA: "摄像头"}

MODE = {Mode.LIVE: "在办", Mode.HISTORY: "历史"}

STATE = {
    ProblemState.WAITING: "待人工",
    ProblemState.ON_LADDER: "网格处置",
    ProblemState.DISPATCHED: "已派单",
    ProblemState.IN_PROGRESS: "办理中",
    ProblemState.RETURN_ASKED: "退单待审",
    ProblemState.CONFERENCE: "会商中",
    ProblemState.AWAITING_CALLER: "待补充",
    ProblemState.SUSPENDED: "挂账",
    ProblemState.REPLIED: "已答复",
    ProblemState.CHECKED: "答复已审",
    ProblemState.CLOSED: "已办结",
    ProblemState.MERGED: "已并单",
    ProblemState.ARCHIVED: "已归档",
}
STATE_STYLE = {
    ProblemState.WAITING: "yellow",
    ProblemState.ON_LADDER: "cyan",
    ProblemState.DISPATCHED: "cyan",
    ProblemState.IN_PROGRESS: "blue",
    ProblemState.RETURN_ASKED: "yellow",
    ProblemState.CONFERENCE: "yellow",
    ProblemState.AWAITING_CALLER: "dim",
    ProblemState.SUSPENDED: "dim",
    ProblemState.REPLIED: "magenta",
    ProblemState.CHECKED: "magenta",
    ProblemState.CLOSED: "green",
    ProblemState.MERGED: "dim",
    ProblemState.ARCHIVED: "dim",
}

URGENCY = {Urgency.NORMAL: "一般", Urgency.URGENT: "紧急", Urgency.CRITICAL: "特急"}

ROLE = {
    Role.INTAKE: "受理",
    Role.CLERK: "坐席",
    Role.UNIT: "承办单位",
    Role.GRID: "网格",
    Role.REVIEWER: "复核",
    Role.SUPERVISOR: "督办",
    Role.CALLER: "来件人",
    Role.SYSTEM: "系统",
}

PART = {Part.LEAD: "主办", Part.COOPERATOR: "协办", Part.SUMMONED: "吹哨请来", Part.CHECKER: "回头看"}

ASSIGNMENT = {
    AssignmentState.DISPATCHED: "待签收",
    AssignmentState.SIGNED: "已签收",
    AssignmentState.CONTACTED: "已联系",
    AssignmentState.RETURN_ASKED: "申请退单",
    AssignmentState.REPLIED: "已答复",
    AssignmentState.CLOSED: "已办结",
    AssignmentState.RETURNED: "已退单",
    AssignmentState.WITHDRAWN: "已撤回",
    AssignmentState.MERGED: "已随并单结束",
}

CLOCK = {
    Clock.SIGN: "签收",
    Clock.HANDLE: "办理",
    Clock.RESEND: "等回音",
    Clock.PARK: "等问题出现",
    Clock.CLEAR: "解除",
    Clock.DISPATCH: "派单",
    Clock.CONTACT: "联系",
    Clock.COOPERATE: "协办",
    Clock.MARK: "下次亮牌或升级",
    Clock.REVIEW: "退单审核",
    Clock.CONFERENCE: "会商",
    Clock.SUPPLEMENT: "来件人补充",
    Clock.SUSPEND: "挂账",
    Clock.CHECK: "答复审核",
    Clock.CALLBACK: "回访",
    Clock.LADDER: "网格处置",
    Clock.WHISTLE_ANSWER: "吹哨响应",
    Clock.WHISTLE_ARRIVE: "吹哨到场",
    Clock.OBJECTION: "异议审核",
    Clock.SUPERVISE: "督办",
    Clock.RECHECK: "回头看",
    Clock.ARCHIVE: "归档",
    Clock.ADMISSION: "准入审核",
}

ENDING = {
    Ending.REPLIED: "答复后办结",
    Ending.ANSWERED: "直接答复",
    Ending.NOT_ACCEPTED: "不予受理",
    Ending.HANDED_OVER: "转有关专线、部门",
    Ending.WITHDRAWN: "来件人撤回",
}

VERDICT = {
    Verdict.REDISPATCHED: "同意退单,改派",
    Verdict.REFUSED: "不同意退单",
    Verdict.CONFERENCE: "会商",
    Verdict.FALLBACK: "兜底派单",
}

WISH = {Wish.EXTENSION: "延期", Wish.SUSPENSION: "挂账", Wish.EXCLUSION: "剔除"}

PAUSE = {PauseReason.CALLER: "等来件人补充", PauseReason.SUSPENDED: "挂账"}

WAY = {Way.PHONE: "电话", Way.MESSAGE: "短信", Way.LINK: "链接", Way.VISIT: "上门"}

HOP_END = {HopEnd.SOLVED: "就地解决", HopEnd.UP: "上报", HopEnd.EXPIRED: "超时上报"}

RECHECK = {RecheckOutcome.SOLVED: "真解决", RecheckOutcome.REBOUNDED: "反弹", RecheckOutcome.SHAM: "没有办"}

SUPERVISION = {
    SupervisionReason.OVERDUE: "严重超时",
    SupervisionReason.UNSATISFIED: "多次重办仍不满意",
    SupervisionReason.URGED: "多次催办",
    SupervisionReason.RETURNED: "多次退单",
    SupervisionReason.SHAM: "回头看发现反弹或没有办",
    SupervisionReason.PERSON: "由督办人员定",
}

REDO = {
    "sent_back": "答复审核没有通过",
    "unsatisfied": "来件人不满意或没有解决",
    "rebounded": "回头看发现反弹",
    "sham": "回头看发现没有办",
}
"""Why a lead does it again: `RedoAsked.why`."""

CARD = {"yellow": "黄牌", "red": "红牌"}

MARK = {1: "非常不满意", 2: "不满意", 3: "基本满意", 4: "满意", 5: "非常满意"}
"""The five levels of 好差评."""

REPLY_FAULT = {
    ReplyFault.OFF_TOPIC: "答非所问",
    ReplyFault.NO_ANSWER: "没有答复",
    ReplyFault.NO_REASON: "没有理由",
    ReplyFault.TEMPLATE: "套话",
    ReplyFault.NO_CONTACT: "没有联系来件人",
}

RETURN_REASON = {one: terms.ReturnReason(one.value).label for one in ReturnReason}
DECLINE_REASON = {one: terms.DeclineReason(one.value).label for one in DeclineReason}
HAND_OVER_TO = {one: terms.HandOverTo(one.value).label for one in HandOverTo}
EXCLUSION_REASON = {one: terms.ExclusionReason(one.value).label for one in ExclusionReason}
"""The words of the pack's files."""

WATCH = {
    WatchState.UNCONFIRMED: "待确认",
    WatchState.OPEN: "已立来件",
    WatchState.DWELLING: "观察中",
    WatchState.IDLE: "无告警",
}

TRACK = {
    TrackState.DWELLING: "观察中",
    TrackState.UNCONFIRMED: "待确认",
    TrackState.OPEN: "已立来件",
    TrackState.DISMISSED: "误报",
}

REQUEST = {
    RequestType.CONSULT: "咨询",
    RequestType.HELP: "求助",
    RequestType.COMPLAINT: "投诉",
    RequestType.DENOUNCE: "举报",
    RequestType.SUGGEST: "建议",
    RequestType.PRAISE: "表扬",
}

BASIS = {
    Basis.ONE_DUTY_ITEM: "权责清单上只有一项相符,自动派单(模型未校准,已标明)",
    Basis.PERSON: "由人决定",
    Basis.NO_CATEGORY: "看不出属于哪个类别",
    Basis.UNSURE_CATEGORY: "类别拿不准,几个类别都像",
    Basis.NO_DUTY_ITEM: "权责清单上没有对应的事项,须报牵头部门或由人定",
    Basis.SEVERAL_DUTY_ITEMS: "权责清单上有几项相符,须由人选定",
    Basis.NO_TERRITORY: "地点不够明确,定不了由哪个区县的单位办",
    Basis.GRASSROOTS_BLOCKED: "按清单会派给基层,但这是部门职责,已拦下(国办函〔2025〕66号)",
    Basis.HISTORY: "历史来件,只作检索和训练,不派单",
    Basis.PROMISED: "模型够得上承诺准确率,与权责清单相符,自动派单",
    Basis.UNITS_DISAGREE: "权责清单与历史派单的模型认定的单位不同,须由人选定",
    Basis.DRAWN_TO_CHECK: "抽中作质量检查点,由人核定",
    Basis.RECATEGORISED: "由人改定类别,按权责清单重新认定",
    Basis.RECALLED: "派单人收回,须重新派单",
    Basis.RETURNED: "退单后会商没有结果,须由人定",
    Basis.JOINT_DECISION: "由会商确定,不得再退",
    Basis.FALLBACK: "按兜底规则派单,不得再退",
    Basis.SUCCEEDED: "原承办单位撤销,没有可接手的单位,须由人派单",
    Basis.FROM_LADDER: "网格没有解决,按权责清单派给部门",
    Basis.OBJECTED: "基层的异议成立,须重新派单",
}
BASIS_SHORT = {
    Basis.ONE_DUTY_ITEM: "清单唯一",
    Basis.PERSON: "人工",
    Basis.NO_CATEGORY: "类别不明",
    Basis.UNSURE_CATEGORY: "类别拿不准",
    Basis.NO_DUTY_ITEM: "清单没有",
    Basis.SEVERAL_DUTY_ITEMS: "清单多项",
    Basis.NO_TERRITORY: "地点不明",
    Basis.GRASSROOTS_BLOCKED: "拦下基层",
    Basis.HISTORY: "历史",
    Basis.PROMISED: "模型承诺",
    Basis.UNITS_DISAGREE: "单位不一",
    Basis.DRAWN_TO_CHECK: "抽查",
    Basis.RECATEGORISED: "改类别",
    Basis.RECALLED: "收回",
    Basis.RETURNED: "退单无果",
    Basis.JOINT_DECISION: "会商",
    Basis.FALLBACK: "兜底",
    Basis.SUCCEEDED: "单位撤销",
    Basis.FROM_LADDER: "网格上报",
    Basis.OBJECTED: "异议成立",
}

EVIDENCE = {
    EvidenceKind.DUTY_ITEM: "权责事项",
    EvidenceKind.CATEGORY_NAME: "类别名称",
    EvidenceKind.CATEGORY_WORD: "类别常用词",
    EvidenceKind.DUTY_WORD: "事项用词",
    EvidenceKind.LIKENESS: "整句相像",
    EvidenceKind.DEVICE_CLASS: "摄像头告警类型",
    EvidenceKind.EVENT_TYPE: "网格事件类型",
    EvidenceKind.RISK_WORD: "高风险词",
    EvidenceKind.TYPE_WORD: "诉求类型用语",
    EvidenceKind.MODEL: "模型",
    EvidenceKind.GRID_CODE: "网格编码",
    EvidenceKind.COORDINATES: "坐标落在网格内",
    EvidenceKind.CAMERA: "点位台账中的摄像头",
    EvidenceKind.PLACE_NAME: "地名",
    EvidenceKind.TERRITORY: "属地",
}

DEAD_LETTER = {
    DeadLetterKind.UNREADABLE: "读不懂",
    DeadLetterKind.INVALID: "不合规则",
    DeadLetterKind.REFUSED_BY_STORE: "存储拒收",
    DeadLetterKind.UNKNOWN_PROBLEM: "问题不存在",
    DeadLetterKind.DEFECT: "程序缺陷",
}

STAGE = {Stage.INTAKE: "受理", Stage.PROGRESS: "进展", Stage.CASEWORK: "办理", Stage.PUBLISH: "发布"}
