"""What matching-service is told: who attended what."""
