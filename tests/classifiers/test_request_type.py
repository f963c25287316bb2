"""The caller's words tell what is wanted; politeness and bare facts do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.lexicon.request_types import TYPES
from classifiers.request_type import RequestTypeReader, read_types
from language.normalise import fold
from schemas.findings import RequestTypeFinding
from schemas.words import EvidenceKind, RequestType

SAID = {
    RequestType.CONSULT: (
        "请问办理居住证需要什么材料",
        "想咨询一下医保异地报销怎么办理",
        "地铁七号线什么时候开工",
        "我想了解一下人才补贴的标准是多少",
        "公租房怎么申请,去哪里办",
        "询问小区旁边的空地有什么规划",
        "下班骑车跌倒算不算工伤",
        "退役军人能否享受购房补贴",
        "请教一下,契税怎么算",
        "想问不动产中心几点上班,电话是多少",
    ),
    RequestType.HELP: (
        "求助:我家水压不够,热水器打不着,请派人来看看",
        "路灯不亮,请派人修一修",
        "家里老人瘫痪,生活困难,请求帮助",
        "钱包落在公交车上了,麻烦帮我找回",
        "网上预约一直打不开,不会操作,请帮忙",
        "下水道堵了,请求疏通",
        "孩子没学上,恳请帮助协调",
        "车被挡住出不去,请帮忙挪车",
    ),
    RequestType.COMPLAINT: (
        "投诉物业乱收费",
        "健身房关门不退款",
        "烧烤店油烟扰民,多次反映没人管",
        "开发商违约,迟迟不办房产证,请为业主做主",
        "工地半夜施工噪音大,严重影响休息",
        "窗口工作人员态度恶劣,互相推诿",
        "快递送不到家,客服敷衍",
        "出租车司机拒载",
        "房子质量问题一大堆,开发商置之不理",
        "凭什么强制我们买车位",
    ),
    RequestType.DENOUNCE: (
        "举报某某诊所无证行医",
        "有人在小区里搞传销,请查处",
        "化工厂夜里偷排污水",
        "村干部侵吞集体资金,请严查",
        "楼顶私自搭建,是违章建筑,请依法查处",
        "老师有偿补课,收受红包",
        "这家店卖假药,虚假宣传,骗老人钱",
        "地下赌场开到半夜,请打击取缔",
        "实名举报企业偷税漏税",
    ),
    RequestType.SUGGEST: (
        "建议在路口增设红绿灯",
        "希望增加公交班次,方便市民",
        "建议图书馆延长开放时间",
        "对地铁换乘的几点建议",
        "可否开放学校操场,不妨学学别的城市",
        "提议公园多种些树",
        "建议优化这个路口的信号灯",
        "希望加装休息座椅",
    ),
    RequestType.PRAISE: (
        "表扬公交司机拾金不昧",
        "给社区工作人员点赞,处理得很快",
        "送上锦旗一面,衷心感谢民警",
        "感谢信:感谢工作人员帮我们修好了水管",
        "护士服务周到,态度很好,特别感谢",
    ),
}


@pytest.fixture(scope="module")
def reader() -> RequestTypeReader:
    return RequestTypeReader()


def found_in(reader: RequestTypeReader, title: str, body: str = "") -> RequestTypeFinding | None:
    text = f"{fold(title)}\n{fold(body)}"
    return reader.finding(text, reader.scan(text))


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SAID.items() for text in texts])
def test_the_wish_is_read_in_the_body_as_in_the_title(reader: RequestTypeReader, kind: RequestType, text: str) -> None:
    for found in (found_in(reader, text), found_in(reader, "", text)):
        assert found is not None
        assert found.type is kind
        assert 0 < found.confidence <= 1


@pytest.mark.parametrize("text", ["", "你好", "领导您好,谢谢,此致敬礼", "南门口东边第三家", "1234567", "今天是星期三"])
def test_where_nothing_speaks_nothing_is_said(reader: RequestTypeReader, text: str) -> None:
    assert found_in(reader, "", text) is None


def test_thanks_in_advance_are_no_praise(reader: RequestTypeReader) -> None:
    found = found_in(reader, "投诉物业乱收费", "物业多收电费,请领导做主,万分感谢,不胜感激")
    assert found is not None
    assert found.type is RequestType.COMPLAINT


def test_the_title_outweighs_the_body(reader: RequestTypeReader) -> None:
    found = found_in(reader, "建议增设公交站", "每天赶车很困难,无法按时上班,到底什么时候能改")
    assert found is not None
    assert found.type is RequestType.SUGGEST


def test_more_words_of_one_type_make_it_surer(reader: RequestTypeReader) -> None:
    weak, strong = found_in(reader, "", "广场很吵,扰民"), found_in(reader, "投诉噪音扰民", "投诉多次,物业不管,互相推诿,苦不堪言")
    assert weak is not None
    assert strong is not None
    assert weak.type is strong.type is RequestType.COMPLAINT
    assert weak.confidence < strong.confidence


def test_evidence_is_the_lexicons_own_words(reader: RequestTypeReader) -> None:
    known = read_types(TYPES)
    for kind, texts in SAID.items():
        for text in texts:
            found = found_in(reader, text)
            assert found is not None
            assert found.evidence
            for one in found.evidence:
                assert (one.kind, one.ref) == (EvidenceKind.TYPE_WORD, kind.value)
                assert kind in dict(known[one.word])


def test_every_type_has_words(reader: RequestTypeReader) -> None:
    assert {kind for types in read_types(TYPES).values() for kind, _ in types} == set(RequestType)


@pytest.mark.parametrize("written", ["wish: 希望", "consult: 问", "consult 请问"])
def test_a_lexicon_written_wrongly_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_types(written)


@given(st.text(alphabet="请问投诉举报建议感谢求助\n,。希望路灯1a ", max_size=80))
def test_the_order_in_which_words_were_found_changes_nothing(reader: RequestTypeReader, text: str) -> None:
    folded = fold(text)
    positions = reader.scan(folded)
    assert reader.finding(folded, positions) == reader.finding(folded, dict(reversed(positions.items())))
