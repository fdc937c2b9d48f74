"""The customer's own page on their phone: consent, their code, and what is kept of them."""
