"""Workbooks as city offices have them, each shaped in another way, with faults planted in known cells."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

CITY = "云海市"
NOTHING: tuple[Any, ...] = ()


def rows_from(sheet: Worksheet, first: int, rows: Iterable[Sequence[Any]]) -> None:
    for number, row in enumerate(rows, start=first):
        for column, value in enumerate(row, start=1):
            if value is not None:
                sheet.cell(number, column, value)


def merge(sheet: Worksheet, *ranges: str) -> None:
    for one in ranges:
        sheet.merge_cells(one)


def category_book(folder: Path) -> Path:
    """A tree merged downwards, under a title; codes partly typed as numbers; notes and a hidden row."""
    book = Workbook()
    sheet = book.active
    sheet.title = "2026版"
    sheet["A1"] = "云海市12345热线事项分类表"
    merge(sheet, "A1:G1")
    sheet["A2"] = "制表单位:市政务服务和数据局"
    rows_from(
        sheet,
        3,
        [
            ["序号", "一级分类", "二级分类", "三级\n分类", "编码", "常见说法", "备注"],
            [1, "市政公用", "供水", "停水", "010101", "断水、没水;水龙头不出水", None],
            [2, None, None, "水压不足", 10102, "水压小,水流细", None],
            [3, None, "道路", "井盖缺损", "０１０２０１", "井盖 丢了\n井盖坏了", "与\n住建共管"],
            [4, None, None, "路灯不亮", 10202, "路灯坏了", None],
            [5, "环境卫生", "垃圾", "暴露垃圾", "020101", "垃圾没人收", None],
            [6, None, None, "暴露垃圾", "020102", "垃圾满地", None],
            [7, None, None, "旧的一类", "020103", "不用了", None],
            [8, None, "噪声", "施工噪声", "020201", "=CONCATENATE(A1,A2)", None],
            [9, "住房", "物业", "物业服务", "010201", "物业不管", None],
            ["说明:本表由云海市12345热线中心负责解释。"],
        ],
    )
    merge(sheet, "B4:B7", "C4:C5", "C6:C7", "B8:B11", "C8:C10", "A13:G13")
    sheet.row_dimensions[10].hidden = True
    path = folder / "事项分类.xlsx"
    book.save(path)
    return path


CATEGORY_FAULTS = {
    "事项分类.xlsx【2026版】D9": "与 D8 重复",
    "事项分类.xlsx【2026版】F11": "公式没有保存的结果",
    "事项分类.xlsx【2026版】E12": "已给了“井盖缺损”",
}


def duty_book(folder: Path) -> Path:
    """Two header rows, 主办单位 over 牵头 and 配合; nicknames, lists in a cell, several faults in one sheet."""
    book = Workbook()
    sheet = book.active
    sheet.title = "派单目录"
    sheet["A1"] = "云海市12345热线派单目录(2026年版)"
    merge(sheet, "A1:I1")
    rows_from(
        sheet,
        2,
        [
            ["序号", "诉求事项", "事项分类", "主办单位", None, "乡镇(街道)职责", "法律依据", "办结时限", "备注"],
            [None, None, None, "牵头", "配合", None, None, None, None],
            ["一、市政公用类"],
            [1, "停水抢修", "停水", "云海市水务局", "属地街道", "配合", "《供水条例》", "24小时", None],
            [2, "水压保障", "水压不足", "水务局", "区住建局、城管局", "无", "《供水条例》", "5个工作日", None],
            [
                3,
                "井盖维护",
                "市政公用/道路/井盖缺损",
                "市综执局",
                "住房与城乡建设局",
                "无",
                "《城市道路管理条例》",
                "２小时内",
                None,
            ],
            [4, "路灯维护", "路灯不亮", "城市管理局、住建局", None, "无", "《城市道路照明条例》", "3天", None],
            ["二、环境卫生类"],
            [
                5,
                "垃圾清运",
                "020101",
                "区城管",
                "各乡镇(街道)",
                "配合做好群众引导",
                "《城市市容和环境卫生管理条例》",
                "当日",
                None,
            ],
            [6, "施工噪声查处", "施工噪音", "生态环境局", "公安局", "/", "《中华人民共和国噪声污染防治法》", "10个工作日", None],
            [7, "夜市管理", "夜市摆摊", "城管局", None, "无", "《城市市容和环境卫生管理条例》", "5个工作日", None],
            [8, "物业监管", "物业服务", "住建局", "文化执法中心", "兜底", None, "15个工作日(特殊情况可延长)", None],
            ["注:1.本目录自2026年6月1日起施行。"],
        ],
    )
    merge(sheet, "D2:E2", "A2:A3", "B2:B3", "C2:C3", "F2:F3", "G2:G3", "H2:H3", "I2:I3", "A4:I4", "A9:I9", "A14:I14")
    path = folder / "权责清单.xlsx"
    book.save(path)
    return path


DUTY_FAULTS = {
    "权责清单.xlsx【派单目录】D8": "写了 2 个主办单位",
    "权责清单.xlsx【派单目录】H10": "看不出是多长时间",
    "权责清单.xlsx【派单目录】C12": "没有叫“夜市摆摊”的分类",
    "权责清单.xlsx【派单目录】E13": "认不出单位“文化执法中心”",
    "权责清单.xlsx【派单目录】F13": "看不出“兜底”是哪种职责",
    "权责清单.xlsx【派单目录】G13": "法律依据为空",
}


def city_book(folder: Path) -> Path:
    """Units, grids, places, calendar and limits, each in a sheet with a name that says nothing."""
    book = Workbook()
    units = book.active
    units.title = "Sheet1"
    rows_from(
        units,
        1,
        [
            ["单位全称", "简称", "单位性质", "所属区县", "撤销日期", "承接单位", "联系电话"],
            ["云海市水务局", "市水务局", "市直部门", None, None, None, "见通讯录"],
            ["云海市城市管理和综合行政执法局", "市城管局;城管局", "市直部门"],
            ["云海市住房和城乡建设局", None, "市直部门"],
            ["云海市生态环境局", None, "市直部门"],
            ["云海市公安局", None, "市直部门"],
            ["东湖区住房和城乡建设局", None, "区县部门", "东湖区"],
            ["西山区住房和城乡建设局", None, "区县部门", "西山区"],
            ["东湖区城市管理和综合行政执法局", None, "区县部门", "东湖区"],
            ["西山区城市管理和综合行政执法局", None, "区县部门", "西山区"],
            ["翠湖街道办事处", None, "乡镇街道", "东湖区"],
            ["石门镇人民政府", None, "乡镇街道", "西山区"],
            ["云海市环境保护局", None, "市直部门", None, "2026年13月1日", "市生态环境局"],
            ["云海市水务局", None, "市直部门"],
        ],
    )
    grids = book.create_sheet("Sheet2")
    grids["A1"] = "网格基础信息"
    merge(grids, "A1:H1")
    rows_from(
        grids,
        2,
        [
            ["网格编码", "网格名称", "区县", "街道(乡镇)", "村(社区)", "网格类型", "网格员", "边界坐标"],
            ["９８０１０２００１００１００１", "滨湖第一网格", "东湖区", "翠湖街道", "滨湖社区", "综合", "略", square(0)],
            ["980102001001002", "滨湖第二网格", None, None, None, "专属", "略", square(1)],
            ["980103001001001", "石门第一网格", "西山区", "石门镇", "石门村", "综合", "略", square(5)],
            ["980103001001001", "石门第二网格", None, None, None, "综合", "略", square(6)],
            ["980103001001003", "石门第三网格", None, None, None, "综合", "略", "见附图"],
            ["980199009009001", "石门第四网格", "西山区", "石门镇", None, "综合", "略", square(8)],
        ],
    )
    merge(grids, "C3:C4", "D3:D4", "E3:E4", "C5:C7", "D5:D7", "E5:E7")
    places = book.create_sheet("Sheet3")
    rows_from(
        places,
        1,
        [
            ["社区", "小区名称", "曾用名", "网格编码", "经纬度"],
            ["滨湖社区", "翠湖花园", "翠湖小区", "980102001001001", "105.0005,38.0005"],
            ["滨湖社区", "滨湖新村", None, "980102001001009", None],
            ["石门村", "石门农贸市场", None, "980103001001001", "38.0005,105.0055"],
        ],
    )
    days = book.create_sheet("Sheet4")
    days["A1"] = "2026年放假安排"
    rows_from(
        days,
        2,
        [
            ["节日", "放假时间", "天数", "调休上班日期"],
            ["元旦", "1月1日(周四)至3日(周六)", 3, "1月4日(周日)"],
            ["春节", "2月15日至23日", 9, "2月14日(周六)、2月27日(周五)"],
            ["注:依据国办发明电〔2025〕7号"],
        ],
    )
    limits = book.create_sheet("Sheet5")
    rows_from(
        limits,
        1,
        [
            ["环节", "一般件", "紧急件", "依据"],
            ["签收", "4个工作小时", "1小时内", "云海市约定"],
            ["办理", "5个工作日", "半天", "云海市约定"],
        ],
    )
    path = folder / "基础信息.xlsx"
    book.save(path)
    return path


def square(step: int) -> str:
    """Corners as "lon,lat;lon,lat…", a grid's border from the west."""
    west = 105 + step / 1000
    corners = ((west, 38.0), (west + 0.001, 38.0), (west + 0.001, 38.001), (west, 38.001))
    return ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in corners)


CITY_FAULTS = {
    "基础信息.xlsx【Sheet1】E13": "不是一个日期",
    "基础信息.xlsx【Sheet1】A14": "与 A2 重复",
    "基础信息.xlsx【Sheet2】A6": "与 A5 重复",
    "基础信息.xlsx【Sheet2】H7": "边界看不懂",
    "基础信息.xlsx【Sheet2】E8": "不知道网格属于哪个社区",
    "基础信息.xlsx【Sheet3】D3": "没有编码为“980102001001009”的网格",
    "基础信息.xlsx【Sheet4】D4": "2026-02-27 不是周末",
    "基础信息.xlsx【Sheet5】C3": "0.5 不是 1 以上的整数",
}


DEVICE = "980102000013200000"
"""The first 18 digits of every sound device code of the city."""
PERSONS = ("某甲", "某乙", "某丙", "00000000000", "2001:db8::1")
"""What stands in columns that are never read."""


def street_book(folder: Path) -> Path:
    """Cameras and the posts of grid workers, to be imported with the grids and units of `city_book`."""
    book = Workbook()
    cameras = book.active
    cameras.title = "点位"
    cameras["A1"] = "视频监控点位台账"
    merge(cameras, "A1:J1")
    first, second = "980102001001001", "980102001001002"
    wide = "９８０１０２００００１３２０００００01"
    rows_from(
        cameras,
        2,
        [
            ["序号", "国标编码", "点位名称", "经度", "纬度", "权属单位", "网格编码", "监控场所", "联系人", "IP地址"],
            [1, wide, "滨湖东门", 105.0005, 38.0005, "云海市公安局", first, "出入口", "某甲", "2001:db8::1"],
            [2, DEVICE + "02", "滨湖路", "１０５．００１５", 38.0005, None, None, "路面", "某乙"],
            [3, 98010200001320000003, "翠湖桥", 105.0005, 38.0005, None, first, "河道"],
            [4, None, "翠湖码头", 105.0005, 38.0005, "市公安局", first, "水面"],
            [5, "98010200001180000005", "录像机", 105.0005, 38.0005, "云海市公安局", first, "室内"],
            [6, DEVICE + "01", "滨湖东门", 105.0005, 38.0005, "云海市公安局", first, "出入口"],
            [7, DEVICE + "07", "滨湖西门", None, None, "云海市公安局", first, "出入口"],
            [8, DEVICE + "08", "城外", 106.5, 38.0005, "云海市公安局", None, "高空"],
            [9, DEVICE + "09", "滨湖南门", 105.0005, 38.0005, "滨湖文旅联盟", first, "大门"],
            [10, DEVICE + "10", "滨湖北门", 105.0015, 38.0005, "市综执局", first, "天上"],
            [11, DEVICE + "11", "滨湖高点", 38.0005, 105.0005, "云海市公安局", "980102001001009", "高点"],
            [12, DEVICE + "1", "滨湖工地", 105.0005, 38.0005, "云海市公安局", second, "工地"],
            ["合计", 12],
        ],
    )
    merge(cameras, "F3:F5")
    posts = book.create_sheet("名册")
    rows_from(
        posts,
        1,
        [
            ["序号", "岗位级别", "街道(乡镇)", "村(社区)", "网格编码", "网格名称", "所属单位", "姓名", "联系电话"],
            [1, "一级网格长", "翠湖街道", None, None, None, "翠湖街道办事处", "某甲", "00000000000"],
            [2, "二级", None, "滨湖社区", None, None, None, "某乙"],
            [3, "３级", None, "滨湖社区", "９８０１０２００１００１００１", None, "翠湖街道", "某丙"],
            [4, "三级网格员", None, "滨湖社区", first, None, "翠湖街道办事处", "某甲"],
            [5, "网格员", None, "滨湖社区", None, "滨湖第二网格", None, "某乙"],
            [6, "三级", None, "滨湖社区", "980102001001009", None, None, "某丙"],
            [7, "三级", "石门镇", "石门村", "980103001001001", None, None, "某甲"],
            [8, "组长", "翠湖街道", "滨湖社区", second, None, None, "某乙"],
            [9, "三级", "翠湖街道", "滨湖社区", first, None, "云海市公安局", "某丙"],
            [10, "二级", "翠湖街道", None, None, None, None, "某甲"],
            [11, "二级", "石门镇", "石门村", None, None, None, "某乙"],
            [12, "三级", "翠湖街道", "滨湖社区", None, None, None, "某丙"],
        ],
    )
    merge(posts, "C2:C7")
    path = folder / "街面.xlsx"
    book.save(path)
    return path


STREET_FAULTS = {
    "街面.xlsx【点位】B5": "末几位已经丢失",
    "街面.xlsx【点位】B6": "没有设备编码",
    "街面.xlsx【点位】B7": "第 11 至 13 位是 118,不是摄像机",
    "街面.xlsx【点位】B8": "与 B3 重复",
    "街面.xlsx【点位】D9": "没有坐标",
    "街面.xlsx【点位】D10": "坐标不在任何网格内",
    "街面.xlsx【点位】F11": "认不出单位“滨湖文旅联盟”",
    "街面.xlsx【点位】G13": "没有编码为“980102001001009”的网格",
    "街面.xlsx【点位】B14": "不是 20 位数字",
    "街面.xlsx【名册】E7": "没有编码为“980102001001009”的网格",
    "街面.xlsx【名册】B8": "上一级(B12)没有导入",
    "街面.xlsx【名册】B9": "岗位看不出是哪一级",
    "街面.xlsx【名册】G10": "与 B4 是同一岗位,所属单位却不同",
    "街面.xlsx【名册】D11": "二级岗位没有写村社区",
    "街面.xlsx【名册】B12": "“石门镇”没有一级岗位",
    "街面.xlsx【名册】E13": "三级岗位没有写网格",
}
