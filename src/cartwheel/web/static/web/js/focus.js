/** Give the focus on that a link or a box had which is gone, as it was read again.
 *
 * To the same link or box, or to what opens the row where it was; to nothing if there is neither.
 */
export function handOn(held) {
  const row = document.getElementById(held.closest("[data-row]")?.id ?? "");
  const link = held.matches("a") && `a[href="${CSS.escape(held.getAttribute("href"))}"]`;
  const same = link ? (row ?? document).querySelector(link) : row?.querySelector("input");
  (same ?? row?.querySelector("[data-open]"))?.focus();
}

/** Put a notice in the place of another. Who is at one of its links or buttons stays there, or, when that is gone, at the first there is. */
export function replace(old, notice) {
  const at = old.contains(document.activeElement) ? document.activeElement.textContent : undefined;
  old.replaceWith(notice);
  if (at === undefined) return;
  const all = [...notice.querySelectorAll("a[href], button")];
  (all.find((each) => each.textContent === at) ?? all[0])?.focus();
}
