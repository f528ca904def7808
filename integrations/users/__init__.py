"""What this service knows of users and asks user-service about them."""
