"""Names for roads, estates and hamlets: invented, but as a Guizhou town would choose them."""

from collections.abc import Iterator, Sequence

from mulin.demo.plane import Random


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MAIN_ROADS = words("上海路 香港路 大连路 深圳路 广州路 珠海路 汇川大道 北京路 南京路 宁波路 厦门路 澳门路")
CITY_ROADS = words(
    "昆明路 成都路 重庆路 长沙路 武汉路 合肥路 苏州路 无锡路 杭州路 温州路 青岛路 烟台路 济南路 西安路 兰州路 银川路 "
    "福州路 泉州路 汕头路 桂林路 南宁路 海口路 三亚路 贵阳路 安顺路 凯里路 都匀路 毕节路 铜仁路 兴义路 湘潭路 岳阳路 "
    "株洲路 衡阳路 九江路 赣州路 扬州路 镇江路 徐州路 嘉兴路 绍兴路 台州路 洛阳路 开封路 大庆路 延安路 井冈山路 瑞金路"
)
LANE_HEADS = words("春 夏 秋 和 安 福 康 宁 兴 旺 茂 松 竹 梅 兰 桂 榕 枫 桥 坝 塘 井 石 泉 溪 湾 坪 岭 坡 垭")
LANE_TAILS = words("园 阳 华 新 民 乐 丰 泰 顺 祥 明 清 秀 云 月 星 江 河 山 林")

NEW_HEADS = words(
    "锦绣 湘江 金域 碧桂 翡翠 御景 东方 天和 恒信 盛世 阳光 星河 云栖 江南 北辰 龙泉 凤凰 玉屏 紫金 香山 绿洲 海棠 "
    "梧桐 银杏 丹桂 世纪 宏源 瑞景 中天 景瑞 嘉和 万象 书香 学府 山水 水岸 时代 领秀 观澜"
)
NEW_TAILS = words("华庭 花园 雅苑 名城 公馆 国际 嘉园 新城 豪庭 蓝湾 云邸 首府 尚品 康城 丽景 春天")
OLD_HEADS = words(
    "长征厂 航天 茅草铺 建委 电力 粮食局 邮电 医专 化肥厂 丝绸厂 铁路 地质队 烟草 供销社 机修厂 水泥厂 纺织 酒厂 汽运 "
    "百货 建筑公司 二运司 农机 林业 石油 轻工 商业局 新华 红旗 团结 胜利 前进 向阳 工农 民主 光明"
)
OLD_TAILS = words("小区 家属院 宿舍 大院 新村 住宅小区 东院 西院 公寓")
HAMLET_HEADS = words(
    "湾子 大土 河坎 新屋基 老屋基 水井湾 石板 瓦厂 大田 杉树林 桂花 岩脚 坳上 对门 上寨 下寨 中坝 后山 楠木 白果 "
    "核桃 长田 青杠 马家 石家 王家 田坝 学堂 桥头 碾房 茶山 沙坝"
)
PROPERTY_FIRMS = words("安居 永安 和信 乐居 金管家 万家 诚悦 嘉宁 瑞和 中城 云居 新锐")
ESTATE_STAGES = ("二期", "三期", "四期", "五期")


class Namer:
    """Hands out names, never the same one twice within a kind."""

    def __init__(self, random: Random) -> None:
        self._main = iter(MAIN_ROADS)
        self._secondary = iter(CITY_ROADS)
        self._lanes = _pairs(random, LANE_HEADS, LANE_TAILS, "一二三四五六七八")
        self._new = _pairs(random, NEW_HEADS, NEW_TAILS, ESTATE_STAGES)
        self._old = _pairs(random, OLD_HEADS, OLD_TAILS, ESTATE_STAGES)

    def main_road(self) -> str:
        return next(self._main, None) or self.secondary_road()

    def secondary_road(self) -> str:
        return next(self._secondary, None) or f"{next(self._lanes)}路"

    def street(self) -> str:
        return f"{next(self._lanes)}街"

    def lane(self) -> str:
        return f"{next(self._lanes)}巷"

    def new_estate(self) -> str:
        return next(self._new)

    def old_estate(self) -> str:
        return next(self._old)


def _pairs(random: Random, heads: Sequence[str], tails: Sequence[str], again: Sequence[str]) -> Iterator[str]:
    """Every head with every tail in a shuffled order; when they are used up, once more with each ending in `again`."""
    order = random.permutation(len(heads) * len(tails))
    for ending in ("", *again):
        for number in order:
            head, tail = divmod(int(number), len(tails))
            if heads[head][-1] != tails[tail][0]:
                yield f"{heads[head]}{tails[tail]}{ending}"
