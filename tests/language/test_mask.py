import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.mask import PLACEHOLDER, PersonalData, identity_checksum_holds, mask, mask_deep, phone_digits

DIGIT_FORMS = ["0０〇零", "1１一幺壹", "2２二贰", "3３三", "4４四", "5５五", "6６六陆", "7７七", "8８八捌", "9９九"]
GAPS = ["", "", "", " ", "-", "－", "—", "\u3000", ".", "·", "\u200b", " - "]


@st.composite
def written_phones(draw: st.DrawFn) -> str:
    """13800000000-like numbers (fictitious ranges) in every way people write them."""
    digits = draw(st.sampled_from(["13800000000", "13912345678", "18600000001", "19900000002"]))
    one_notation = draw(st.booleans())
    form = draw(st.integers(0, 2))
    parts = []
    for place, digit in enumerate(digits):
        forms = DIGIT_FORMS[int(digit)]
        parts.append(forms[form] if one_notation else draw(st.sampled_from(forms)))
        if place < len(digits) - 1:
            parts.append(draw(st.sampled_from(GAPS)))
    return "".join(parts)


@given(
    written_phones(),
    st.sampled_from(["", "电话：", "请打", "联系我 ", "+86 ", "v"]),
    st.sampled_from(["", "，谢谢", "联系"]),
)
def test_a_phone_number_is_masked_whatever_way_it_is_written(phone: str, before: str, after: str) -> None:
    masked = mask(before + phone + after)
    assert [found.kind for found in masked.found] == [PersonalData.MOBILE]
    assert masked.text == before.replace("+86 ", "") + "[电话]" + after


@given(st.text(alphabet="0123456789一二三零〇１ -－.,()[]@QqVv微信号电话卡湘A粤BX年月栋转:：", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once


@given(st.text())
def test_finds_are_in_order_apart_and_inside_the_text(text: str) -> None:
    position = 0
    for found in mask(text).found:
        assert position <= found.start < found.end <= len(text)
        position = found.end


def test_a_phone_number_written_in_chinese_numerals_is_masked() -> None:
    assert mask("请打一三八零零零零零零零零找我").text == "请打[电话]找我"
    assert mask("我的号是幺三九幺二三四五六七八").text == "我的号是[电话]"


def test_a_name_that_ends_in_a_numeral_does_not_hide_the_number_behind_it() -> None:
    assert mask("张三13800000000").text == "张三[电话]"
    assert mask("李四一三八零零零零零零零零").text == "李四[电话]"


@pytest.mark.parametrize(
    ("text", "masked", "kind"),
    [
        ("座机0731-88888888转123", "座机[电话]", PersonalData.LANDLINE),
        ("(010)8888 8888", "[电话]", PersonalData.LANDLINE),
        ("联系电话：88888888", "联系电话：[电话]", PersonalData.LANDLINE),
        ("证号11010519491231002X。", "证号[身份证号]。", PersonalData.IDENTITY),
        ("１１０１０５ １９４９１２３１ ００２Ｘ", "[身份证号]", PersonalData.IDENTITY),
        ("写错一位 110105194912310021", "写错一位 [身份证号]", PersonalData.IDENTITY),
        ("旧证110105491231002", "旧证[身份证号]", PersonalData.IDENTITY),
        ("转到6222 0200 0000 0000 000", "转到[银行卡号]", PersonalData.BANK_CARD),
        ("卡号：622200000000001", "卡号：[银行卡号]", PersonalData.BANK_CARD),
        ("车牌湘A12345乱停", "车牌[车牌]乱停", PersonalData.PLATE),
        ("新能源粤B·D12345", "新能源[车牌]", PersonalData.PLATE),
        ("沪ａ·１２３４５", "[车牌]", PersonalData.PLATE),
        ("发到nobody@example.com谢谢", "发到[邮箱]谢谢", PersonalData.EMAIL),
        ("微信号：abc_123", "微信号：[微信号]", PersonalData.WECHAT),
        ("加我微信 zhang0001", "加我微信 [微信号]", PersonalData.WECHAT),
        ("QQ：10000001", "QQ：[QQ号]", PersonalData.QQ),
    ],
)
def test_personal_data_are_replaced_by_their_kind(text: str, masked: str, kind: PersonalData) -> None:
    result = mask(text)
    assert result.text == masked
    assert [found.kind for found in result.found] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "每户收了72000元，一共1380000元",
        "2019年1月20日15:30到2019-01-21 18:00",
        "已打12345、110、119、12315和96118",
        "客服400-888-8888和8008888888没人接",
        "工单号202001011234567890一直没回复",
        "订单20200101123456789",
        "阳光花园15栋2单元1501室，桂花路138号",
        "二〇一九年一月二十日三点",
        "15-16-17-18-19-20栋",
        "A市A3区，云A3区，湘A市",
        "微信公众号和QQ群都没通知",
        "编号1234567890123456",
        "面积128.50平方米，单价13800.00元",
    ],
)
def test_what_is_no_personal_data_stays(text: str) -> None:
    assert mask(text).text == text
    assert mask(text).found == ()


def test_several_finds_keep_their_places_in_the_original_text() -> None:
    text = "李四13800000000，车牌湘A12345，邮箱a@example.com"
    assert [text[found.start : found.end] for found in mask(text).found] == ["13800000000", "湘A12345", "a@example.com"]


def test_no_placeholder_holds_a_digit_and_every_kind_has_one() -> None:
    assert set(PLACEHOLDER) == set(PersonalData)
    assert not any(c.isdigit() for placeholder in PLACEHOLDER.values() for c in placeholder)


def test_every_string_inside_a_json_value_is_masked() -> None:
    value = {"a": ["电话13800000000", 3, None], "b": {"c": "湘A12345"}, "n": 13800000000}
    assert mask_deep(value) == {"a": ["电话[电话]", 3, None], "b": {"c": "[车牌]"}, "n": 13800000000}


def test_the_checksum_of_an_identity_number_is_that_of_the_standard() -> None:
    assert identity_checksum_holds("11010519491231002X")
    assert not identity_checksum_holds("110105194912310021")


@given(written_phones())
def test_one_phone_has_one_canonical_form(phone: str) -> None:
    digits = phone_digits(phone)
    assert digits is not None
    assert digits == phone_digits("+86 " + digits)
    assert digits.startswith("1")
    assert len(digits) == 11


@pytest.mark.parametrize(
    ("field", "digits"),
    [
        ("0731-88888888", "073188888888"),
        ("0731-88888888转12", "073188888888"),
        ("+86 731 88888888", "073188888888"),
        ("８８８８８８８８", "88888888"),
        ("013800000000", "13800000000"),
        ("008613800000000", "13800000000"),
        ("12345", None),
        ("4008888888", None),
        ("96118", None),
        ("不愿透露", None),
        ("", None),
    ],
)
def test_a_phone_field_gives_digits_or_nothing(field: str, digits: str | None) -> None:
    assert phone_digits(field) == digits


def test_kinds_that_are_to_be_shown_stay_and_the_others_do_not() -> None:
    text = "请拨打 0412-5512345 或找张三 13800001234"
    assert mask(text, {PersonalData.LANDLINE}).text == "请拨打 0412-5512345 或找张三 [电话]"
    assert mask(text).text == "请拨打 [电话] 或找张三 [电话]"
