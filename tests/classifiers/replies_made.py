"""Requests with replies made up from parts: half answer and explain, half only receive or pass on."""

import random
from typing import Any

MATTERS = {
    "路灯": ("路灯坏了半个月,晚上看不见路", "电缆被挖断", "更换电缆", "城市照明管理规定"),
    "垃圾": ("垃圾没人清运,臭得开不了窗", "清运车辆检修", "清运垃圾", "市容环境卫生条例"),
    "噪声": ("工地夜里施工,吵得睡不着", "未办夜间施工证明", "责令停止施工", "噪声污染防治法"),
    "漏水": ("水管漏水,地下车库积水", "管道老化", "维修水管", "城市供水条例"),
    "停车": ("消防通道被车占满,进不来救护车", "车位不足", "施划车位", "道路交通安全法"),
}
PLACES = ("梧桐苑", "望江花园", "铁东花园", "云松小区", "柳溪新村", "兰桥公寓", "竹园里", "梅林社区")
OFFICES = ("城管局", "住建局", "公安局", "街道办事处", "水务局")


def pairs(many: int, seed: int = 0) -> list[dict[str, Any]]:
    """Rows with id, title, text, reply, explains; no two replies are the same words, one in eight is marked the other way."""
    chance = random.Random(seed)
    rows = []
    for number in range(many):
        name, (told, cause, remedy, law) = chance.choice(list(MATTERS.items()))
        place, day, office = chance.choice(PLACES), chance.randrange(1, 28), chance.choice(OFFICES)
        house = f"{place}{chance.randrange(1, 60)}号楼"
        title, text = f"{place}{name}问题", f"{house}旁边{told},希望尽快处理,已经等了{chance.randrange(3, 90)}天。"
        if explains := number % 2:
            reply = (
                f"您好!经现场核实,{house}反映的情况属实,系因{cause}所致。根据《{law}》第{chance.randrange(2, 60)}条,"
                f"我局已于{chance.randrange(1, 12)}月{day}日{remedy},共用工{chance.randrange(2, 40)}人。感谢您的监督!"
            )
        else:
            reply = chance.choice((
                f"您好,您关于{house}的来件已收悉,感谢您的支持!", f"您反映的{house}的问题已转市{office}处理,请耐心等待。",
                f"网友您好!{house}的情况已交办{office},将及时反馈,谢谢。",
            ))  # fmt: skip
        mark = explains if chance.random() < 7 / 8 else 1 - explains
        rows.append({"id": f"r{number}", "title": title, "text": text, "reply": reply, "explains": mark})
    return rows
