"""What registering means, in thirty lines: the oracle that the service is compared with."""

from collections import Counter
from dataclasses import dataclass, field

MOST_TIMES = 10


@dataclass
class Model:
    """One event. `told` is what the world has heard, in order; `capacity` None means unlimited."""

    capacity: int | None
    seats: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)
    times: Counter[int] = field(default_factory=Counter)
    told: list[tuple[str, int]] = field(default_factory=list)
    is_open: bool = True

    @property
    def is_full(self) -> bool:
        return self.capacity is not None and len(self.seats) >= self.capacity

    def register(self, user: int, *, may_wait: bool) -> bool:
        is_known = user in {*self.seats, *self.waiting, *self.removed} or self.times[user] == MOST_TIMES
        if not self.is_open or is_known or (self.is_full and not may_wait):
            return False
        place, word = (self.waiting, "waitlisted") if self.is_full else (self.seats, "created")
        place.append(user)
        self.times[user] += 1
        self.told.append((word, user))
        return True

    def leave(self, user: int) -> None:
        for place in (self.seats, self.waiting):
            if self.is_open and user in place:
                place.remove(user)
                self.told.append(("cancelled", user))
        self.promote()

    def resize(self, capacity: int | None) -> bool:
        if not self.is_open or (capacity is not None and capacity < len(self.seats)):
            return False
        self.capacity = capacity
        self.promote()
        return True

    def promote(self) -> None:
        while self.is_open and self.waiting and not self.is_full:
            self.seats.append(self.waiting.pop(0))
            self.told.append(("promoted", self.seats[-1]))

    def cancel(self) -> None:
        self.seats, self.waiting, self.is_open = [], [], False
