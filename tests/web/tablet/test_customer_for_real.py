"""The tablet over the whole appliance: a customer who consented, a member with a PIN, one audit."""

from pathlib import Path

from edge.app.team import TeamOffice
from edge.core.clock import SettableClock
from edge.identity.consent import Purpose
from edge.web.my_data_ports import Change
from edge.web.parts import parts_of
from tests.fakes.appliance import LUNCH_AT, appliance
from tests.fakes.customer import Customer
from tests.fakes.staff_shop import CHEAP
from tests.web.tablet.conftest import tablet

PIN = "271828"
THROUGH_NGINX = {"HTTP_X_EDGE_LAN": "1"}


def test_a_customer_is_met_while_they_are_there_and_every_look_is_on_disk(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock) as built:
        office = TeamOffice(built.store, clock=clock, cost=CHEAP)
        office.put("amira", "Amira", "associate", PIN)
        ada = Customer.enrolled(built, clock)
        ada.parts.pages.change(ada.visit, Change(star="chai-classic", help_level="more"))
        team = tablet(built.app, "127.0.0.1")
        team.client.environ_base.update(THROUGH_NGINX)
        team.post("/tablet/enrol", code=office.offer_tablet("counter").code)
        assert team.sign_in(pin=PIN).headers["Location"] == "/tablet/now"

        now = team.get("/tablet/now").text
        presence = ada.parts.recognise.presence("kiosk-1")
        assert presence is not None
        assert "Kiosk 1: a customer shares their tastes" in now
        assert presence.presence_id in now

        address = f"/tablet/customer/{presence.presence_id}"
        card = team.get(address).text
        assert "Likes: Classic Chai." in card
        assert "Is glad of help with choosing." in card
        assert card.count('class="suggestion"') == 3
        assert presence.customer_id.hex() not in card

        with parts_of(built.app).hub.subscribed("tablet-1") as page:
            assert page is not None
            assert team.post(f"{address}/done").status_code == 303
            assert [event.name for event in page.take(0)] == ["customers"]
        assert team.get(f"{address}/lives").status_code == 410
        assert team.get(address).status_code == 410
        assert ada.parts.recognise.presence("kiosk-1") is None

        deeds = [
            (entry.actor, entry.action, entry.screen_id)
            for _, entry in reversed(built.store.audit.entries(100))
            if entry.actor == "amira"
        ]
        assert deeds == [
            ("amira", "sign_in", ""),
            ("amira", "card", "kiosk-1"),
            ("amira", "let_go", "kiosk-1"),
        ]


def test_what_they_say_on_their_phone_holds_for_the_next_look(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock) as built:
        office = TeamOffice(built.store, clock=clock, cost=CHEAP)
        office.put("jonas", "Jonas", "lead", PIN)
        ada = Customer.enrolled(built, clock)
        team = tablet(built.app, "127.0.0.1")
        team.post("/tablet/enrol", code=office.offer_tablet("counter").code)
        team.sign_in("jonas", PIN)
        presence = ada.come()
        address = f"/tablet/customer/{presence.presence_id}"
        before = team.get(address).text

        ada.change(star="chai-classic")
        starred = team.get(address).text
        ada.change(mute="chai")
        muted = team.get(address).text
        ada.allow(Purpose.PAST_ORDERS)
        withdrawn = team.get(address).text
        ada.allow()

        assert "Nothing yet. Ask what they like." in before
        assert "<h2>Classic Chai</h2>" in starred
        assert "They told us so themselves." in starred
        assert "<h2>Classic Chai</h2>" not in muted
        assert "Never suggest: " in muted
        assert "Nothing yet. Ask what they like." in withdrawn
        assert "Past orders count in the suggestions" in withdrawn
        assert team.get(address).status_code == 410
