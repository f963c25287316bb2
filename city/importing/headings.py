"""Which kinds of tables there are and by which headings each of their columns is known: the closed sets.

Patterns are matched against a whole heading without blanks and brackets (text.squashed). They are the language of office tables,
no city's own words.
"""

import re
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    AREAS = "areas"
    UNITS = "units"
    CATEGORIES = "categories"
    DUTY = "duty"
    GRIDS = "grids"
    PLACES = "places"
    CALENDAR = "calendar"
    LIMITS = "limits"
    CAMERAS = "cameras"
    POSTS = "posts"

    @property
    def label(self) -> str:
        return _KIND_LABELS[self]


_KIND_LABELS: Final = {
    Kind.AREAS: "行政区划",
    Kind.UNITS: "单位名录",
    Kind.CATEGORIES: "事项分类",
    Kind.DUTY: "权责清单",
    Kind.GRIDS: "网格",
    Kind.PLACES: "地名",
    Kind.CALENDAR: "日历",
    Kind.LIMITS: "办理时限",
    Kind.CAMERAS: "摄像机",
    Kind.POSTS: "网格岗位",
}


class Field(StrEnum):
    """What a column holds, by the Chinese name that a mapping file uses."""

    NOT_TAKEN = "不导入"
    PERSONAL = "个人信息"
    CODE = "编码"
    NAME = "名称"
    KIND = "类型"
    PARENT = "上级"
    ALIASES = "别名"
    WORDS = "关键词"
    LEVEL_1 = "一级"
    LEVEL_2 = "二级"
    LEVEL_3 = "三级"
    LEVEL_4 = "四级"
    LEVEL_5 = "五级"
    CODE_1 = "一级编码"
    CODE_2 = "二级编码"
    CODE_3 = "三级编码"
    CODE_4 = "四级编码"
    CODE_5 = "五级编码"
    AREA = "所属区域"
    LINE = "条线"
    ABOLISHED = "撤销日期"
    SUCCESSOR = "承接单位"
    CATEGORY = "对应分类"
    LEAD = "主办单位"
    COOPERATORS = "协办单位"
    TOWNSHIP = "乡镇街道职责"
    TOWNSHIP_LEADS = "乡镇街道主责"
    TOWNSHIP_HELPS = "乡镇街道配合"
    GRASSROOTS = "基层做什么"
    SUPPORT = "部门给什么支持"
    LIST = "清单类型"
    BASIS = "法律依据"
    LIMIT = "时限"
    CLOCK = "环节"
    URGENCY = "紧急程度"
    COMMUNITY = "村社区"
    STREET = "镇街"
    DISTRICT = "区县"
    COMMUNITY_CODE = "村社区编码"
    STREET_CODE = "镇街编码"
    DISTRICT_CODE = "区县编码"
    WORKER = "网格员所属单位"
    POLYGON = "边界"
    LON = "经度"
    LAT = "纬度"
    POINT = "经纬度"
    GRID = "网格编码"
    DAY = "日期"
    SPAN = "放假时间"
    WORKED = "调休上班"
    YEAR = "年份"
    UNIT = "所属单位"
    FACES = "监控场所"
    POST = "岗位"
    UPPER = "上级岗位"


LEVELS: Final = (Field.LEVEL_1, Field.LEVEL_2, Field.LEVEL_3, Field.LEVEL_4, Field.LEVEL_5)
LEVEL_CODES: Final = (Field.CODE_1, Field.CODE_2, Field.CODE_3, Field.CODE_4, Field.CODE_5)
AREA_LEVELS: Final = (Field.DISTRICT, Field.STREET, Field.COMMUNITY)
AREA_CODES: Final = (Field.DISTRICT_CODE, Field.STREET_CODE, Field.COMMUNITY_CODE)

_MATTER = "(?:事项|诉求|问题|分类|类别|类目|诉求事项|问题事项)"
_CODE = "(?:编码|编号|代码)"
_ORDINALS = ("一1", "二2", "三3", "四4", "五5")
_SIZES = ("大", "中", "小", "细")
_TOWNSHIP = "(?:乡镇街道|镇街道|乡镇街|乡镇|镇街|街镇|街道|属地|基层)(?:办事处|办)?"

_EVERYWHERE: Final = {
    Field.NOT_TAKEN: "序号|行号|次序|排序|no|备注|备注说明|说明|备考|注|填表人|填报单位|填报人|更新时间|"
    "星期|天数|人口数?|户数|面积.*",
    Field.PERSONAL: "(?:专职|兼职|社区|[一二三]级|上级)?网格[员长](?:姓名)?|姓名|联系人|负责人|分管领导|"
    "性别|年龄|出生年月|民族|学历|政治面貌|.*(?:电话|手机|手机号|手机号码|联系方式|身份证|身份证号|身份证号码)",
}
_TREE: Final = {
    **{
        field: f"{_MATTER}?[{ordinal}]级{_MATTER}?(?:目录|标签)?(?:名称)?" + (f"|{_SIZES[at]}类(?:名称)?" if at < 4 else "")
        for at, (field, ordinal) in enumerate(zip(LEVELS, _ORDINALS, strict=True))
    },
    **{
        field: f"{_MATTER}?[{ordinal}]级{_MATTER}?{_CODE}" + (f"|{_SIZES[at]}类{_CODE}" if at < 4 else "")
        for at, (field, ordinal) in enumerate(zip(LEVEL_CODES, _ORDINALS, strict=True))
    },
}
_WORDS: Final = (
    "关键词|关键字|触发词|示例|举例|典型(?:表述|说法|诉求|问题|案例)|常见(?:表述|说法|诉求|问题)|口语(?:表述|说法)|群众说法"
)
_ALIASES: Final = "简称|别名|又称|别称|曾用名|俗称|同义词|俗名"
_AREAS: Final = {
    Field.COMMUNITY: "(?:所属|所在)?(?:村社区|社区村|村居社区|村居|社区|行政村|村)(?:名称)?",
    Field.STREET: "(?:所属|所在)?(?:乡镇街道|街道乡镇|镇街道|镇街|街镇|镇办|街道|乡镇|镇)(?:名称)?",
    Field.DISTRICT: "(?:所属|所在)?(?:区县市|县市区|区县|县区|县|区|行政区)(?:名称)?",
    Field.COMMUNITY_CODE: f"(?:村社区|社区村|村居|社区|村)(?:区划)?{_CODE}",
    Field.STREET_CODE: f"(?:乡镇街道|镇街|街镇|街道|乡镇)(?:区划)?{_CODE}",
    Field.DISTRICT_CODE: f"(?:区县市|县市区|区县|县区|区)(?:区划)?{_CODE}",
}
_POINT: Final = {
    Field.LON: "(?:中心点?)?(?:经度|lon|lng|x坐标)",
    Field.LAT: "(?:中心点?)?(?:纬度|lat|y坐标)",
    Field.POINT: "(?:中心点?|位置)?(?:经纬度|坐标)",
}
_BORDER: Final = "(?:网格)?(?:边界|围栏|范围|多边形|坐标范围|四至|空间范围|地理范围)(?:坐标|坐标点|坐标串|数据|经纬度|wkt)?|wkt"
_CAMERA: Final = "(?:(?:视频)?(?:监控|摄像机|摄像头|探头|通道)(?:点位?)?|视频点位)"
_LIMIT: Final = "(?:办理|办结|处理|处置|完成|响应)?(?:时限|期限|时效|时间要求)(?:要求|标准)?"
_URGENCIES: Final = "(?:一般|普通|常规|紧急|加急|特急|特别紧急)(?:件|类|事项|诉求|工单|情况)?"
_CLOCKS: Final = (
    "(?:签收|接收|联系|首次联系|退单|退回|办理|办结|处置|异议审核|审核|延期|挂账|回头看|回访|"
    "派单|协办|答复审核|重办|会商|待补充|吹哨响应|吹哨到场|督办|准入审核|归档)"
)

FIELDS: Final[dict[Kind, dict[Field, str]]] = {
    Kind.CATEGORIES: {
        **_TREE,
        Field.NAME: f"(?:末级|叶子)?{_MATTER}{{1,2}}(?:名称)?",
        Field.CODE: f"{_MATTER}{{0,2}}{_CODE}",
        Field.PARENT: f"(?:上级|父级|所属){_MATTER}?(?:{_CODE}|名称)?",
        Field.ALIASES: f"{_MATTER}?(?:{_ALIASES})",
        Field.WORDS: _WORDS,
    },
    Kind.UNITS: {
        Field.NAME: "(?:成员|承办|责任|处置|职能|主管)?(?:单位|部门|机构|部门单位|单位部门)(?:全称|名称)?",
        Field.ALIASES: f"(?:单位|部门|机构)?(?:{_ALIASES})",
        Field.CODE: f"(?:单位|部门|机构|组织机构)?{_CODE}|统一社会信用代码",
        Field.KIND: "(?:单位|机构|部门)?(?:性质|类型|类别|层级|级别)",
        Field.PARENT: "(?:上级|主管|隶属)(?:单位|部门|机构)",
        Field.AREA: "(?:所属|服务|管辖|所在|行政)?(?:区域|区县|区划|辖区|行政区|行政区划|县区|县市区|区县市|地区)|服务范围",
        Field.LINE: "条线|(?:所属|业务|职能)(?:条线|领域|系统)",
        Field.ABOLISHED: "(?:撤销|注销|终止|撤并)(?:日期|时间)",
        Field.SUCCESSOR: "(?:承接|接续|划入|并入|合并后)(?:的)?(?:单位|部门|机构)|职[责能](?:划入|承接)(?:单位|部门)?",
    },
    Kind.DUTY: {
        **_TREE,
        Field.NAME: "(?:诉求|职责|权责|派单|责任|具体|工作|履职|属地管理)?(?:事项|任务)(?:名称|内容|描述)?|"
        "(?:职责|工作)(?:名称|内容)",
        Field.CODE: f"(?:事项|权责|职责|清单|目录|任务)?{_CODE}",
        Field.CATEGORY: "(?:对应|所属|适用)?(?:事项|诉求|问题)?(?:分类|类别|类型)(?:名称|编码|代码)?",
        Field.LEAD: "(?:主办|牵头|主责|首派|首接)(?:单位|部门|责任单位|科室)?(?:名称)?|"
        "(?:责任|承办|办理|处置|派单)(?:单位|部门|主体)(?:名称)?",
        Field.COOPERATORS: r"(?:协办|配合|协同|协助|会办|参与)(?:单位|部门|责任单位)?(?:名称)?\d?",
        Field.TOWNSHIP: f"{_TOWNSHIP}(?:履职)?(?:职责|责任|角色|分工|承担情况)(?:类型)?|{_TOWNSHIP}",
        Field.TOWNSHIP_LEADS: f"{_TOWNSHIP}(?:职责|责任|角色|分工)?(?:主责|主办|负责)",
        Field.TOWNSHIP_HELPS: f"{_TOWNSHIP}(?:职责|责任|角色|分工)?(?:配合|协助|协办)",
        Field.GRASSROOTS: f"{_TOWNSHIP}(?:(?:要|应)?做什么|(?:具体|配合|协助|履职)(?:职责|责任|任务|事项|内容|工作|措施)|"
        "(?:任务|工作|职责)(?:内容|描述|说明)|任务)|(?:配合|协助)(?:职责|责任|任务|事项|内容|措施)",
        Field.SUPPORT: "(?:(?:职能|主管|主办|牵头|上级)?(?:部门|单位))?(?:给(?:什么|予|予的)?|提供的?|需要的?)?(?:支持|保障)"
        "(?:措施|内容|事项|方式)?",
        Field.LIST: "清单(?:类型|类别|种类|性质)",
        Field.BASIS: "(?:法律|政策|法规|设定|职权|职责|执法|权力|法律法规|法律政策)?依据(?:名称)?|法律法规",
        Field.WORDS: _WORDS,
        Field.LIMIT: _LIMIT,
    },
    Kind.GRIDS: {
        **_AREAS,
        **_POINT,
        Field.CODE: f"网格(?:{_CODE}|编号|号|id)|{_CODE}",
        Field.NAME: "网格(?:名称|名)?",
        Field.KIND: "(?:网格)?(?:类型|类别|性质|种类)",
        Field.WORKER: "(?:网格员)?(?:所属|管理|责任|主管|负责)单位",
        Field.POLYGON: _BORDER,
    },
    Kind.PLACES: {
        **_AREAS,
        **_POINT,
        Field.NAME: "(?:小区|住宅小区|楼盘|道路|路名|街路|地名|地点|学校|医院|公园|市场|场所|点位|标志物|桥梁|河湖|企业)"
        "(?:名称|名)?|标准地名",
        Field.KIND: "(?:地名|场所|地点|地物|小区|道路)?(?:类型|类别|种类)",
        Field.ALIASES: f"(?:地名|小区|道路)?(?:{_ALIASES})",
        Field.AREA: "(?:所属|所在)区域",
        Field.GRID: f"(?:所属|所在)?网格(?:{_CODE}|编号|号)?",
    },
    Kind.AREAS: {
        **_AREAS,
        Field.CODE: "(?:区划|行政区划|统计用区划|地区|区域)(?:编码|代码)",
        Field.NAME: "(?:区划|行政区划|地区|区域)名称",
        Field.KIND: "(?:区划)?(?:级别|层级)",
        Field.PARENT: "(?:上级|所属)(?:区划|地区|区域)?(?:编码|代码|名称)?",
        Field.ALIASES: _ALIASES,
    },
    Kind.CALENDAR: {
        Field.DAY: "日期|公历日期|放假日期",
        Field.NAME: "节日|节日名称|节假日|节假日名称|假期|假期名称|名称",
        Field.KIND: "类型|性质|日期类型|安排|是否工作日|是否上班",
        Field.SPAN: "(?:放假|假期|休息)(?:时间|安排|起止日期|起止时间)",
        Field.WORKED: "(?:调休|补班|调班)(?:上班)?(?:日期|时间|安排)?|上班日期",
        Field.YEAR: "年份|年度",
        Field.BASIS: "(?:通知|文件|依据)(?:名称|文号)?",
    },
    Kind.LIMITS: {
        Field.CLOCK: "(?:办理)?环节(?:名称)?|时限(?:类型|种类|名称)|节点",
        Field.URGENCY: "(?:紧急|缓急)程度|紧急等级|(?:事项|工单)?等级",
        Field.KIND: "(?:适用)?(?:诉求|来件|工单|业务|受理)?(?:类型|性质)",
        Field.CATEGORY: "(?:适用|对应|所属)?(?:事项|诉求|问题)?(?:分类|类别|类型)(?:名称|编码|代码)?|(?:适用)?事项(?:名称)?",
        Field.LIMIT: f"{_LIMIT}|{_CLOCKS}(?:时限|期限)|{_URGENCIES}(?:{_LIMIT})?",
        Field.BASIS: "(?:政策|法律|规定|制定)?(?:依据|来源|规定)",
    },
    Kind.CAMERAS: {
        **_AREAS,
        **_POINT,
        Field.CODE: f"(?:{_CAMERA}|设备|国标|gb|gb28181)(?:国标|设备)?(?:{_CODE}|id)|国标码",
        Field.NAME: f"(?:{_CAMERA}|设备|点位)(?:名称|名)",
        Field.GRID: f"(?:所属|所在)?网格(?:{_CODE}|号|id)?",
        Field.UNIT: "(?:产权|权属|所有|管理|使用|建设|所属)(?:单位|部门)(?:名称)?",
        Field.FACES: "(?:监控|安装)?(?:场所|场景)(?:类型|类别)?|(?:监控|安装)?(?:部位|位置类型)|(?:监控|摄像机|镜头)?朝向",
    },
    Kind.POSTS: {
        **_AREAS,
        Field.POST: "(?:网格)?岗位(?:名称|类型|类别)?|(?:岗位|网格员|网格长|网格岗位|网格人员)(?:级别|层级|等级)",
        Field.KIND: "级别|等级",
        Field.CODE: f"(?:网格)?岗位{_CODE}",
        Field.UPPER: f"(?:上级|上一级)(?:岗位{_CODE}?|{_CODE})",
        Field.GRID: f"(?:所属|所在|负责|责任)?网格(?:{_CODE}|号|id)",
        Field.NAME: "(?:所属|所在|负责|责任)?网格(?:名称|名)?",
        Field.AREA: "(?:所属|所在|负责|服务|责任)区域",
        Field.UNIT: "(?:网格员|岗位)?(?:所属|派出|工作)单位(?:名称)?",
        Field.POLYGON: _BORDER,
    },
}


_PATTERNS: Final = {
    kind: tuple((field, re.compile(pattern)) for field, pattern in (fields | _EVERYWHERE).items())
    for kind, fields in FIELDS.items()
}


def field_of(kind: Kind, heading: str) -> Field | None:
    """What a squashed heading means in a table of this kind."""
    return next((field for field, pattern in _PATTERNS[kind] if pattern.fullmatch(heading)), None)
