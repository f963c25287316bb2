"""From bytes to a clean report: validate, mask, seal, locate. Keeps no memory."""
