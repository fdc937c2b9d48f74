"""Recognising customers: the use cases behind codes, beacons, the phone page and consent."""
