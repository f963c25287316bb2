"""How problems are handled, told as stories on a real pool."""
