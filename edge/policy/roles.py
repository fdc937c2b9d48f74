"""Who may do what: one table, and whatever is not in it is denied.

A *role* is what a caller has proven to be, an *action* is what a route does. Conditions that change
by the minute (a customer's token lives, a session is not locked) are not here: they are checked
where the action happens, after this table allowed it.

Source: security.md, "Roles for tablets and operators"; decided.md 38, 40.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What a caller has proven to be."""

    NOBODY = "nobody"
    """Whoever can reach the port."""
    KIOSK = "kiosk"
    """A kiosk's own browser, on the device itself: an anonymous shopper."""
    SIGNAGE = "signage"
    """A board's own browser."""
    PHONE = "phone"
    """A phone that opened a pairing or proved that it holds a customer's key."""
    ASSOCIATE = "associate"
    """Of the team, signed in on an enrolled tablet; so are the next two."""
    LEAD = "lead"
    ADMIN = "admin"
    """Looks after devices and the team, and sees no customer."""
    OPS = "ops"
    """Whoever works on the device itself (loopback); sees no customer."""
    TILL = "till"
    """A till or kitchen with its bearer token."""


class Action(StrEnum):
    """What a route does. Several routes may do the same."""

    # for everybody
    PROBE = "probe"
    """/healthz, /readyz, /version"""
    READ_ASSET = "read asset"
    """/static/, the phone's service worker and manifest"""
    SEE_FIRST_PAGE = "see first page"
    """/ : which screens there are"""

    # screens
    FOLLOW_SCREEN = "follow screen"
    """/live, and a page's signs of life (painted, alive)"""
    SEE_BOARD = "see board"
    """/board/<name>, /board/<name>/state"""
    USE_KIOSK = "use kiosk"
    """/kiosk/ : menu, product, basket, order, allergens, help, language, suggestions, why"""
    BE_RECOGNISED = "be recognised"
    """/kiosk/ : pair, scan, invite, leave, personal"""

    # a customer's own phone
    OPEN_PAIRING = "open pairing"
    """/P/<token>, /p/ with a code: also the proof of a phone that comes back"""
    CONSENT = "consent"
    """the consent page, and giving consent"""
    SEE_MY_DATA = "see my data"
    """my data, export, receipt"""
    CHANGE_MY_DATA = "change my data"
    """correct, purposes, tap, disconnect, withdraw, erase"""

    # the team
    ENROL_TABLET = "enrol tablet"
    """with a one-time code"""
    SIGN_IN = "sign in"
    """the lock page and the PIN; the tablet must be enrolled"""
    SIGN_OUT = "sign out"
    HELP_SHOPPERS = "help shoppers"
    """/tablet/, /tablet/now, ack-help, close-help, /tablet/guide"""
    SEE_STOCK = "see stock"
    """/tablet/stock, read"""
    CHANGE_STOCK = "change stock"
    """/tablet/stock and /api/v1/stock, write"""
    SAY_CONTEXT = "say context"
    """/tablet/weather, /api/v1/context, the demo's /weather"""
    SEE_PRESENCES = "see presences"
    """which screens somebody is recognised at; no people"""
    SEE_CARD = "see card"
    """a customer's card, while their own token lives; audited, 30 an hour"""
    LET_GO = "let go"
    """ "Done with this customer" """
    ASSIST_CONSENT = "assist consent"
    """help a customer consent, withdraw or erase"""
    MANAGE_TEAM = "manage team"
    """add, change, remove people and tablets"""

    # looking after the device
    SEE_OPS = "see ops"
    """/ops/, licences, health"""
    EXPLAIN_DECISION = "explain decision"
    """/ops/decision, /api/v1/explain"""
    READ_METRICS = "read metrics"
    """/metrics"""
    READ_AUDIT = "read audit"
    CHANGE_SETTINGS = "change settings"
    """settings, snapshots, models"""

    # tills and kitchens
    READ_API = "read api"
    """/api/v1/openapi.json, /api/v1/health"""
    SCAN_CODE = "scan code"
    """/api/v1/scan: what a till's own scanner read, a customer's code among it"""
    ASK_DECISION = "ask decision"
    """/api/v1/decide"""
    REPORT_EVENTS = "report events"
    """/api/v1/events"""
    TAKE_ORDER = "take order"
    """/api/v1/orders, write"""
    READ_ORDERS = "read orders"
    """/api/v1/orders, read"""


_EVERYBODY: Final = frozenset({Action.PROBE, Action.READ_ASSET, Action.SEE_FIRST_PAGE})
_TEAM: Final = frozenset(
    {
        Action.FOLLOW_SCREEN,
        Action.SIGN_IN,
        Action.SIGN_OUT,
        Action.HELP_SHOPPERS,
        Action.SEE_STOCK,
        Action.SAY_CONTEXT,
    }
)
_CUSTOMERS: Final = frozenset({Action.SEE_PRESENCES, Action.SEE_CARD, Action.LET_GO})
_HOUSE: Final = frozenset({Action.CHANGE_STOCK, Action.SEE_OPS, Action.EXPLAIN_DECISION})

ALLOWED: Final[Mapping[Role, frozenset[Action]]] = MappingProxyType(
    {
        Role.NOBODY: _EVERYBODY | {Action.OPEN_PAIRING, Action.ENROL_TABLET, Action.SIGN_IN},
        Role.KIOSK: _EVERYBODY | {Action.FOLLOW_SCREEN, Action.USE_KIOSK, Action.BE_RECOGNISED},
        Role.SIGNAGE: _EVERYBODY | {Action.FOLLOW_SCREEN, Action.SEE_BOARD},
        Role.PHONE: _EVERYBODY
        | {
            Action.OPEN_PAIRING,
            Action.CONSENT,
            Action.SEE_MY_DATA,
            Action.CHANGE_MY_DATA,
        },
        Role.ASSOCIATE: _EVERYBODY | _TEAM | _CUSTOMERS,
        Role.LEAD: _EVERYBODY | _TEAM | _CUSTOMERS | _HOUSE | {Action.ASSIST_CONSENT},
        Role.ADMIN: _EVERYBODY
        | _TEAM
        | _HOUSE
        | {Action.MANAGE_TEAM, Action.READ_AUDIT, Action.CHANGE_SETTINGS},
        Role.OPS: _EVERYBODY
        | {
            Action.SEE_OPS,
            Action.EXPLAIN_DECISION,
            Action.READ_METRICS,
            Action.READ_AUDIT,
            Action.READ_API,
            Action.CHANGE_SETTINGS,
        },
        Role.TILL: _EVERYBODY
        | {
            Action.READ_API,
            Action.SCAN_CODE,
            Action.ASK_DECISION,
            Action.REPORT_EVENTS,
            Action.TAKE_ORDER,
            Action.READ_ORDERS,
            Action.CHANGE_STOCK,
            Action.SAY_CONTEXT,
            Action.EXPLAIN_DECISION,
        },
    }
)
"""Role -> what it may do."""


def may(role: Role | str, action: Action | str) -> bool:
    """Say whether ``role`` may do ``action``; a role or an action nobody knows may nothing."""
    try:
        return Action(action) in ALLOWED.get(Role(role), frozenset())
    except ValueError:
        return False
