/* Parts of a page that are read again when tasks change, and every so many seconds while somebody looks.
 * What is unfolded in them stays unfolded, and nothing is read while somebody is about to press a button there.
 */
import { paced } from "./paced.js";

const SPACING_MS = 2000, AGAIN_MS = 3000;
const part = () => document.querySelector("[data-part]");
const read = paced(look, SPACING_MS);
let unfolded = [], held = "", isReading = false, isDue = false;

// htmx would keep a second request for the part until the first is answered, which replaces the part, and forget it.
function look() {
  isDue = isReading;
  if (!isReading) window.htmx.trigger(part(), "hub:part");
}

document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target === part()) isReading = true;
});
document.addEventListener("htmx:afterRequest", ({ detail: { successful } }) => {
  isReading = false;
  if (!successful) setTimeout(read, AGAIN_MS); // the hub is busy or away
  else if (isDue) read();
});
for (const what of ["hub:acted", "hub:refresh"]) document.body.addEventListener(what, look);
document.body.addEventListener("hub:task", ({ detail: { kind } }) => ["state", "pause"].includes(kind) && read());
document.addEventListener("htmx:beforeSwap", ({ target }) => {
  if (target !== part()) return;
  unfolded = [...target.querySelectorAll("details[open]")].map((each) => each.id);
  held = target.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") ?? document.activeElement.getAttribute("href") : "";
});
document.addEventListener("htmx:afterSettle", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (held) [...part().querySelectorAll("a, button")].find((each) => [each.getAttribute("aria-label"), each.getAttribute("href")].includes(held))?.focus();
  held = "";
});

const { every } = part().dataset;
if (every) setInterval(() => document.hidden || read(), Number(every) * 1000);
