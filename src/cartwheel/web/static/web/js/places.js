/* Puts rows of the list of tasks where they belong, when nobody is using the list. */
import { handOn } from "./focus.js";

const MOST = 200; // rows of a section
const IN_USE_MS = 1500; // since the pointer or a key was last used in the list
const entering = new Map(); // rows that wait until the list is no longer in use
let used = -Infinity, settling;

export const list = () => document.querySelector("#tasks");
export const isTicked = () => list().querySelector("input:checked");
const isInUse = () => performance.now() - used < IN_USE_MS || isTicked();

/** Show a row in the place of the one with that id, later if it is new; without one, take it away. */
export function show(id, row) {
  const old = document.getElementById(id);
  entering.delete(id);
  if (!row && isTicked()) return;
  if (!row) old?.remove();
  else if (!old) entering.set(id, row);
  else replace(old, row);
}

function replace(old, row) {
  const held = old.contains(document.activeElement) && document.activeElement;
  row.querySelector("input").checked = old.querySelector("input").checked;
  old.replaceWith(row);
  if (held) handOn(held);
}

/** Let new rows in, and move those whose state has changed to where they belong now. */
export function settle() {
  clearTimeout(settling);
  if (isInUse()) {
    settling = setTimeout(settle, IN_USE_MS);
    return;
  }
  const moved = "flat" in list().dataset ? [] : [...list().querySelectorAll("[data-task]")].filter((row) => row.parentNode.dataset.section !== row.dataset.section);
  const held = document.activeElement; // what is moved loses it
  for (const row of [...moved, ...entering.values()]) {
    const section = list().querySelector(`tbody[data-section="${row.dataset.section}"]`);
    section.rows[0].after(row);
    if (section.rows.length > MOST) section.rows[MOST].remove();
  }
  entering.clear();
  if (held !== document.activeElement && list().contains(held)) held.focus({ preventScroll: true });
  document.body.dispatchEvent(new CustomEvent("hub:rows"));
}

for (const kind of ["pointermove", "keydown", "focusin"]) {
  document.addEventListener(kind, (event) => {
    if (event.target.closest?.("#tasks")) used = performance.now();
  });
}
