"""Expressions: the user's SQL conditions and KPIs, as columns of a batch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from watchkeeper.errors import ModelError
from watchkeeper.model import Model, Where
from watchkeeper.model.nearest import did_you_mean
from watchkeeper.sources.engine import quoted_text, scratch

if TYPE_CHECKING:
    pass

__all__ = ["Expression", "expressions_of"]

LISTED = 12  # columns that a message lists


@dataclass(frozen=True)
class Expression:
    """One column that SQL computes from each row by itself.

    Attributes
    ----------
    name : the column it becomes, ``where:premium`` or ``kpi:revenue``
    key : how messages call it
    sql : a scalar expression over columns
    type : BOOLEAN or DOUBLE
    columns : those that it reads
    """

    name: str
    key: str
    sql: str
    type: str
    columns: tuple[str, ...] = ()

    def error(self, reason: str, columns: Sequence[str]) -> ModelError:
        listed = ", ".join(columns[:LISTED]) + (", …" if len(columns) > LISTED else "")
        return ModelError(f"{self.key}: {self.sql!r} cannot be computed: {reason}; the columns are {listed}")

    def over(self, batch: pa.RecordBatch | pa.Table, timezone: str) -> pa.Array:
        """(n,) its values; null where SQL says NULL.

        Raises
        ------
        ModelError
            names the key, the expression and DuckDB's reason
        """
        import duckdb

        kept = [n for n in self.columns if n in batch.schema.names] or batch.schema.names[:1]
        try:
            relation = scratch(timezone).from_arrow(pa.table(batch.select(kept)))
            computed = relation.select(
                duckdb.SQLExpression(self.sql).cast(duckdb.type(self.type)).alias("value")
            )
            column = computed.to_arrow_table().column("value").combine_chunks()
        except (duckdb.Error, pa.ArrowException) as failure:
            raise self.error(_reason(failure), batch.schema.names) from None
        return column


def expressions_of(model: Model, schema: pa.Schema) -> tuple[Expression, ...]:
    """The model's conditions and KPIs, checked against the columns there are.

    Raises
    ------
    ModelError
        for SQL that cannot be read, reads columns that are not there, or is no function of one row
    """
    return tuple(_checked(e, schema, model.timezone) for e in _declared(model))


def _declared(model: Model) -> Iterator[Expression]:
    parts = {
        part.name: part for split in model.segmentations for part in split.parts if isinstance(part, Where)
    }
    for where in parts.values():
        yield Expression(
            f"where:{where.name}", f"segments: Where({where.name!r})", where.condition, "BOOLEAN"
        )
    for name, (_, sql) in model.parsed_kpis.items():
        yield Expression(f"kpi:{name}", f"kpis: {name!r}", sql, "DOUBLE")


def _checked(expression: Expression, schema: pa.Schema, timezone: str) -> Expression:
    tree = _tree(expression, schema)
    for node in _nodes(tree):
        if node.get("class") in ("SUBQUERY", "WINDOW"):
            raise expression.error("it must be computed from each row by itself", schema.names)
    columns = tuple(dict.fromkeys(_column(expression, node, schema) for node in _references(tree, schema)))
    found = Expression(expression.name, expression.key, expression.sql, expression.type, columns)
    empty = schema.empty_table()
    if len(found.over(empty, timezone)):
        raise expression.error(
            "it aggregates rows, and must be computed from each row by itself", schema.names
        )
    return found


def _tree(expression: Expression, schema: pa.Schema) -> Any:
    """The syntax tree, after DuckDB has read the text as one expression."""
    import duckdb

    try:
        duckdb.SQLExpression(expression.sql)
    except duckdb.Error as failure:
        raise expression.error(_reason(failure), schema.names) from None
    query = quoted_text(f"SELECT ({expression.sql}\n)")
    found = scratch().sql(f"SELECT json_serialize_sql({query}) AS tree").to_arrow_table()
    return json.loads(found.column("tree")[0].as_py())


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(part)


def _references(tree: Any, schema: pa.Schema) -> Iterator[str]:
    for node in _nodes(tree):
        if node.get("class") == "COLUMN_REF":
            yield str(node["column_names"][0])
        elif node.get("class") == "STAR":
            yield from schema.names


def _column(expression: Expression, word: str, schema: pa.Schema) -> str:
    """The column that SQL means: names differ in more than case, except where one is exactly that."""
    if word in schema.names:
        return word
    alike: list[str] = [name for name in schema.names if name.lower() == word.lower()]
    if alike:
        return alike[0]
    raise expression.error(f"there is no column {word!r}{did_you_mean(word, schema.names)}", schema.names)


def _reason(failure: BaseException) -> str:
    lines = str(failure).strip().split("\n")
    return lines[0].removeprefix("Invalid Input Error: ")[:200]
