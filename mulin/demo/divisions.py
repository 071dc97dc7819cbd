"""The official divisions the town borrows its names from."""

import csv
import re
from dataclasses import dataclass
from importlib import resources

from mulin.demo.sizes import COUNTY_CODE, Size


@dataclass(frozen=True, slots=True)
class Division:
    """One row of the shipped divisions: code of 12 digits, official name, level and the code above."""

    code: str
    name: str
    level: str
    parent: str

    @property
    def is_village(self) -> bool:
        """A villagers' committee: the third digit from the end of its code is 2 (GB/T 10114)."""
        return self.level == "community" and self.code[9] == "2"

    @property
    def short_name(self) -> str:
        """The place without its committee: 宁波路社区居民委员会 → 宁波路社区."""
        return short_name(self.name)


def short_name(official: str) -> str:
    name = re.sub(r"(居民|村民|居|村)委员?会$", "", official)
    if official.endswith("村委会") and not name.endswith("村"):
        name += "村"
    return name


def read_divisions() -> dict[str, Division]:
    """Every shipped division by its code."""
    text = (resources.files("mulin.domains.places") / "data" / "divisions.csv").read_text("utf-8")
    return {row["code"]: Division(**row) for row in csv.DictReader(text.splitlines())}


def divisions_of(size: Size) -> list[Division]:
    """Province, prefecture, county, then streets and communities of the town, parents before children."""
    known = read_divisions()
    communities = size.communities or tuple(
        code for code, d in known.items() if d.level == "community" and known[d.parent].parent == COUNTY_CODE
    )
    streets = dict.fromkeys(known[code].parent for code in communities)
    county = known[COUNTY_CODE]
    prefecture = known[county.parent]
    above = [known[prefecture.parent], prefecture, county]
    return above + [known[c] for c in streets] + [known[c] for c in communities]
