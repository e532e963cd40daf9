"""A case becomes findings, a verdict and the first line; one table holds every detector."""
