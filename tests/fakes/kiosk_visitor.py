"""A person at a kiosk's screen: taps what is there, by what it is called."""

from playwright.sync_api import Page

# Keys sent one by one come too slowly on a busy machine, so each carries a scanner's own time.
SCANNER = """text => {
  const at = document.activeElement || document.body;
  const swallowed = [];
  const began = performance.now();
  [...text, 'Enter'].forEach((key, n) => {
    const send = (kind, ms) => {
      const event = new KeyboardEvent(kind, {key, bubbles: true, cancelable: true});
      Object.defineProperty(event, 'timeStamp', {value: began + ms});
      at.dispatchEvent(event);
      return event.defaultPrevented;
    };
    if (send('keydown', 10 * n)) swallowed.push(key);
    send('keyup', 10 * n + 5);
  });
  return swallowed.join('');
}"""


class KioskVisitor:
    """Somebody in front of ``page``; ``language`` is what they tap on the first screen."""

    def __init__(self, page: Page, language: str = "en") -> None:
        self.page = page
        self.language = language

    def begin(self, service: str = "take_away") -> None:
        """Touch the first screen, and say where to eat."""
        self.page.locator(f".attract-languages [lang={self.language}]").tap()
        self.page.locator(f".tile[value={service}]").tap()
        self.page.locator("#cards").wait_for()
        self.page.wait_for_load_state()

    def go_to(self, section: str) -> None:
        """Look at a section of the menu."""
        self.page.locator(f".rail [data-tab={section}]").tap()
        self.page.locator(f"#cards[data-section={section}]").wait_for()

    def open(self, sku: str) -> None:
        """Open a product of the section."""
        self.page.locator(f"#open-{sku}").tap()
        self.page.locator("#dialog[open] #add").wait_for()

    def add(self, sku: str) -> None:
        """Open a product and add it the way it starts out."""
        self.open(sku)
        self.page.locator("#add").tap()
        self.closed()

    def dialog(self, opener: str, inside: str) -> None:
        """Open a dialog by tapping ``opener``, until ``inside`` is there."""
        self.page.locator(opener).tap()
        self.page.locator(f"#dialog[open] {inside}").first.wait_for()

    def closed(self) -> None:
        """Wait until no dialog is open."""
        self.page.locator("#dialog[open]").wait_for(state="detached")

    def close(self) -> None:
        """Close the dialog with the key for it."""
        self.page.keyboard.press("Escape")
        self.closed()

    def to_review(self, *, nudged: bool) -> None:
        """Look at the order; with ``nudged``, until the one suggestion is there."""
        self.page.locator("#to-review").tap()
        self.page.locator("#dialog[open] #no-thanks" if nudged else "#to-menu").wait_for()

    def scan(self, text: str) -> str:
        """Hold a code before the hand scanner; return the keys no button heard of."""
        self.page.wait_for_load_state()
        swallowed: str = self.page.evaluate(SCANNER, text)
        return swallowed

    def is_focused(self, selector: str) -> bool:
        """Whether the focus is on ``selector``."""
        found: bool = self.page.evaluate(
            "selector => document.activeElement.matches(selector)", selector
        )
        return found
