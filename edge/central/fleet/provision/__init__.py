"""How a device comes to belong: the authority, one-time claims, certificates, what each may say."""
