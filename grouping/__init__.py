"""Same incident: which open problem a report belongs to."""
