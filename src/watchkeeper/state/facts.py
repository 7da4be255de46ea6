"""Facts: small values that are known of a model."""

from __future__ import annotations

import json

from sqlalchemy import delete, insert, select, union

from watchkeeper.state.clock import now
from watchkeeper.state.database import Database
from watchkeeper.state.tables import acknowledgements, configurations, counts, facts, plans, progress

__all__ = ["Facts"]

KNOWN_BY = (acknowledgements, configurations, counts, facts, plans, progress)


class Facts(Database):
    """The facts of a state, and the models that they are about."""

    def models(self) -> list[str]:
        """Every model that the state knows anything of, by name."""
        named = union(*(select(table.c.model) for table in KNOWN_BY))
        with self.reading() as connection:
            return sorted(name for name in connection.execute(named).scalars() if name)

    def fact(self, model: str, key: str) -> object:
        """What was set, or None."""
        query = select(facts.c.value).where((facts.c.model == model) & (facts.c.key == key))
        with self.reading() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else json.loads(found)

    def facts(self, model: str) -> dict[str, object]:
        """Everything that was set of a model."""
        query = select(facts.c.key, facts.c.value).where(facts.c.model == model).order_by(facts.c.key)
        with self.reading() as connection:
            return {row.key: json.loads(row.value) for row in connection.execute(query)}

    def set_fact(self, model: str, key: str, value: object) -> None:
        """Set a value that JSON can hold; None forgets it."""
        text = json.dumps(value)
        with self.writing() as connection:
            connection.execute(delete(facts).where((facts.c.model == model) & (facts.c.key == key)))
            if value is not None:
                at = now(connection)
                connection.execute(insert(facts).values(model=model, key=key, value=text, set_at=at))
