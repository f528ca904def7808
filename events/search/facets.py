"""How what was found divides by category, tag, month and being virtual: SQL over the table `ranked` of a search."""

LONGEST = 20

# What to count by, and the order: the most frequent first, months as they come.
FACETS = {
    "category": ("category", "count DESC, value"),
    "tags": ("unnest(tags)", "count DESC, value"),
    "month": ("to_char(start_date AT TIME ZONE 'UTC', 'YYYY-MM')", "value"),
    "virtual": ("is_virtual", "count DESC, value"),
}


def facet_sql(value: str, order: str) -> str:
    """A JSON array of {"value", "count"}; an event without a value counts nowhere."""
    return f"""(
        SELECT coalesce(jsonb_agg(jsonb_build_object('value', value, 'count', count) ORDER BY {order}), '[]')
        FROM (
            SELECT value, count(*) AS count FROM (SELECT {value} AS value FROM ranked) AS valued
            WHERE value IS NOT NULL GROUP BY value ORDER BY {order} LIMIT {LONGEST}
        ) AS counted
    )"""


FACETS_SQL = "jsonb_build_object({})".format(
    ", ".join(f"'{name}', {facet_sql(*facet)}" for name, facet in FACETS.items())
)
