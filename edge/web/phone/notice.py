"""What a customer reads before they answer, and the proof of its very words.

Each purpose says what is kept for it and how long. A page that asks is rendered as a fragment
without anything that changes from request to request; its words and its markup are hashed, the
form carries the hashes back, and only an answer to what is shown now can give a purpose.

Source: security.md, "Consent record"; decided.md 28, 35, 36.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from flask import render_template
from markupsafe import Markup

from edge.identity.consent import VALID_FOR, Notice, Purpose
from edge.identity.terms import TERMS
from edge.web.i18n import _, speech
from edge.web.phone.visit import Desk

VERSION: Final = "2.0"
"""Raised with every change of the words; a new first number ends consent to the older ones."""
CONSENT: Final = "phone-consent"
MY_DATA: Final = "phone-my-data"
UNSEEN_DAYS: Final = TERMS[Purpose.TASTES].retention_days
"""Days without a visit after which everything is deleted."""
HISTORY_DAYS: Final = TERMS[Purpose.PAST_ORDERS].retention_days
AT_MOST_DAYS: Final = VALID_FOR.days
PROOF_YEARS: Final = 3
SEPARATOR: Final = "|"
AGE: Final = 16
"""Below it nobody is asked; the strictest of the countries we know."""


@dataclass(frozen=True, slots=True)
class Terms:
    """One purpose in the customer's language: its name, what it is for, how long it is kept."""

    purpose: Purpose
    name: str
    benefit: str
    kept: str


@dataclass(frozen=True, slots=True)
class Page:
    """A fragment that asks for consent, and the notice that an answer to it relies on."""

    html: Markup
    notice: Notice

    @property
    def proof(self) -> str:
        """Return what the form carries back to tell which words were shown."""
        notice = self.notice
        shown = (notice.notice_id, notice.version, notice.language)
        return SEPARATOR.join((*shown, notice.text_sha256.hex(), notice.ui_sha256.hex()))


def terms() -> tuple[Terms, ...]:
    """Return the three purposes in the words of this request's language."""
    return (
        Terms(
            Purpose.TASTES,
            _("Remember my tastes"),
            _("What you star, mute or tell us steers what is suggested to you."),
            _(
                "Kept until %(days)s days after your last visit, at most %(most)s days.",
                days=UNSEEN_DAYS,
                most=AT_MOST_DAYS,
            ),
        ),
        Terms(
            Purpose.PAST_ORDERS,
            _("Use my past orders here"),
            _("Your usual is one tap away, and we find what goes with it."),
            _(
                "Each order is kept for %(history)s days, and all of them until %(days)s days"
                " after your last visit.",
                history=HISTORY_DAYS,
                days=UNSEEN_DAYS,
            ),
        ),
        Terms(
            Purpose.PHONE_OFFERS,
            _("Tell me about offers on my phone"),
            _("This page lists what the shop offers today. No messages are sent."),
            _(
                "Only this yes is kept, until %(days)s days after your last visit, at most"
                " %(most)s days.",
                days=UNSEEN_DAYS,
                most=AT_MOST_DAYS,
            ),
        ),
    )


def consent_page(desk: Desk) -> Page:
    """Return the page that asks for the first time: everything is off."""
    return page(CONSENT, "phone/_consent.html", desk, frozenset())


def purposes_page(desk: Desk, in_force: frozenset[Purpose]) -> Page:
    """Return the part of "My data" that asks: what is in force is on."""
    return page(MY_DATA, "phone/_purposes.html", desk, in_force)


def page(notice_id: str, template: str, desk: Desk, in_force: frozenset[Purpose]) -> Page:
    """Return ``template`` in this request's language, and the notice over what it says."""
    html = Markup(  # noqa: S704 - rendered by our own template, which escapes what it is given
        render_template(
            template,
            site=desk.site,
            controller=desk.controller,
            may_give=desk.may_give,
            terms=terms(),
            in_force=in_force,
            days_ahead=desk.days_ahead,
            unseen_days=UNSEEN_DAYS,
            proof_years=PROOF_YEARS,
            age=AGE,
        )
    )
    notice = Notice(
        notice_id=notice_id,
        version=VERSION,
        text_sha256=hashlib.sha256(html.striptags().encode()).digest(),
        ui_sha256=hashlib.sha256(html.encode()).digest(),
        language=speech().language,
    )
    return Page(html, notice)


def language_of(proof: str) -> str | None:
    """Return the language of the words that ``proof`` stands for."""
    parts = proof.split(SEPARATOR)
    return parts[2] if len(parts) == 5 else None
