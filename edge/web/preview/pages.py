"""The pages of the preview: the real cards, boards and lists, each with one offer on it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, abort, render_template
from jinja2 import StrictUndefined

from edge.catalog.product import Product
from edge.catalog.site import Board, Section, Site
from edge.context.moment import Context
from edge.web import assets, i18n, reasons
from edge.web.assets import Assets
from edge.web.board.view import BoardFacts, board_view
from edge.web.i18n import speak
from edge.web.kiosk import rows
from edge.web.kiosk.cards import Shelf
from edge.web.phone.offers import PhoneOffer
from edge.web.preview.scenes import PreviewScene, scenes
from edge.web.region import Region, load_region
from edge.web.speech import Speeches
from edge.web.tablet.guide import suggestions

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "frame-src 'self'; frame-ancestors 'self'"
)
_MIDDAY: Final = datetime(2026, 6, 2, 11, 0, tzinfo=UTC)
"""Some moment: what is previewed does not depend on it, and two previews show the same."""


def create_preview(site: Site, ui_folder: Path, offer_id: str | None) -> Flask:
    """Return an application that shows one offer of ``site``, or all, and records nothing."""
    app = Flask("edge.preview", static_folder=None, template_folder=str(ui_folder / "templates"))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    files = Assets(ui_folder / "static")
    app.jinja_env.globals.update(asset=files.url, build=files.build, is_demo=True)
    app.jinja_env.filters["digest"] = assets.digest
    i18n.install(app, Speeches(ui_folder / "i18n"), lambda: site)
    app.register_blueprint(assets.blueprint(files))
    app.register_blueprint(_kiosk())
    region = load_region(ui_folder / "region", site.header.region)
    app.register_blueprint(_Pages(site, files, region, scenes(site, offer_id)).blueprint())
    app.after_request(_headers)
    return app


class _Pages:
    def __init__(
        self, site: Site, files: Assets, region: Region, shown: tuple[PreviewScene, ...]
    ) -> None:
        self._site, self._files, self._region, self._scenes = site, files, region, shown

    def blueprint(self) -> Blueprint:
        """Serve the list of all scenes, and each of them."""
        pages = Blueprint("preview", __name__)

        @pages.get("/")
        def index() -> str:
            speak("en")
            return render_template("preview/index.html", scenes=self._scenes, site=self._site)

        @pages.get("/scene/<int:number>")
        def scene(number: int) -> str:
            if number >= len(self._scenes):
                abort(404)
            return self._scene(self._scenes[number])

        return pages

    def _scene(self, scene: PreviewScene) -> str:
        speech = speak(scene.language)
        # What an arm of an experiment says stands in no catalog.
        site = self._site.model_copy(update={"offers": (scene.offer,)})
        facts: dict[str, object] = {"site": site, "region": self._region}
        shelf = Shelf(site, frozenset(), None, frozenset())
        when = reasons.during(site, None, speech)
        if scene.board is not None:
            facts["view"] = board_view(self._board(site, scene, scene.board), speech)
        elif scene.kind == "kiosk":
            facts["row"] = rows.row(shelf, scene.slate(), when)
        elif scene.kind == "tablet":
            facts["suggestions"] = suggestions(
                shelf, scene.slate(), lambda why: reasons.sentence(why, when, speech)
            )
        else:
            facts["offers"] = self._phone(scene)
        return render_template(f"preview/{scene.kind}.html", **facts)

    def _board(self, site: Site, scene: PreviewScene, board: Board) -> BoardFacts:
        local_at = _MIDDAY.astimezone(ZoneInfo(site.header.timezone))
        return BoardFacts(
            site=site,
            board=board,
            context=Context(_MIDDAY, local_at, None, True, None, None, {}),
            sold_out=frozenset(),
            hero=scene.slate(),
            region=self._region,
            picture=self._picture,
        )

    def _phone(self, scene: PreviewScene) -> list[PhoneOffer]:
        found = (self._site.product(sku) for sku in scene.skus)
        offer = scene.offer
        return [PhoneOffer(offer, offer.pictured(product)) for product in found if product]

    def _picture(self, what: Product | Section) -> str | None:
        names = [f"art/hero/{what.picture}", f"art/{what.picture}"]
        return next((self._files.url(name) for name in names if self._files.has(name)), None)


def _kiosk() -> Blueprint:
    """Stand in for the kiosk's addresses that a card names; here they lead nowhere."""
    kiosk = Blueprint("kiosk", __name__, url_prefix="/nowhere")
    for name in ("why", "item", "off"):
        kiosk.add_url_rule(f"/{name}", name, lambda: Response(status=204))
    return kiosk


def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
