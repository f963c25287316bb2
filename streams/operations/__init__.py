"""What the people who run the workers see: metrics, health, logs."""
