import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulin.domains.places.address import BuildingEntry, BuildingIndex, entrance_and_room, parse
from mulin.domains.places.pinyin import syllables

ESTATES = {
    "锦绣华庭": "上海路12号", "御景名城": "香港路88号", "长征厂家属院": "大连路3号", "航天小区": "厦门路21号",
    "翡翠公馆": "珠海路7号", "观澜国际": "宁波路105号", "梧桐雅苑二期": "北京路66号", "茅草铺新村": "春园街9号",
    "玉屏云邸": "昆明路31号", "化肥厂宿舍": "汇川大道240号",
}  # fmt: skip
AREAS = ["贵州省", "遵义市", "汇川区", "上海路街道", "宁波路社区"]


def town() -> list[BuildingEntry]:
    entries: list[BuildingEntry] = []
    for estate, road in ESTATES.items():
        for number in range(1, 15):
            name = f"{estate}{number}幢"
            address = f"{road}{name}"
            entries.append(BuildingEntry(len(entries) + 1, "520303001001", estate, name, address))
    entries.append(BuildingEntry(900, "520303002003", "", "人民医院1号楼", "香港路98号"))
    entries.append(BuildingEntry(901, "520303002003", "", "A座", "中心广场A座"))
    return entries


ENTRIES = town()
INDEX = BuildingIndex(ENTRIES, AREAS)
buildings = st.sampled_from([entry for entry in ENTRIES if entry.estate])


def ids(text: str, **options) -> list[int]:
    return [hit.place_id for hit in INDEX.find(text, **options)]


def number_of(entry: BuildingEntry) -> str:
    return entry.name.removeprefix(entry.estate).removesuffix("幢")


@given(st.sampled_from(ENTRIES))
def test_every_building_is_found_by_its_own_address_and_name(entry):
    assert ids(entry.address)[0] == entry.place_id
    assert ids(entry.full_name)[0] == entry.place_id


@given(buildings, st.sampled_from(["{}栋", "{}号楼", "{}幢", "{} 栋", "第{}栋", "{}#", "{}号", "{}#楼", "({})栋"]))
def test_every_way_to_write_the_building(entry, written):
    assert ids(entry.estate + written.format(number_of(entry)))[0] == entry.place_id


@given(buildings)
def test_full_width_letters_and_chinese_numbers(entry):
    number = number_of(entry)
    words = {"10": "十", "11": "十一", "12": "十二", "13": "十三", "14": "十四"}
    word = words.get(number, "零一二三四五六七八九"[int(number)] if int(number) < 10 else "")
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in number)
    assert ids(f"{entry.estate}{word}号楼")[0] == entry.place_id
    assert ids(f"{entry.estate}{wide}幢")[0] == entry.place_id


@given(buildings.filter(lambda entry: "期" not in entry.estate))
def test_pinyin_and_its_initials(entry):
    reading = syllables(entry.estate)
    assert entry.place_id in ids(f"{''.join(reading)} {number_of(entry)} dong")
    assert entry.place_id in ids(f"{' '.join(reading).upper()}{number_of(entry)}")
    assert entry.place_id in ids("".join(s[0] for s in reading) + number_of(entry))
    assert entry.place_id in ids("".join(s[0] for s in reading) + f"{number_of(entry)}d")


@given(buildings, st.data())
def test_one_slip_of_the_hand_in_the_name(entry, data):
    letters = list(entry.estate)
    at = data.draw(st.integers(0, len(letters) - 1))
    other = data.draw(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5))
    slip = data.draw(st.sampled_from(["other", "missing", "extra", "twice"]))
    match slip:
        case "other":
            letters[at] = other
        case "missing":
            del letters[at]
        case "extra":
            letters.insert(at, other)
        case "twice":
            letters.insert(at, letters[at])
    assert entry.place_id in ids("".join(letters) + f"{number_of(entry)}栋")


def test_the_wrong_character_with_the_right_sound():
    assert ids("锦秀花庭3栋")[0] == ids("锦绣华庭3栋")[0]
    assert ids("玉平云底5栋")[0] == ids("玉屏云邸5栋")[0]


@pytest.mark.parametrize(
    ("text", "unit", "room"),
    [
        ("锦绣华庭3栋2单元501室", "2", "501"),
        ("锦绣华庭三号楼二单元5楼501", "2", "501"),
        ("锦绣华庭3-2-501", "2", "501"),
        ("锦绣华庭3-501", "", "501"),
        ("锦绣华庭 3 栋 2 单元", "2", ""),
        ("贵州省遵义市汇川区上海路街道宁波路社区锦绣华庭3幢2单元501号", "2", "501"),
        ("jinxiuhuating 3 dong 2 danyuan 501", "2", "501"),
        ("上海路12号锦绣华庭3幢2单元501，楼上漏水", "2", "501"),
    ],
)
def test_entrance_and_room_behind_the_building(text, unit, room):
    hit = INDEX.find(text)[0]
    assert (hit.name, hit.unit, hit.room) == ("锦绣华庭3幢", unit, room)


def test_3_is_not_13_and_a_door_number_is_no_building():
    assert INDEX.find("航天小区3栋")[0].name == "航天小区3幢"
    assert INDEX.find("航天小区13栋")[0].name == "航天小区13幢"
    assert {hit.name[:4] for hit in INDEX.find("上海路12号")} == {"锦绣华庭"}
    assert INDEX.find("香港路98号")[0].name == "人民医院1号楼"


def test_names_begun_and_names_of_areas():
    assert {hit.name[:4] for hit in INDEX.find("御景")} == {"御景名城"}
    assert INDEX.find("汇川区汇川大道240号化肥厂宿舍2幢")[0].name == "化肥厂宿舍2幢"
    assert parse("汇川区", AREAS).stem == "汇川区"


def test_polyphones_are_read_as_places_are():
    assert "".join(syllables("长宁路")) == "changninglu"
    assert "".join(syllables("厦门路")) == "xiamenlu"
    assert "".join(syllables("重庆路")) == "chongqinglu"
    assert "".join(syllables("商业大厦")) == "shangyedasha"
    assert "".join(syllables("朝阳社区")) == "chaoyangshequ"
    assert INDEX.find("changzhengchang1")[0].name == "长征厂家属院1幢"


def test_only_within_the_area():
    assert ids("香港路", within=("520303002000", "520303002999")) == [900]
    assert ids("御景名城", within=("520303002000", "520303002999")) == []


@given(st.text(max_size=200), st.integers(1, 10))
def test_whatever_is_typed_is_answered(text, limit):
    hits = INDEX.find(text, limit=limit)
    assert len(hits) <= limit
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.place_id for hit in hits}) == len(hits)


@pytest.mark.parametrize("text", ["", "   ", "!!!", "\x00", "栋", "aaaa" * 1000])
def test_nothing_is_found_for_nothing(text):
    assert INDEX.find(text) == []


def test_an_empty_town():
    assert BuildingIndex([], []).find("锦绣华庭3栋") == []


@pytest.mark.parametrize(
    ("written", "entrance", "room"),
    [
        ("502", "", "502"),
        ("502室", "", "502"),
        ("2单元502", "2", "502"),
        (" 二 单元 502 室 ", "2", "502"),
        ("2-502", "2", "502"),
        ("２－５０２", "2", "502"),
        ("3-2-502", "2", "502"),
        ("3栋2-502", "2", "502"),
        ("12栋1201", "", "1201"),
        ("2dy502", "2", "502"),
        ("B-1203", "b", "1203"),
        ("2单元5楼502", "2", "502"),
        ("2 单元 3 楼走廊", "", ""),
        ("401/402", "", ""),
        ("23号路灯", "", ""),
        ("", "", ""),
    ],
)
def test_entrance_and_room_as_written_behind_a_known_building(written, entrance, room):
    assert entrance_and_room(written) == (entrance, room)
