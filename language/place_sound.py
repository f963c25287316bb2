"""Characters that sound alike, tones aside: how a name comes out when it is dictated, or typed by its sound.

GB 2312 orders its 3,755 frequent characters by their reading, so the first character of each of the 397 readings is all the table
there has to be. The rarer characters follow by radical there: of those, the ones that place names have stand in `_RARE`.
A character of two readings (行, 长, 重) has the one by which GB 2312 sorts it.
"""

from typing import Final

_FIRST_OF_READING: Final = (
    "啊埃鞍肮凹芭白斑邦苞杯奔崩逼鞭标鳖彬兵玻捕擦猜餐苍操厕层插拆搀昌超车郴撑吃充抽初揣川疮吹春戳疵聪凑粗蹿摧村磋搭呆耽当刀德蹬堤颠碉跌丁丢东兜督端堆"
    "墩掇蛾恩而发藩坊菲芬丰佛否夫噶该干冈篙哥给根耕工钩辜刮乖棺光瑰辊锅哈骸酣夯壕呵嘿痕哼轰喉呼花槐欢荒灰荤豁击嘉歼僵蕉揭巾荆炯揪鞠捐撅均喀开刊康考坷肯"
    "坑空抠枯夸块宽匡亏坤括垃莱蓝琅捞勒雷棱厘俩联粮撩列琳玲溜龙楼芦驴峦掠抡萝妈埋瞒芒猫么玫门萌眯棉苗蔑民明谬摸谋拇拿氖南囊挠呢馁嫩能妮蔫娘鸟捏您柠牛脓"
    "奴女暖虐挪哦欧啪拍攀乓抛呸喷砰坯篇飘撇拼乒坡剖扑期掐牵枪橇切钦青琼秋趋圈缺裙然瓤饶惹壬扔日戎揉茹软蕊闰若撒腮三桑搔瑟森僧莎筛珊墒梢奢砷声师收蔬刷摔"
    "栓霜谁吮说斯松搜苏酸虽孙蓑塌胎坍汤掏特藤梯天挑贴厅通偷凸湍推吞拖挖歪豌汪威瘟嗡挝巫昔瞎掀相萧楔薪星兄休墟轩靴勋压焉殃邀椰一茵英哟拥幽迂鸳曰耘匝栽咱"
    "赃遭责贼怎增扎摘瞻樟招遮珍蒸芝中舟珠抓拽专桩椎谆捉兹鬃邹租钻嘴尊昨"
)

_RARE: Final = (
    "安庵 奥坳岙 宝葆 毕薜璧 标骠 宾缤 昌菖 成晟 池墀 村皴 代岱黛埭 东岽 敌邸坻 定腚 峰沣 夫芙茯孚 富馥 "
    "古汩 桂妫 汉瀚菡 浩皓颢濠 恒珩 虹泓 花骅桦 欢獾 辉晖珲 慧蕙荟 吉佶 冀芨 佳笳 江茳 娇姣 金衿 静菁旌 "
    "巨莒 菊掬 骏隽 开恺 康伉 立俪郦骊鹂溧 林麟 岭苓泠瓴 龙珑垅茏 路鹭璐 洛泺珞 美湄嵋 民岷 明茗 牧沐 南楠 "
    "宁咛 潘蟠 平枰 浦璞溥 奇琪麒淇岐骐祺 前芊阡 秦芩 青箐 琼邛 渠衢蕖 荣嵘榕 瑞芮睿 山埏 尚垧 沈莘 圣嵊 "
    "石莳 书殳 舒姝纾 松嵩淞 潭郯 棠瑭 藤滕 天畋 亭葶 桐佟潼 团抟 万纨 旺罔 围圩帏 文雯 伍仵 西淅曦樨浠 "
    "仙暹 香芗 晓筱 新馨鑫昕歆 行荇 旭煦 轩萱 雪鳕 寻浔荀 亚垭 延郾 雁滟 阳炀 瑶珧 叶烨 一怡漪 意懿 英瑛 "
    "影瀛 永邕 优攸 鱼瑜 玉煜钰 元沅塬垸 源媛 悦樾 云芸 章璋 振圳 知芷 竹竺 紫梓 社畲 木苜 陀坨 洼娲 刘浏 "
    "弥汨"
)
"""Groups of one sound; the first of a group stands in the ordered part of GB 2312."""


def _representatives() -> dict[int, str]:
    frequent = bytes(b for row in range(0xB0, 0xD8) for column in range(0xA1, 0xFF) for b in (row, column))
    table: dict[int, str] = {}
    first = ""
    for character in frequent.decode("gb2312", "ignore"):
        if character in _FIRST_OF_READING:
            first = character
        table[ord(character)] = first
    for group in _RARE.split():
        for rare in group[1:]:
            table.setdefault(ord(rare), table.get(ord(group[0]), group[0]))
    return table


_REPRESENTATIVE: Final = _representatives()


def sounded(text: str) -> str:
    """The text with every character replaced by the first of its sound: equal for texts that sound alike, of the same length."""
    return text.translate(_REPRESENTATIVE)
