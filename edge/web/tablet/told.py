"""What a customer told us themselves, in words for the associate who helps them.

Only what they declared: what they bought is in the suggestions, as a category of reason, and in
no word here (screens.md, "Inactivity & privacy rules", 5 and 9).
"""

from edge.catalog.site import Site
from edge.decide.values import Reason, Recognised
from edge.identity.consent import Purpose
from edge.web import reasons
from edge.web.i18n import _, speech
from edge.web.phone.my_data_view import kind, product
from edge.web.staff_ports import CustomerCard


def told(card: CustomerCard, site: Site) -> tuple[str, ...]:
    """Return what they told us, one sentence each; () when it is nothing."""
    known = card.recognised
    if Purpose.TASTES not in card.greeting.purposes:
        return ()
    starred = sorted(product(site, sku).name for sku in known.starred)
    likes = (_("Likes: %(names)s.", names=", ".join(starred)),) if starred else ()
    return (
        *likes,
        *(
            _ended(_("Rather less of: %(names)s.", names=_kind(site, o)))
            for o in sorted(known.less)
        ),
        *(
            _ended(_("Never suggest: %(names)s.", names=_kind(site, o)))
            for o in sorted(known.muted)
        ),
        *_surprise(known),
        *_help(card),
    )


def why(reason: Reason, when: str) -> str:
    """Return why something is suggested, as one says it of a customer and not to them."""
    likes = _("It goes with what they like.")
    own = {
        Reason.YOUR_USUAL: _("It is one of what they like."),
        Reason.PAST_ORDERS_HERE: likes,
        Reason.GOES_WITH_TASTES: likes,
        Reason.NEW_FOR_YOU: _("It is new, and goes with what they like."),
        Reason.STATED_TASTE: _("They told us so themselves."),
    }
    return own.get(reason) or reasons.sentence(reason, when, speech())


def _ended(sentence: str) -> str:
    """Return a sentence that ends once: what stands for more of the kind ends it already."""
    return sentence.removesuffix(".") if sentence.endswith("….") else sentence


def _kind(site: Site, category: str) -> str:
    return kind(site, category).name


def _surprise(known: Recognised) -> tuple[str, ...]:
    if known.surprise == "more":
        return (_("Likes to be surprised."),)
    return (_("Wants no surprises."),) if known.surprise == "none" else ()


def _help(card: CustomerCard) -> tuple[str, ...]:
    if card.greeting.help_level == "more":
        return (_("Is glad of help with choosing."),)
    if card.greeting.help_level == "less":
        return (_("Would rather choose alone: wait until they ask."),)
    return ()
