"""Where the made-up events take place and their guests live: many time zones, accents, and the edges of the map."""

from typing import NamedTuple


class City(NamedTuple):
    """A city; degrees north and east."""

    name: str
    country: str
    latitude: float
    longitude: float
    timezone: str
    currency: str

    @property
    def location(self) -> str:
        """As organisers and profiles write it."""
        return f"{self.name}, {self.country}"

    @property
    def language(self) -> str:
        """`fr` or `en`: the language of its titles."""
        return "fr" if self.country in FRENCH_SPEAKING or self.name in FRENCH_SPEAKING else "en"


FRENCH_SPEAKING = ("France", "Belgique", "Genève", "Montréal", "Québec", "Lausanne", "Sénégal", "Côte d'Ivoire")

# From the busiest to the quietest: the n-th has 1 / (n + 2) of the weight.
CITIES = (
    City("Paris", "France", 48.8566, 2.3522, "Europe/Paris", "EUR"),
    City("London", "UK", 51.5074, -0.1278, "Europe/London", "GBP"),
    City("San Francisco", "CA", 37.7749, -122.4194, "America/Los_Angeles", "USD"),
    City("Berlin", "Germany", 52.52, 13.405, "Europe/Berlin", "EUR"),
    City("New York", "NY", 40.7128, -74.006, "America/New_York", "USD"),
    City("Lyon", "France", 45.764, 4.8357, "Europe/Paris", "EUR"),
    City("Genève", "Suisse", 46.2044, 6.1432, "Europe/Zurich", "CHF"),
    City("Montréal", "Canada", 45.5019, -73.5674, "America/Toronto", "CAD"),
    City("Amsterdam", "Netherlands", 52.3676, 4.9041, "Europe/Amsterdam", "EUR"),
    City("Barcelona", "Spain", 41.3874, 2.1686, "Europe/Madrid", "EUR"),
    City("Bangalore", "India", 12.9716, 77.5946, "Asia/Kolkata", "INR"),
    City("Zürich", "Switzerland", 47.3769, 8.5417, "Europe/Zurich", "CHF"),
    City("Lausanne", "Suisse", 46.5197, 6.6323, "Europe/Zurich", "CHF"),
    City("Toulouse", "France", 43.6047, 1.4442, "Europe/Paris", "EUR"),
    City("München", "Germany", 48.1351, 11.582, "Europe/Berlin", "EUR"),
    City("Madrid", "Spain", 40.4168, -3.7038, "Europe/Madrid", "EUR"),
    City("Singapore", "Singapore", 1.3521, 103.8198, "Asia/Singapore", "SGD"),
    City("São Paulo", "Brazil", -23.5505, -46.6333, "America/Sao_Paulo", "BRL"),
    City("Tokyo", "Japan", 35.6762, 139.6503, "Asia/Tokyo", "JPY"),
    City("Nantes", "France", 47.2184, -1.5536, "Europe/Paris", "EUR"),
    City("Liège", "Belgique", 50.6326, 5.5797, "Europe/Brussels", "EUR"),
    City("Orléans", "France", 47.903, 1.9093, "Europe/Paris", "EUR"),
    City("Nîmes", "France", 43.8367, 4.3601, "Europe/Paris", "EUR"),
    City("Saint-Étienne", "France", 45.4397, 4.3872, "Europe/Paris", "EUR"),
    City("Besançon", "France", 47.2378, 6.0241, "Europe/Paris", "EUR"),
    City("Köln", "Germany", 50.9375, 6.9603, "Europe/Berlin", "EUR"),
    City("Málaga", "Spain", 36.7213, -4.4214, "Europe/Madrid", "EUR"),
    City("Québec", "Canada", 46.8139, -71.208, "America/Toronto", "CAD"),
    City("Dakar", "Sénégal", 14.7167, -17.4677, "Africa/Dakar", "XOF"),
    City("Abidjan", "Côte d'Ivoire", 5.36, -4.0083, "Africa/Abidjan", "XOF"),
    City("Łódź", "Poland", 51.7592, 19.456, "Europe/Warsaw", "PLN"),
    City("Göteborg", "Sweden", 57.7089, 11.9746, "Europe/Stockholm", "SEK"),
    City("Reykjavík", "Iceland", 64.1466, -21.9426, "Atlantic/Reykjavik", "ISK"),
    City("Austin", "TX", 30.2672, -97.7431, "America/Chicago", "USD"),
    City("Béziers", "France", 43.3442, 3.2158, "Europe/Paris", "EUR"),
    City("Angoulême", "France", 45.6484, 0.1562, "Europe/Paris", "EUR"),
    City("Auckland", "New Zealand", -36.8509, 174.7645, "Pacific/Auckland", "NZD"),
    City("Suva", "Fiji", -18.1248, 178.4501, "Pacific/Fiji", "FJD"),
    City("Apia", "Samoa", -13.8507, -171.7514, "Pacific/Apia", "WST"),
    City("Longyearbyen", "Svalbard", 78.2232, 15.6267, "Arctic/Longyearbyen", "NOK"),
)

WEIGHTS = tuple(1 / (rank + 2) for rank in range(len(CITIES)))
