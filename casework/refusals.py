"""The sentence that a person reads when casework refuses; one for each code, tested to be complete."""

from schemas.words import Refusal

SENTENCES: dict[Refusal, str] = {
    Refusal.NOT_FOUND: "没有这个问题,请核对编号",
    Refusal.FORBIDDEN_ROLE: "您的身份不能做这一步,请由有权限的人办理",
    Refusal.FORBIDDEN_STATE: "问题当前的状态不能做这一步,请先用 show 查看状态",
    Refusal.NOT_YOUR_ASSIGNMENT: "这个问题没有派给本单位,或本单位的派单已经结束",
    Refusal.UNKNOWN_UNIT: "城市配置包里没有这个单位或已撤销,请用配置包里的单位编码",
    Refusal.UNKNOWN_CATEGORY: "城市配置包里没有这个类别,请用配置包里的类别编码",
    Refusal.UNKNOWN_DUTY_ITEM: "权责清单里没有这个事项,请用配置包里的事项编码",
    Refusal.GRASSROOTS_LEAD: "应由职能部门办理的事项不得派给镇街、社区主办(国办函〔2025〕66号),请改派职能部门",
    Refusal.SAME_PROBLEM: "不能把问题并入它自己",
    Refusal.NOT_A_MEMBER: "要拆出的来件不在这个问题里,请用 show 查看它的来件",
    Refusal.LAST_MEMBER: "不能把来件全部拆走,至少留下一件",
    Refusal.NOT_MERGED: "这个问题没有并入别的问题,不能撤销并单",
    Refusal.NOT_SPLIT: "这个问题不是拆出来的,不能撤销拆单",
    Refusal.TARGET_CLOSED: "目标问题已办结,不能再并入;请改并到在办的问题",
    Refusal.TARGET_BUSY: "目标问题正在并入别的问题,请稍后再试",
    Refusal.OTHER_MODE: "历史来件与在办问题不能相并",
    Refusal.TIMER_VOID: "这个时限已经变更或解除",
    Refusal.ERASED: "这个来件的内容已经删除,不再收存",
    Refusal.SUPERSEDED: "已有更新的修订,较旧的内容不再采用",
    Refusal.NOT_UNCONFIRMED: "这个摄像头没有这一条待确认的告警,请用 wentichi cameras 查看",
    Refusal.REPLY_EMPTY: "答复内容不能为空",
}
