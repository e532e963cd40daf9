"""otadiff inside the tools that firmware engineers already run: pytest, idf.py, pre-commit."""
