"""Text to category, candidate units and urgency, with confidence and evidence. Proposes; casework decides."""
