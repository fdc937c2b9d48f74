"""Look at a page as a reviewer would: accessibility, clipped words, small targets, a picture."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

CLIPPED = """() => {
  const clipped = [];
  for (const el of document.querySelectorAll('body *')) {
    const style = getComputedStyle(el);
    if (style.display === 'none' || style.visibility === 'hidden') continue;
    if (!el.getClientRects().length || el.closest('.visually-hidden')) continue;
    const hasWords = [...el.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const name = `${el.tagName.toLowerCase()}.${el.className} "${el.textContent.trim().slice(0, 40)}"`;
    const hides = v => v === 'hidden' || v === 'clip';
    if (hides(style.overflowX) && el.scrollWidth > el.clientWidth + 1)
      clipped.push(`${name} is ${el.scrollWidth - el.clientWidth}px too wide`);
    if (hides(style.overflowY) && el.scrollHeight > el.clientHeight + 1)
      clipped.push(`${name} is ${el.scrollHeight - el.clientHeight}px too high`);
    if (!hasWords) continue;
    const range = document.createRange();
    range.selectNodeContents(el);
    const box = range.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.left < -1)
      clipped.push(`${name} leaves the screen sideways`);
  }
  return clipped;
}"""

TARGETS = """least => {
  const found = [];
  const wanted = 'a[href], button, input:not([type=hidden]), select, summary, [role=button]';
  for (const el of document.querySelectorAll(wanted)) {
    const isMark = el.type === 'checkbox' || el.type === 'radio';
    const own = isMark && el.labels.length ? el.labels[0] : el;
    const box = own.getBoundingClientRect();
    if (!box.width || getComputedStyle(own).visibility === 'hidden') continue;
    if (box.width < least - 0.5 || box.height < least - 0.5)
      found.push(`${el.textContent.trim().slice(0, 40) || el.name} is ` +
                 `${Math.round(box.width)}x${Math.round(box.height)}px`);
  }
  return found;
}"""


def axe(page: Page) -> list[str]:
    """Return the serious and critical violations axe finds, as "rule: where"."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
    )
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in result["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


def clipped(page: Page) -> list[str]:
    """Return the words that are cut off or leave the screen sideways."""
    found: list[str] = page.evaluate(CLIPPED)
    return found


def overflow_px(page: Page) -> tuple[int, int]:
    """Return how much wider and higher the page is than the window."""
    wide, high = page.evaluate(
        "() => [document.documentElement.scrollWidth - innerWidth,"
        " document.documentElement.scrollHeight - innerHeight]"
    )
    return int(wide), int(high)


def small_targets(page: Page, least_px: int) -> list[str]:
    """Return what can be touched and is smaller than ``least_px`` in a direction."""
    found: list[str] = page.evaluate(TARGETS, least_px)
    return found


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the page where ``SCREENSHOTS`` names a folder; else do nothing."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")
