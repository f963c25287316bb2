"""Chinese text: fold, tokenise, mask personal data, find places, compare. Knows no city and imports no other room."""
