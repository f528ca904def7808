"""The HTTP kit that every app builds its door from; it knows no app."""
