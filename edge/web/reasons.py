"""The words for why something is shown: a row's title, a board's chip, a sentence.

Every shown offer has the reason its computation had; here it is put into words, once for all
surfaces. What a recognised customer bought, and when, is in none of them (decided.md 23).
"""

from edge.catalog.site import Site
from edge.decide.values import Reason, Slate
from edge.web.speech import Speech


def during(site: Site, daypart_id: str | None, speech: Speech) -> str:
    """Return the daypart inside a sentence ("this morning"); "right now" outside every one."""
    part = next((p for p in site.header.dayparts if p.id == daypart_id), None)
    return speech.words(part.during) if part else speech.gettext("right now")


def chip(reason: Reason, when: str, speech: Speech) -> str:
    """Return the few words beside one product; ``when`` is from ``during``."""
    _ = speech.gettext
    words = {
        Reason.TIME_OF_DAY: _("Often chosen %(when)s", when=when),
        Reason.POPULAR_NOW: _("Popular here %(when)s", when=when),
        Reason.POPULAR_HERE: _("Popular here"),
        Reason.GOES_WITH_BASKET: _("Goes well with your order"),
        Reason.PAST_ORDERS_HERE: _("Goes with what you like"),
        Reason.YOUR_USUAL: _("Your usual"),
        Reason.GOES_WITH_TASTES: _("Goes with what you like"),
        Reason.NEW_FOR_YOU: _("New for you"),
        Reason.STATED_TASTE: _("As you asked"),
        Reason.SOMETHING_DIFFERENT: _("Something different"),
        Reason.LOW_PRICE: _("A small price"),
        Reason.NEW_HERE: _("New on our menu"),
        Reason.STAFF_PICK: _("Our team's pick"),
        Reason.SPONSORED: _("Sponsored"),
        Reason.WEATHER: _("Right for this weather"),
        Reason.HOUSE_FAVOURITE: _("A house favourite"),
    }
    return words[reason]


def strip_title(slate: Slate, when: str, speech: Speech) -> str:
    """Return the title of a row: the reason most of it has, the first slot's where they tie.

    The slot that is drawn by chance, and a labelled one, never name the whole row.
    """
    own = [s.reason for s in slate.shown if not s.is_explored and not s.is_sponsored]
    if not own:
        return speech.gettext("You might like")
    counts = {reason: own.count(reason) for reason in own}
    return chip(max(counts, key=lambda reason: counts[reason]), when, speech)


def sentence(reason: Reason, when: str, speech: Speech) -> str:
    """Return the main reason as one plain sentence, for "Why am I seeing this?"."""
    _ = speech.gettext
    words = {
        Reason.TIME_OF_DAY: _("People here often choose it %(when)s.", when=when),
        Reason.POPULAR_NOW: _("Many people here are ordering it %(when)s.", when=when),
        Reason.POPULAR_HERE: _("Many people here order this."),
        Reason.GOES_WITH_BASKET: _("People often order this together with what you chose."),
        Reason.PAST_ORDERS_HERE: _("It goes with what you ordered here before."),
        Reason.YOUR_USUAL: _("You ordered it here before, or gave it a star."),
        Reason.GOES_WITH_TASTES: _("People often order it together with something you like."),
        Reason.NEW_FOR_YOU: _(
            "It is not among your past orders, and goes with something you like."
        ),
        Reason.STATED_TASTE: _("You told us: with a star, or that you like surprises."),
        Reason.SOMETHING_DIFFERENT: _("We are trying different orders of items."),
        Reason.LOW_PRICE: _("It is among the least expensive things here, for everybody."),
        Reason.NEW_HERE: _("It is new on our menu."),
        Reason.STAFF_PICK: _("Our team picked this."),
        Reason.SPONSORED: _("A supplier pays for this place."),
        Reason.WEATHER: _("It suits the weather outside."),
        Reason.HOUSE_FAVOURITE: _("It is one of our favourites, shown to everybody."),
    }
    return words[reason]
