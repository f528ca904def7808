"""Where events are: points on a sphere of radius 1 (the column `place`), and the chords between them.

A chord grows with the distance along the great circle and has no seam at the antimeridian and no pole, so the order and
the radius of an index of points are those on the ground; only the number of kilometres has to be worked out.
"""

import math
from typing import Any

from django.db.models import BooleanField, Expression, ExpressionWrapper, F, FloatField, Value
from django.db.models.functions import ASin, Least

EARTH_RADIUS_KM = 6371.0088
"""The mean radius of the Earth (IUGG)."""
POINT = "event_place(%s::numeric, %s::numeric)"


def chord_of(distance_km: float) -> float:
    """The straight line, in radii of the Earth, to what is that far away along the great circle; at most 2."""
    return 2 * math.sin(min(distance_km / EARTH_RADIUS_KM, math.pi) / 2)


def distance_of(chord: str) -> Expression:
    """The kilometres along the great circle to the end of the chord that the query has under this name."""
    angle = 2 * ASin(Least(F(chord) / Value(2.0), Value(1.0)))
    return ExpressionWrapper(EARTH_RADIUS_KM * angle, output_field=FloatField())


class Chord(Expression):
    """The chord from a point to the event; null without coordinates. In its order the index gives the nearest first."""

    output_field = FloatField()

    def __init__(self, latitude: float, longitude: float) -> None:
        super().__init__()
        self.point = [latitude, longitude]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """The operator that the index knows."""
        return f"(events.place <-> {POINT})", self.point


class IsInBox(Expression):
    """True in the cube around a point whose half edge is `chord`: what the index finds; its corners are further off."""

    output_field = BooleanField()

    def __init__(self, latitude: float, longitude: float, chord: float) -> None:
        super().__init__()
        self.box = [latitude, longitude, chord]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Containment in a box of the index's own kind."""
        return f"(events.place <@ cube_enlarge({POINT}, %s::float8, 3))", self.box
