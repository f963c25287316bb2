"""What other people's programs import. Imports no room of the application."""
