"""From a till's export to a ranking model: ``python -m models.training fit DATASET.toml``."""
