"""Plans and configurations: under what each model's profiles are made and judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from watchkeeper.state.clock import moment, now
from watchkeeper.state.database import Database
from watchkeeper.state.tables import configurations, plans

__all__ = ["Plans", "StoredPlan"]


@dataclass(frozen=True)
class StoredPlan:
    """A plan, frozen; ``profiles.plan_from_json`` reads its text."""

    number: int
    made_at: datetime
    text: str


class Plans(Database):
    """The plans and configurations of a state."""

    def plans(self, model: str) -> list[StoredPlan]:
        """A model's plans, oldest first: the last is the current one, the others' series stay readable."""
        query = select(plans.c.number, plans.c.made_at, plans.c.text).where(plans.c.model == model)
        with self.reading() as connection:
            rows = connection.execute(query.order_by(plans.c.number)).all()
        return [StoredPlan(row.number, moment(row.made_at), row.text) for row in rows]

    def add_plan(self, model: str, text: str, above: int = 0) -> int:
        """Freeze a plan, which is the current one from now on; gives its number, from 1 on for each model.

        Parameters
        ----------
        above : the last plan that the tables hold profiles of: a state that was restored must not use it again
        """
        with self.writing() as connection:
            last = connection.execute(select(func.max(plans.c.number)).where(plans.c.model == model)).scalar()
            number = max(last or 0, above) + 1
            connection.execute(
                insert(plans).values(model=model, number=number, made_at=now(connection), text=text)
            )
        return number

    def set_plan(self, model: str, number: int, text: str) -> None:
        """Replace a plan by one that reads the profiles made under it alike, and more."""
        same = (plans.c.model == model) & (plans.c.number == number)
        with self.writing() as connection:
            connection.execute(update(plans).where(same).values(text=text))

    def configuration(self, model: str) -> str | None:
        """The configuration that was used last, or None before the first run."""
        query = select(configurations.c.text).where(configurations.c.model == model)
        with self.reading() as connection:
            return connection.execute(query).scalar()

    def set_configuration(self, model: str, text: str) -> None:
        """Remember the configuration that was used."""
        with self.writing() as connection:
            connection.execute(delete(configurations).where(configurations.c.model == model))
            values = {"model": model, "text": text, "set_at": now(connection)}
            connection.execute(insert(configurations).values(**values))
