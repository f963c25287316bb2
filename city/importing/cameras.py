"""Cameras: the code of each, where it stands, whose it is and what it looks at."""

import re
from collections import Counter
from typing import Final

from city.cells import CAMERA_TYPES, DEVICE
from city.importing.codes import Codes
from city.importing.coordinates import point_spot, read_point
from city.importing.entries import Entry, Value
from city.importing.findings import Rule, Spot
from city.importing.grids import GridList
from city.importing.headings import Field, Kind
from city.importing.units import UnitBook
from city.importing.work import Work
from city.layout import PackFile
from city.terms import CameraView

_FACES: Final = (
    (re.compile("室内|楼内|屋内|大厅|走廊|楼道|电梯"), CameraView.INDOOR),
    (re.compile("工地|施工|在建"), CameraView.SITE),
    (re.compile("出入口|入口|出口|大门|校门|门口"), CameraView.GATE),
    (re.compile("路口|十字|交叉口|红绿灯"), CameraView.CROSSING),
    (re.compile("高空|高点|制高点|瞭望|铁塔|楼顶"), CameraView.WIDE),
    (re.compile("水面|水域|河|湖|江|水库|渠道|海面"), CameraView.WATER),
    (re.compile("街|路|道|巷"), CameraView.STREET),
)
"""What offices call the places that cameras look at; the first that is in the word holds."""
_OWNS: Final = ("产权", "权属", "所有", "所属", "管理", "使用", "建设")
"""Whose a camera is, where several columns name a unit: the owner before who looks after it, and last who had it built."""


class CameraList:
    """Writes the cameras."""

    def __init__(self, work: Work, grids: GridList, units: UnitBook) -> None:
        self._work = work
        self._grids = grids
        self._units = units
        self._seen: dict[str, Spot] = {}
        self._without_grid: Counter[Spot] = Counter()
        self._without_view: Counter[Spot] = Counter()
        listed = work.entries(Kind.CAMERAS)
        self._devices = Codes((value for entry in listed for value in entry.values.get(Field.CODE, [])), work.findings)
        self._codes = Codes((value for entry in listed for value in entry.values.get(Field.GRID, [])), work.findings)
        for entry in listed:
            self._read(entry)
        self._tell()

    def _read(self, entry: Entry) -> None:
        device, point, unit = self._device(entry), self._point(entry), self._unit(entry)
        grid = self._grid(entry, point)
        if device is None or point is None or grid is None or unit is None:
            return
        value = _best_code(entry)
        where = value.spot if value else entry.spot(Field.CODE)
        if device in self._seen:
            message = f"设备编码“{device}”与 {self._seen[device].cell} 重复"
            self._work.findings.fault(where, Rule.REPEATED, message, "请改正编码,或删去其中一行")
            return
        self._seen[device] = where
        if Field.GRID not in entry.values:
            self._without_grid[entry.table.sheet.whole()] += 1
        name = entry.name(Field.NAME)
        if not name:
            message = f"没有点位名称,用设备编码“{device}”代替"
            self._work.findings.guess(entry.spot(Field.NAME), Rule.NAME, message, "请填写点位名称")
        row = {"device": device, "name": name or device, "grid": grid, "lon": point[0], "lat": point[1]}
        spots = {"": where, "name": entry.spot(Field.NAME), "lon": point_spot(entry), "lat": point_spot(entry)}
        spots["grid"] = entry.spot(Field.GRID) if Field.GRID in entry.values else point_spot(entry)
        spots["unit"] = min(entry.values[Field.UNIT], key=_rank).spot
        self._work.rows(PackFile.CAMERAS).add(row | {"unit": unit, "faces": self._faces(entry).label}, spots)

    def _device(self, entry: Entry) -> str | None:
        """The code of GB/T 28181 annex D, rule A, as city.cells asks for it."""
        value, findings = _best_code(entry), self._work.findings
        if value is None:
            remedy = "请填 GB/T 28181 的 20 位设备编码,整列用文本格式"
            findings.fault(entry.spot(Field.CODE), Rule.CODE, "没有设备编码", remedy)
            return None
        code = self._devices.read(value)
        if code and not DEVICE.fullmatch(code):
            remedy = "请填 GB/T 28181 的 20 位设备编码"
            findings.fault(value.spot, Rule.CODE, f"设备编码“{code}”不是 20 位数字", remedy)
            return None
        if code and code[10:13] not in CAMERA_TYPES:
            message = f"设备编码“{code}”第 11 至 13 位是 {code[10:13]},不是摄像机"
            remedy = f"摄像机的类型编码是 {' 或 '.join(CAMERA_TYPES)}(GB/T 28181),请核对;不是摄像机的请删去"
            findings.fault(value.spot, Rule.CODE, message, remedy)
            return None
        return code or None

    def _point(self, entry: Entry) -> tuple[str, str] | None:
        """Zeros are what people write into a column that must not be blank."""
        point = read_point(entry, self._work.findings)
        if point is not None and not any(float(degrees or 0) for degrees in point):
            remedy = "请填写经度和纬度,以度为单位,如 105.0408、38.9255"
            self._work.findings.fault(point_spot(entry), Rule.PLACE, "没有坐标", remedy)
            return None
        return point

    def _grid(self, entry: Entry, point: tuple[str, str] | None) -> str | None:
        """The grid that is named, else the one round the point."""
        value = entry.first(Field.GRID)
        if value is not None:
            code = self._grids.coded(value, self._codes)
        elif point is None:
            return None
        else:
            code = self._grids.at(float(point[0]), float(point[1]))
            if code is None:
                message, remedy = "坐标不在任何网格内", "请核对坐标(WGS-84,先经度后纬度);确在边界外的,请写明网格编码"
                self._work.findings.fault(point_spot(entry), Rule.PLACE, message, remedy)
        if code is not None:
            self._grids.doubt_community(entry, code)
        return code

    def _unit(self, entry: Entry) -> str | None:
        values = entry.values.get(Field.UNIT)
        if not values:
            remedy = "请填写权属单位;都是一家的,可在对照文件中写 fill: {所属单位: 单位全名}"
            self._work.findings.fault(entry.spot(Field.UNIT), Rule.UNIT, "没有权属单位", remedy)
            return None
        return self._units.named(min(values, key=_rank))

    def _faces(self, entry: Entry) -> CameraView:
        value = entry.first(Field.FACES)
        if value is None and not entry.table.columns_of(Field.FACES):
            self._without_view[entry.table.sheet.whole()] += 1
            return CameraView.STREET
        said = value.name if value else ""
        known = CameraView.from_label(said)
        if known is None:
            known = next((view for pattern, view in _FACES if pattern.search(said)), CameraView.STREET)
            message = f"监控场所“{said}”按“{known.label}”导入" if said else f"没有写监控场所,按“{known.label}”导入"
            self._work.findings.guess(entry.spot(Field.FACES), Rule.VALUE, message, f"请核对,可用的取值:{CameraView.labels()}")
        return known

    def _tell(self) -> None:
        for spot, number in self._without_grid.items():
            self._work.findings.note(spot, Rule.PLACE, f"{number} 个摄像机没有写网格编码,归入坐标所在的网格")
        for spot, number in self._without_view.items():
            message = f"没有“监控场所”一列,{number} 个摄像机都按“{CameraView.STREET.label}”导入"
            remedy = f"室内的一定要写明(画面要多加保护),可用的取值:{CameraView.labels()}"
            self._work.findings.guess(spot, Rule.VALUE, message, remedy)


def _best_code(entry: Entry) -> Value | None:
    """Of an office's own number, the recorder's code and the camera's (设备编号 | 国标编码) the one that is a camera's."""
    values = entry.values.get(Field.CODE, [])
    cameras = (value for value in values if DEVICE.fullmatch(value.name) and value.name[10:13] in CAMERA_TYPES)
    return next(cameras, entry.first(Field.CODE))


def _rank(value: Value) -> int:
    return next((rank for rank, mark in enumerate(_OWNS) if mark in value.column.heading), len(_OWNS))
