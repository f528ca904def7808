"""Finding events by words: ranked, forgiving of typos, with figures of what was found."""
