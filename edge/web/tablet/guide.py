"""Guided selling: a few large questions, then three products with a sentence to say.

The answers are in the address and nowhere else: "Start again" forgets them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from edge.catalog.product import Product
from edge.catalog.site import Answer, Question, Site
from edge.core.errors import RequestContractError
from edge.core.ids import uuid7
from edge.decide.engagement import Engagement
from edge.decide.values import Asked, Reason, Shown, Slate
from edge.web import reasons
from edge.web.as_shown import own_explanation
from edge.web.i18n import speech
from edge.web.kiosk.cards import Card, Shelf
from edge.web.ports import Services
from edge.web.tablet.view import screen_id

PLACEMENT: Final = "tablet-guide"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One product to suggest: its card, why, and what to say."""

    card: Card
    why: str
    say: str


def add(pages: Blueprint, services: Services) -> None:
    """Add the guide to the tablet's pages."""

    @pages.get("/guide")
    def guide() -> str:
        site = services.site()
        given = request.args.getlist("a")
        answers = _answers(site, given)
        if len(answers) < len(site.guide):
            return render_template(
                "tablet/question.html",
                question=site.guide[len(answers)],
                step=len(answers) + 1,
                steps=len(site.guide),
                given=given,
            )
        return _suggest(services, answers, given)

    @pages.post("/painted")
    def painted() -> Response:
        decision_id = _decision_id()
        now = services.clock()
        services.engage(
            [
                Engagement(
                    event_id=uuid7(now, services.chance),
                    kind="exposure",
                    decision_id=decision_id,
                    slot=None,
                    screen_id=screen_id(services) or "tablet",
                    visit_id=None,
                    at=now,
                )
            ]
        )
        return Response(status=204)


def tag_sets(answers: tuple[Answer, ...]) -> tuple[frozenset[str], ...]:
    """Return what a product must have one of, per answer; "no preference" asks for nothing."""
    return tuple(answer.tags for answer in answers if answer.tags)


def _answers(site: Site, given: list[str]) -> tuple[Answer, ...]:
    if len(given) > len(site.guide):
        msg = f"wanted at most {len(site.guide)} answers, got {len(given)}; start again"
        raise NotFound(msg)
    pairs = zip(site.guide, given, strict=False)
    return tuple(_answer(question, answer_id) for question, answer_id in pairs)


def _answer(question: Question, answer_id: str) -> Answer:
    found = next((answer for answer in question.answers if answer.id == answer_id), None)
    if found is None:
        msg = f"wanted an answer to {question.id!r}, got {answer_id[:40]!r}; start again"
        raise NotFound(msg)
    return found


def _suggest(services: Services, answers: tuple[Answer, ...], given: list[str]) -> str:
    site = services.site()
    slate = services.serve(
        Asked(
            placement_id=PLACEMENT,
            screen_id=screen_id(services) or "tablet",
            answers=tag_sets(answers),
        )
    )
    daypart_id = services.context("tablet").daypart_id
    shelf = Shelf(site, services.sold_out(), daypart_id, frozenset())
    when = reasons.during(site, daypart_id, speech())
    return render_template(
        "tablet/suggestions.html",
        suggestions=suggestions(
            shelf, slate, lambda why: reasons.sentence(why, when, speech()), says_own=True
        ),
        chosen=[answer for answer in answers if answer.tags],
        given=given,
        slate=slate,
    )


def suggestions(
    shelf: Shelf, slate: Slate, why: Callable[[Reason], str], *, says_own: bool = False
) -> list[Suggestion]:
    """Return ``slate`` as products to suggest, each with ``why`` of its reason.

    With ``says_own`` the shop's own explanations are used: they speak to whoever reads them.
    """
    found: list[Suggestion] = []
    for shown in slate.shown:
        product = shelf.site.product(shown.sku)
        own = own_explanation(shelf.site, slate, shown) if says_own else None
        if product:
            found.append(
                _suggestion(shelf, shown, product, speech().words(own) or why(shown.reason))
            )
    return found


def _suggestion(shelf: Shelf, shown: Shown, product: Product, why: str) -> Suggestion:
    offer = shelf.site.offer(shown.offer_id)
    return Suggestion(
        card=shelf.card(offer.pictured(product) if offer else product),
        why=why,
        say=speech().words(product.say),
    )


def _decision_id() -> str:
    body = request.get_json()
    decision_id = body.get("decision_id") if isinstance(body, dict) else None
    if not isinstance(decision_id, str) or not 0 < len(decision_id) <= 64:
        msg = f'wanted {{"decision_id": text}}, got {str(body)[:80]}'
        raise RequestContractError(msg)
    return decision_id
