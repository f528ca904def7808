"""Titles and descriptions of made-up events, in English and French."""

from random import Random

from registrations.sample_data.places import City
from registrations.sample_data.topics import SENTENCES, TITLES, Topic


def write_title(random: Random, topic: Topic, city: City, category: str, person: str) -> str:
    """One of the category's forms in the language of the city; a third belong to a numbered series."""
    forms = TITLES[city.language][category]
    title = random.choice(forms).format(topic=topic.name, city=city.name, person=person)
    return f"{title} #{int(random.random() ** 3 * 200) + 1}" if random.random() < 0.33 else title


def write_description(random: Random, topic: Topic, city: City, person: str) -> str:
    """Two to four sentences."""
    sentences = random.sample(SENTENCES[city.language], random.choice((2, 3, 3, 4)))
    return " ".join(sentences).format(topic=topic.name, person=person)
