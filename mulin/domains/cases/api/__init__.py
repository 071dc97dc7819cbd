"""Cases for programs: what a resident may do without an account, and what people in post may do."""

from mulin.domains.cases.api.desk import router as desk
from mulin.domains.cases.api.holder import router as holder
from mulin.domains.cases.api.neighbours import router as neighbours
from mulin.domains.cases.api.own_data import router as own_data
from mulin.domains.cases.api.picture import router as picture
from mulin.domains.cases.api.residents import router as residents
from mulin.domains.cases.api.staff import router as staff

__all__ = ["desk", "holder", "neighbours", "own_data", "picture", "residents", "staff"]
