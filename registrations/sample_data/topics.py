"""What the made-up events are about, and the words that they are described in."""

from typing import NamedTuple


class Topic(NamedTuple):
    """A subject; `industry` and `tags` are also what its people have in their profiles."""

    name: str
    industry: str
    tags: tuple[str, ...]


# From the most to the least popular.
TOPICS = (
    Topic("AI", "Technology", ("ai", "machine-learning", "tech")),
    Topic("Startup", "Technology", ("startup", "founders", "funding")),
    Topic("Python", "Technology", ("python", "programming", "tech")),
    Topic("Product Management", "Product", ("product", "roadmap", "agile")),
    Topic("Cloud", "Technology", ("cloud", "kubernetes", "devops")),
    Topic("UX Design", "Design", ("design", "ux", "research")),
    Topic("Data Engineering", "Technology", ("data", "kafka", "postgresql")),
    Topic("Marketing", "Marketing", ("marketing", "growth", "brand")),
    Topic("Cybersecurity", "Technology", ("security", "privacy", "tech")),
    Topic("Fintech", "Finance", ("fintech", "payments", "banking")),
    Topic("Leadership", "Management", ("leadership", "management", "coaching")),
    Topic("Blockchain", "Technology", ("blockchain", "web3", "crypto")),
    Topic("Remote Work", "Human Resources", ("remote", "culture", "hr")),
    Topic("Django", "Technology", ("django", "python", "web")),
    Topic("Sales", "Sales", ("sales", "negotiation", "crm")),
    Topic("Healthtech", "Health", ("health", "medtech", "startup")),
    Topic("Climate", "Energy", ("climate", "energy", "sustainability")),
    Topic("React", "Technology", ("react", "javascript", "frontend")),
    Topic("Recruiting", "Human Resources", ("jobs", "careers", "hr")),
    Topic("Data Science", "Technology", ("data", "statistics", "machine-learning")),
    Topic("Gaming", "Media", ("games", "unity", "creative")),
    Topic("Rust", "Technology", ("rust", "programming", "performance")),
    Topic("Real Estate", "Real Estate", ("real-estate", "investment", "proptech")),
    Topic("Legal Tech", "Law", ("law", "compliance", "gdpr")),
    Topic("Robotics", "Manufacturing", ("robotics", "hardware", "iot")),
    Topic("E-commerce", "Retail", ("ecommerce", "retail", "logistics")),
    Topic("Storytelling", "Media", ("storytelling", "writing", "speaking")),
    Topic("Public Speaking", "Management", ("speaking", "coaching", "confidence")),
    Topic("Biotech", "Health", ("biotech", "science", "research")),
    Topic("Kubernetes", "Technology", ("kubernetes", "cloud", "platform")),
    Topic("Women in Tech", "Technology", ("diversity", "tech", "networking")),
    Topic("Edtech", "Education", ("education", "learning", "startup")),
    Topic("Supply Chain", "Logistics", ("logistics", "supply-chain", "operations")),
    Topic("Photography", "Media", ("photography", "creative", "art")),
    Topic("Quantum Computing", "Technology", ("quantum", "physics", "research")),
    Topic("Agritech", "Agriculture", ("agriculture", "food", "sustainability")),
    Topic("Wine Business", "Hospitality", ("wine", "hospitality", "export")),
    Topic("Space Industry", "Aerospace", ("space", "engineering", "research")),
    Topic("Accessibility", "Design", ("accessibility", "design", "web")),
    Topic("Open Source", "Technology", ("open-source", "community", "programming")),
)

WEIGHTS = tuple(1 / (rank + 3) for rank in range(len(TOPICS)))

CATEGORY_WEIGHTS = {"Meetup": 30, "Networking": 25, "Workshop": 18, "Webinar": 14, "Conference": 8, "Career": 5}

TITLES = {
    "en": {
        "Meetup": ("{topic} Meetup {city}", "{city} {topic} Night", "{topic} and Pizza with {person}"),
        "Networking": ("{topic} Networking in {city}", "Networking Breakfast: {topic}", "{city} {topic} Drinks"),
        "Workshop": ("Hands-on {topic}", "{topic} for Beginners", "Advanced {topic} with {person}"),
        "Webinar": ("{topic} in 45 Minutes", "Live: {person} on {topic}", "{topic}: Questions and Answers"),
        "Conference": ("{topic} Summit {city}", "{city} {topic} Days", "The State of {topic}"),
        "Career": ("{topic} Job Fair {city}", "Careers in {topic}", "Hiring Night: {topic}"),
    },
    "fr": {
        "Meetup": ("Rencontre {topic} à {city}", "Soirée {topic} à {city}", "Apéro {topic} avec {person}"),
        "Networking": ("Networking {topic} à {city}", "Petit-déjeuner {topic}", "Réseau {topic} de {city}"),
        "Workshop": ("Atelier {topic} à {city}", "{topic} pour débutants", "Maîtriser {topic} avec {person}"),
        "Webinar": ("{topic} en 45 minutes", "En direct : {topic} avec {person}", "{topic} : vos questions"),
        "Conference": ("Congrès {topic} de {city}", "Journées {topic} à {city}", "L'état de l'art : {topic}"),
        "Career": ("Forum emploi {topic} à {city}", "Carrières en {topic}", "Soirée recrutement : {topic}"),
    },
}

SENTENCES = {
    "en": (
        "Meet the people who build {topic} every day and hear what they would do again.",
        "{person} shows what went wrong in production and how the team found out.",
        "Bring your laptop: we start with a small example and end with something that works.",
        "Doors open half an hour early; there is coffee, and a quiet room for calls.",
        "Whether you hire, look for a job or just want to talk about {topic}, you are welcome.",
        "Three short talks, then an open discussion about budgets, tools and mistakes.",
        "The venue has step-free access, and talks are captioned.",
        "Last time we were sold out a week before, so reserve your seat in time.",
        "Seats are limited; please give yours back when your plans change.",
        "We collect questions beforehand and answer every single one.",
    ),
    "fr": (
        "Venez rencontrer celles et ceux qui pratiquent {topic} au quotidien et partagent leurs retours d'expérience.",
        "{person} raconte ce qui a échoué en production et comment l'équipe s'en est aperçue.",
        "Apportez votre ordinateur : on commence par un petit exemple, on finit avec quelque chose qui marche.",
        "Accueil une demi-heure avant le début, avec café et viennoiseries.",
        "Que vous recrutiez, cherchiez un poste ou vouliez simplement parler de {topic}, vous êtes les bienvenus.",
        "Trois courtes présentations, puis un débat ouvert sur les budgets, les outils et les erreurs.",
        "La salle est accessible de plain-pied et les présentations sont sous-titrées.",
        "La dernière édition affichait complet une semaine avant : réservez votre place à temps.",
        "Le nombre de places est limité ; merci de libérer la vôtre en cas d'empêchement.",
        "Nous recueillons vos questions à l'avance et répondons à chacune d'elles.",
    ),
}

FIRST = (
    "Amélie Noé Chloé Zoë François Hélène Jérôme Léa Anaïs Benoît Inès Théo Ada Grace Linus Margaret Alan Barbara"
    " Ken Frances Dennis Radia Guido Katherine Tim Sophie Miguel Lucía Jürgen Søren Agnieszka Priya Arjun Yuki Kenji"
    " Fatou Moussa Aïssatou Olga Dmitri"
)
LAST = (
    "Lefèvre Dupont Garnier Châtelain Béranger Moreau Rousseau Lemaître Girard Müller Schäfer Weiß Nguyen Patel Kim"
    " Tanaka García Fernández Rossi Bianchi Kowalski Nowak Andersson Hansen O'Brien MacLeod Okafor Diop Traoré Silva"
    " Pereira Ivanova Popescu Novák Horváth Papadopoulos Şahin Haddad Cohen Rahman"
)
FIRST_NAMES, LAST_NAMES = FIRST.split(), LAST.split()
