"""Recognition, purely: tokens a customer presents, consent, and what may be known."""
