"""Clear dangers are never missed; denial, fear, memory, drills and topics raise nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.pack import CityPack
from classifiers.lexicon.dangers import CRITICAL, GROUPS, URGENT
from classifiers.matters import read_lexicon
from classifiers.urgency import DangerFinder, RiskWords
from language.normalise import fold
from schemas.findings import UrgencyFinding
from schemas.words import EvidenceKind, Urgency

CRITICALS = """
楼道里一股煤气味,呛得人头晕
厨房闻到很重的天然气味道,不敢开灯
施工队把燃气管挖断了,一直嘶嘶响
邻居家烧炭取暖一氧化碳中毒了,叫不醒
五楼着火了,黑烟往外冒
现在配电箱在冒火花,吓死人
刚刚充电的电瓶车烧起来了
仓库起火了,火势很大
后山着了山火,正往村里烧
孩子摸了路灯杆被电到了
路灯杆漏电,行人过去手都麻
高压线断了掉在路上
积水里漏电,有人被电倒
我妈被困在电梯里半个小时了
有老人被反锁在屋里出不来
山里有驴友被困,手机快没电了
洪水来了,一家人被困在屋顶
我儿子被骗进传销窝点,失联十几天,求解救
小孩掉进窨井里了,快来人
工人从脚手架上摔下来了
有人落水,快来救人
水库里有孩子溺水了,还没捞起来
我家的墙快倒了,砖一直往下掉
基坑塌方了,离居民楼只有两米
房子塌了一半,人还住在里面
马路突然塌陷,车掉下去半截
后山山体滑坡,把路埋了
学校食堂吃完饭几十个孩子呕吐
村里吃酒席后全家上吐下泻送医院了
公司集体中毒,十几个工人住院
楼下有人正在打架,还拿着刀
隔壁男的正在打老婆,女的在喊救命
有人持刀堵在门口不让我们出去
他扬言要炸了售楼部
再不还钱我就跟他们同归于尽
他放话说要弄死我全家
他在群里说要报复社会
我不想活了,谁也别劝
活着没意思,我想从楼上跳下去
再没人管我就从楼顶跳楼
我妈说她不想活了,把药都藏起来了
再拿不到钱我只能死在你们门口
她在桥上要跳河,快来人
我儿子在学校割腕了
邻居喝农药了,快叫救护车
我女儿给我发了遗书,人找不到了
担心我妹妹会自杀,她把自己关在屋里
真想结束自己的生命,太难了
孩子身上浑身是伤,像是被虐待
幼儿园老师性侵女童
我家老人走失两天了,有老年痴呆
孩子放学后走丢了,找不到了
孩子被锁在车里,天这么热
明天我们两百多业主要去市政府门口拉横幅
再不解决我们只好集体上访
工人们商量好了后天堵路
现在上百人围堵售楼部,要打起来了
几十个人正在工地门口拉横幅静坐
油罐车在桥上侧翻,油流了一地
化工厂氨气泄漏,眼睛睁不开
车间发生爆炸了,听到很大声音
工地挖出一枚老炮弹
路边有人昏倒了,没人管
江水管涌,河堤快守不住
有人坐在桥栏杆上往下看
老板被工人非法拘禁在办公室
塔吊倒了砸在围墙上
天花板塌下来砸到床上
孩子喝了消毒水,在吐
煤气罐在漏气,关不上
""".strip().splitlines()

URGENTS = """
小区停水三天了,做饭都没水
我们村连续停电两天,天气这么热
暖气冰凉,家里老人冻得受不了
整个小区突然停气,做不了饭
家里停电,我爸用制氧机,撑不了多久
老板拖欠我们十几个工人的工资,快过年了
农民工的血汗钱一分没发,春节回不了家
工厂三个月不发工资,员工都没钱交学费
我们来讨薪,项目部没人理
消防通道被私家车堵死了
救护车和消防车进不来,通道停满车
安全出口被锁上了,还堆着货
消火栓里没有水,灭火器都过期
楼道里有人给电动车充电
电瓶车推进电梯带回家充电
从六楼飞线下来给电动车充电
人行道的井盖丢了,晚上看不见
路上有个深坑,没有围挡,有人摔了
外墙瓷砖一块块往下掉,楼下就是小孩
广告牌松动,风一吹摇摇欲坠
有人天天高空抛物,差点砸到孩子
房子地基下沉,墙裂得能伸进手
楼上把承重墙砸了
我妈一个人住在危房里,下雨漏得厉害
围墙歪了随时会倒
电梯突然下坠,吓坏了
电梯经常困人,业主每天提心吊胆
电梯三年未年检还在用
电线裸露在外面,小孩伸手就够着
电缆垂下来快碰到头了
有条没拴的大狗咬伤了邻居
流浪狗追着孩子咬
马蜂窝就在我家门口,已经蜇了人
孩子在学校被同学霸凌,不敢上学
老师体罚学生,罚跪一节课
孩子被关在家里,父母锁门出去打牌
教室甲醛味道大,孩子流鼻血
我被包工头打伤了,报警也没人处理
物业保安殴打业主
拆迁的人上门威胁我们全家
有人砸门泼油漆,不让我们住
他跟踪我,还发短信恐吓我
丈夫家暴我多年,不敢回家
父亲瘫痪没人照顾,没钱治病
我们断粮了,揭不开锅
邻居家囤了几十个煤气罐
地下室进水被淹,配电房就在旁边
路面塌陷一个大洞,只放了个锥桶
护栏撞断了,桥边没有遮挡
大树要倒了,压在电线上
工地爆破,石头飞到居民家里
小区滑梯锈断了,孩子还在玩
采石场放炮,我家房屋多处开裂
消防栓没水,跟物业说了也不修
楼上把阳台的玻璃弄松动了,快掉下来
业主围堵物业办公室,闹得很凶
""".strip().splitlines()

NORMALS = """
没有着火,只是邻居家烧饭的烟
不是煤气味,是油漆味
昨天搞了火灾演练,喇叭很吵
社区组织消防知识讲座,什么时候开始
担心着火,想买个灭火器
怕以后墙会倒,问问能不能加固
如果发生地震,小区往哪里疏散
去年这里塌陷过,早就修好了
以前有人落水,建议加个护栏
建议开展防溺水宣传
希望加强防火宣传,防止火灾
新闻里说有地方燃气泄漏
请问燃气报警器在哪里领
燃气费为什么涨了
天然气什么时候通到我们村
请问停水通知在哪里看
停电的费用怎么算
咨询一下供暖收费标准
超市搞跳楼价促销,音响太吵
商场打出跳楼价的横幅,喇叭从早放到晚
邻居吵架声音大,影响睡觉
广场舞音乐太响
路灯不亮,走路不方便
公交车半小时一趟,希望加车
路口堵,希望调整红绿灯
小区绿化太差
快递不送上门
学校门口接送车太多,很堵
医保卡怎么激活
养老金什么时候发
想问孩子上小学需要什么材料
孩子户口怎么迁
退休工资为什么没涨
工资多少才用交个税
工资条上的公积金怎么算
物业费太高,没有公示
停车费一小时十块不合理
楼上漏水到我家卫生间
油烟熏得开不了窗
垃圾三天没清运,很臭
工地半夜施工,睡不着
房产证五年没办下来
开发商延期交房
装修公司跑路,定金不退
外卖里吃出头发
驾校乱收费
老师有偿补课
想表扬公交司机,他捡到钱包还给我
消防队员救出老人,感谢他们
火已经被扑灭,感谢消防
水管已经修好了,谢谢
公园什么时候开放
希望在小区门口装个充电桩
充电桩收费太贵
请问电梯加装怎么申请
加装电梯一楼不同意怎么办
共享单车乱停乱放
建议增设垃圾桶
请问危房改造补贴的标准
老旧小区改造什么时候轮到我们
地铁什么时候开通
违停抓拍不合理
网上预约挂号打不开
图书馆希望延长开放时间
我对这个处理结果不满意
这个小学旁边要建加油站吗
""".strip().splitlines()


@pytest.fixture(scope="module")
def risk(pack: CityPack) -> RiskWords:
    return RiskWords(pack)


def found_in(risk: RiskWords, text: str) -> UrgencyFinding:
    folded = fold(text)
    return risk.finding(folded, risk.scan(folded))


@pytest.mark.parametrize("text", CRITICALS)
def test_what_can_kill_within_hours_is_critical(risk: RiskWords, text: str) -> None:
    assert found_in(risk, text).level is Urgency.CRITICAL


@pytest.mark.parametrize("text", URGENTS)
def test_an_open_danger_or_want_is_urgent_at_least(risk: RiskWords, text: str) -> None:
    assert found_in(risk, text).level is not Urgency.NORMAL


@pytest.mark.parametrize("text", NORMALS)
def test_what_is_denied_feared_remembered_or_only_a_topic_raises_nothing(risk: RiskWords, text: str) -> None:
    found = found_in(risk, text)
    assert (found.level, found.evidence) == (Urgency.NORMAL, [])


def test_most_of_the_urgent_are_not_called_critical(risk: RiskWords) -> None:
    levels = [found_in(risk, text).level for text in URGENTS]
    assert levels.count(Urgency.CRITICAL) <= len(URGENTS) // 5


def test_a_danger_at_the_end_of_a_long_letter_counts(risk: RiskWords) -> None:
    assert found_in(risk, "路灯不亮,希望修一修。" * 200 + "我爸说他不想活了").level is Urgency.CRITICAL


def test_a_real_danger_counts_beside_a_denied_one(risk: RiskWords) -> None:
    assert found_in(risk, "一楼没有着火。三楼厨房着火了,快来").level is Urgency.CRITICAL


def test_words_of_two_sentences_make_no_danger_together(risk: RiskWords) -> None:
    assert found_in(risk, "这里的电缆很多。我们想断开合同").level is Urgency.NORMAL


def test_evidence_is_the_lexicons_or_the_packs_own_words(risk: RiskWords, pack: CityPack) -> None:
    known = {fold(one.word) for one in pack.risk_words}
    slots = [slot for text in (CRITICAL, URGENT) for pattern in read_lexicon(text, GROUPS) for slot in pattern.slots]
    known |= {word for slot in slots for word in slot.terms | slot.characters}
    for text in (*CRITICALS, *URGENTS):
        for one in found_in(risk, text).evidence:
            assert one.kind is EvidenceKind.RISK_WORD
            assert one.ref
            assert {fold(part) for part in one.word.split("、")} <= known


def test_the_gravest_reasons_stand_first(risk: RiskWords) -> None:
    found = found_in(risk, "消防通道被堵,井盖丢了,楼道充电,外墙掉瓷砖,狗咬人,五楼着火了")
    weights = [one.weight for one in found.evidence]
    assert len(weights) == 5
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == 2.0


def test_a_citys_own_word_raises_as_its_pack_says(risk: RiskWords, pack: CityPack) -> None:
    own = next(one for one in pack.risk_words if one.word == "换热站停了")
    found = found_in(risk, "我们这边换热站停了")
    assert found.level.value == own.urgency.value
    assert (own.kind, own.word) in {(one.ref, one.word) for one in found.evidence}


def test_a_pattern_needs_all_its_slots_near_one_another() -> None:
    finder = DangerFinder((1, one) for one in read_lexicon("坠物: 外墙 + 脱落|掉", {}))
    near, far = "外墙的砖一直掉", "外墙" + "很好看" * 20 + "脱落"
    assert [kind for _, kind, _ in finder.find(near, {"外墙": [0]})] == ["坠物"]
    assert not list(finder.find(far, {"外墙": [0], "脱落": [len(far) - 2]}))


@given(st.text(alphabet="着火了没有担心煤气味漏,。跳楼孩子被困!1a ", max_size=60))
def test_any_text_gets_a_level_with_evidence_just_where_it_is_raised(risk: RiskWords, text: str) -> None:
    found = found_in(risk, text)
    assert bool(found.evidence) == (found.level is not Urgency.NORMAL)
