"""Open every scene of a preview in a browser and list the words that are cut off."""

import shutil
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from edge.web.preview.scenes import WINDOW_PX, PreviewScene

CLIPPED: Final = r"""() => {
  const clipped = [];
  for (const el of document.querySelectorAll('body *')) {
    const style = getComputedStyle(el);
    if (style.display === 'none' || style.visibility === 'hidden') continue;
    if (!el.getClientRects().length || el.closest('.visually-hidden')) continue;
    const text = el.textContent.trim().replace(/\s+/g, ' ');
    if (!text) continue;
    const said = `"${text.slice(0, 60)}"`;
    const cuts = v => v === 'hidden' || v === 'clip';
    const wide = el.scrollWidth - el.clientWidth, high = el.scrollHeight - el.clientHeight;
    if (cuts(style.overflowX) && wide > 1) clipped.push(`${said} is ${wide} px too wide`);
    else if (cuts(style.overflowY) && high > 1) clipped.push(`${said} is ${high} px too high`);
    const own = [...el.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own) continue;
    const range = document.createRange();
    range.selectNodeContents(el);
    const box = range.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.left < -1) clipped.push(`${said} leaves the screen`);
  }
  return clipped;
}"""


def clipped_words(
    url: str, shown: tuple[PreviewScene, ...], pictures: Path | None = None
) -> list[str]:
    """Return what is cut off, one line each.

    Args:
        url: Where the preview answers, without a slash at the end.
        shown: Its scenes, in their order.
        pictures: A folder for a screenshot of each scene; None: none are made.
    """
    found: list[str] = []
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        own = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox"])
        try:
            page = browser.new_page()
            for number, scene in enumerate(shown):
                found += (f"{scene.name}: {line}" for line in _look(page, url, number, scene))
                if pictures:
                    page.screenshot(path=pictures / f"{number:03}-{scene.kind}.png")
        finally:
            browser.close()
    return found


def _look(page: Page, url: str, number: int, scene: PreviewScene) -> list[str]:
    width, height = WINDOW_PX[scene.kind]
    page.set_viewport_size({"width": width, "height": height})
    answer = page.goto(f"{url}/scene/{number}")
    if answer is None or not answer.ok:
        return ["wanted a page, found an error"]
    page.evaluate("() => document.fonts.ready.then(() => true)")
    found: list[str] = page.evaluate(CLIPPED)
    return found
