"""The Chinese word on the screen for every closed word in the code. Tests check that none is missing."""

from schemas.words import (
    AssignmentState,
    Basis,
    Channel,
    Clock,
    DeadLetterKind,
    EvidenceKind,
    Mode,
    Part,
    ProblemState,
    RequestType,
    Role,
    Stage,
    TrackState,
    Urgency,
    WatchState,
)

CHANNEL = {Channel.HOTLINE: "热线", Channel.MESSAGE: "留言", Channel.GRID: "网格", Channel.CAMERA: "摄像头"}

MODE = {Mode.LIVE: "在办", Mode.HISTORY: "历史"}

STATE = {
    ProblemState.WAITING: "待人工",
    ProblemState.DISPATCHED: "已派单",
    ProblemState.IN_PROGRESS: "办理中",
    ProblemState.REPLIED: "已答复",
    ProblemState.CLOSED: "已办结",
    ProblemState.MERGED: "已并单",
    ProblemState.ARCHIVED: "历史存档",
}
STATE_STYLE = {
    ProblemState.WAITING: "yellow",
    ProblemState.DISPATCHED: "cyan",
    ProblemState.IN_PROGRESS: "blue",
    ProblemState.REPLIED: "magenta",
    ProblemState.CLOSED: "green",
    ProblemState.MERGED: "dim",
    ProblemState.ARCHIVED: "dim",
}

URGENCY = {Urgency.NORMAL: "一般", Urgency.URGENT: "紧急", Urgency.CRITICAL: "特急"}

ROLE = {
    Role.INTAKE: "受理",
    Role.CLERK: "坐席",
    Role.UNIT: "承办单位",
    Role.SUPERVISOR: "督办",
    Role.SYSTEM: "系统",
}

PART = {Part.LEAD: "主办", Part.COOPERATOR: "协办"}

ASSIGNMENT = {
    AssignmentState.DISPATCHED: "待签收",
    AssignmentState.SIGNED: "已签收",
    AssignmentState.REPLIED: "已答复",
    AssignmentState.CLOSED: "已办结",
    AssignmentState.WITHDRAWN: "已撤回",
    AssignmentState.MERGED: "已随并单结束",
}

CLOCK = {Clock.SIGN: "签收", Clock.HANDLE: "办理", Clock.RESEND: "等回音", Clock.PARK: "等问题出现", Clock.CLEAR: "解除"}

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
