"""Whether a new version of a pack may follow the one in use. Old problems name slots and units of the old version,
and a new version never rewrites them; so neither may change its meaning."""

from city.fault import Fault
from city.layout import PackFile
from city.pack import CityPack


def check_upgrade(used: CityPack, new: CityPack) -> list[Fault]:
    """What forbids to put `new` in the place of `used`; empty when nothing does. The line is always 0."""
    faults: list[Fault] = []
    numbers = {slot.number: slot for slot in new.slots.values()}
    for slot in used.slots.values():
        successor = numbers.get(slot.number)
        if successor is None:
            message = f"分区 {slot.number}（{slot.name}）不见了"
            faults.append(Fault(PackFile.SLOTS, 0, "number", message, "分区只能停用（填 retired），不能删除"))
        elif (successor.code, successor.area) != (slot.code, slot.area):
            message = f"分区号 {slot.number} 原属“{slot.code}”，现改给“{successor.code}”"
            faults.append(Fault(PackFile.SLOTS, 0, "number", message, "分区号永不重复使用，请另取一个号"))
    faults.extend(
        Fault(PackFile.UNITS, 0, "code", f"单位“{code}”（{unit.name}）不见了", "请保留该行，填写撤销日期和承接单位")
        for code, unit in used.units.items()
        if code not in new.units
    )
    if new.effective < used.effective:
        message = f"生效日期 {new.effective} 早于在用版本的 {used.effective}"
        faults.append(Fault(PackFile.PACK, 0, "effective", message, "请填写不早于在用版本的日期"))
    if new.version == used.version and new.fingerprint != used.fingerprint:
        message = f"内容变了，版本号仍是“{new.version}”"
        faults.append(Fault(PackFile.PACK, 0, "version", message, "每次修改都要换一个版本号"))
    return sorted(faults)
