"""What of the settings the screens are told."""

from datetime import timedelta
from importlib.metadata import version

from edge.app.settings import Settings
from edge.app.shipped import shipped
from edge.web.ports import Screen, Timers, WebSettings


def web_settings(settings: Settings) -> WebSettings:
    """Return what of the settings the screens need."""
    idle = settings.idle
    return WebSettings(
        allowed_hosts=settings.listen.allowed_hosts or ("127.0.0.1", "localhost"),
        screens=tuple(
            Screen(screen.id, screen.surface, screen.board) for screen in settings.screens
        ),
        timers=Timers(
            guest=timedelta(seconds=idle.guest_s),
            warn=timedelta(seconds=idle.warn_s),
            item=timedelta(seconds=idle.item_s),
            done=timedelta(seconds=idle.done_s),
            paired=timedelta(seconds=idle.paired_s),
        ),
        ui_folder=shipped("kiosk_ui"),
        is_demo=settings.demo,
        accepts_at=settings.clock == "request",
        version=version("instore-edge"),
        max_body_bytes=settings.listen.max_body_bytes,
        max_streams=settings.listen.threads - 8,
        recognition_group=settings.recognition.group,
        day_keys_ahead=settings.recognition.day_keys_ahead,
    )
