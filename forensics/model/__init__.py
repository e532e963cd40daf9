"""The nouns of otadiff: frozen dataclasses that every stage speaks. Imports only the standard library."""
