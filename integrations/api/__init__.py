"""What the HTTP doors of all apps share of the outside world."""
