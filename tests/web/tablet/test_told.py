"""What a customer told us is said in words; what they did is not."""

from dataclasses import replace

import pytest
from flask import Flask

from edge.decide.values import Basis, Bought, Reason, Recognised
from edge.identity.consent import Purpose
from edge.web.i18n import speak
from edge.web.recognition_ports import Greeting
from edge.web.staff_ports import CustomerCard
from edge.web.tablet.told import told, why
from tests.fakes.recognition import LATER
from tests.fakes.services import harbour_kitchen

SITE = harbour_kitchen()
KNOWN = Recognised(
    basis=(Basis("r", Purpose.TASTES),),
    bought=(Bought("espresso", 1.0, 9),),
    starred=frozenset({"latte", "croissant"}),
    muted=frozenset({"tea"}),
    less=frozenset({"scone"}),
    surprise="none",
)
MEETS = Greeting("", "more", "none", frozenset({Purpose.TASTES}), LATER)
CARD = CustomerCard("kiosk-1", LATER, KNOWN, MEETS)


def said(app: Flask, card: CustomerCard, language: str = "en") -> tuple[str, ...]:
    with app.test_request_context("/tablet/"):
        speak(language)
        return told(card, SITE)


def test_every_wish_is_a_sentence(app: Flask) -> None:
    lines = said(app, CARD)

    latte, croissant = SITE.product("latte"), SITE.product("croissant")
    assert latte is not None
    assert croissant is not None
    names = ", ".join(sorted((latte.name["en"], croissant.name["en"])))
    assert lines[0] == f"Likes: {names}."
    assert lines[1].startswith("Rather less of: ")
    assert lines[2].startswith("Never suggest: ")
    assert lines[3:] == ("Wants no surprises.", "Is glad of help with choosing.")
    assert not any("Espresso" in line for line in lines)


def test_other_wishes_have_other_words(app: Flask) -> None:
    card = replace(
        CARD,
        recognised=Recognised(KNOWN.basis, surprise="more"),
        greeting=replace(MEETS, help_level="less"),
    )

    assert said(app, card) == (
        "Likes to be surprised.",
        "Would rather choose alone: wait until they ask.",
    )


def test_who_told_us_nothing_has_no_sentence(app: Flask) -> None:
    card = replace(
        CARD, recognised=Recognised(KNOWN.basis), greeting=replace(MEETS, help_level="usual")
    )

    assert said(app, card) == ()


def test_without_the_purpose_nothing_is_said(app: Flask) -> None:
    card = replace(CARD, greeting=replace(MEETS, purposes=frozenset({Purpose.PAST_ORDERS})))

    assert said(app, card) == ()


def test_the_sentences_are_german_for_a_german_tablet(app: Flask) -> None:
    assert said(app, CARD, "de")[3] == "Möchte keine Überraschungen."


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_said_of_the_customer_and_not_to_them(app: Flask, reason: Reason) -> None:
    with app.test_request_context("/tablet/"):
        speak("en")
        words = why(reason, "this morning").lower()

    assert words.endswith(".")
    personal = {
        Reason.YOUR_USUAL,
        Reason.PAST_ORDERS_HERE,
        Reason.GOES_WITH_TASTES,
        Reason.NEW_FOR_YOU,
        Reason.STATED_TASTE,
    }
    if reason in personal:
        assert "you" not in words.split()
        assert "before" not in words
        assert "order" not in words
