"""The kiosk: a shopper orders here, as a guest, and leaves nothing behind."""
