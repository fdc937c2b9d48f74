"""Which devices are told of a customer, and of which customers a device is told: one rule, both ways.

A device of the same shop group is told if it is in reach, or holds the customer already; not if it
has forgotten them by itself.
"""

from typing import Final, LiteralString

DUE: Final[LiteralString] = """
SELECT pseudonym FROM customer WHERE is_due AND (empty_since IS NULL OR empty_since <= %s)
ORDER BY pseudonym LIMIT %s
"""
CUSTOMER: Final[LiteralString] = """
SELECT pseudonym, beacon_key, group_id, language, since_at, site FROM customer WHERE pseudonym = %s
"""
LISTENERS: Final[LiteralString] = """
SELECT p.device FROM customer_place p
LEFT JOIN customer_device h ON h.device = p.device AND h.pseudonym = %(pseudonym)s
WHERE p.group_id = %(group)s AND h.let_go IS NOT TRUE
  AND (%(is_group)s OR p.site = %(site)s OR h.device IS NOT NULL)
ORDER BY p.device
"""
TASTES_DUE: Final[LiteralString] = """
SELECT p.pseudonym, p.said_by FROM customer_profile p JOIN customer c ON c.pseudonym = p.pseudonym
WHERE p.due_at <= %s ORDER BY p.due_at, p.pseudonym LIMIT %s
"""
TASTES_LISTENERS: Final[LiteralString] = """
SELECT p.device FROM customer_place p
LEFT JOIN customer_device h ON h.device = p.device AND h.pseudonym = %(pseudonym)s
WHERE p.group_id = %(group)s AND h.let_go IS NOT TRUE AND p.device <> %(said_by)s
  AND (%(is_group)s OR p.site = %(site)s OR h.device IS NOT NULL)
  AND (p.is_online OR p.renewed_day >= %(today)s)
ORDER BY p.device
"""
"""Whoever is away since before today is written everything when it is back (``TO_RENEW``)."""
TO_RENEW: Final[LiteralString] = """
SELECT device, group_id, site, renewed_to FROM customer_place
WHERE renewed_day < %s AND is_online ORDER BY device LIMIT 1 FOR UPDATE
"""
OF_DEVICE: Final[LiteralString] = """
SELECT c.pseudonym, c.beacon_key, c.group_id, c.language, c.since_at, c.site FROM customer c
LEFT JOIN customer_device h ON h.device = %(device)s AND h.pseudonym = c.pseudonym
WHERE c.group_id = %(group)s AND h.let_go IS NOT TRUE
  AND (%(is_group)s OR c.site = %(site)s OR h.device IS NOT NULL) AND c.pseudonym > %(after)s
ORDER BY c.pseudonym LIMIT %(most)s
"""
