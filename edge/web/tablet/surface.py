"""The associate's tablet: who needs help now, what is sold out, the weather, guided selling.

Nothing but a customer's own card shows anything about a shopper, and nothing keeps it. The
guide's answers travel in its addresses and end with it.
"""

from flask import Blueprint

from edge.policy.roles import Action
from edge.web.access import may_do
from edge.web.i18n import asked_language, speak
from edge.web.parts import parts
from edge.web.ports import Services
from edge.web.tablet import customer as tablet_customer
from edge.web.tablet import guide as tablet_guide
from edge.web.tablet import now as tablet_now
from edge.web.tablet import sign_in as tablet_sign_in
from edge.web.tablet import stock as tablet_stock
from edge.web.tablet.session import LOCK, signed_in
from edge.web.tablet.view import screen_id


def blueprint(services: Services) -> Blueprint:
    """Serve the tablet."""
    pages = Blueprint("tablet", __name__, url_prefix="/tablet")

    @pages.before_request
    def admit() -> None:
        speak(asked_language(services.site()))

    @pages.context_processor
    def frame() -> dict[str, object]:
        session = signed_in(services)
        return {
            "site": services.site(),
            "region": parts().region(),
            "screen_id": screen_id(services),
            "waiting": sum(call.seen_at is None for call in parts().help_desk.open()),
            "member": session,
            "lock_ms": int(LOCK.total_seconds() * 1000) if session else 0,
            "has_team": services.staff is not None,
            "may_help": may_do(services, Action.HELP_SHOPPERS),
            "may_change_stock": may_do(services, Action.CHANGE_STOCK),
        }

    for module in (tablet_sign_in, tablet_now, tablet_guide, tablet_stock, tablet_customer):
        module.add(pages, services)
    return pages
