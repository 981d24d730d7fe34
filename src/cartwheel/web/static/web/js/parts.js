/* Parts of a page that are read again when tasks change, and every so many seconds while somebody looks.
 * What is unfolded in them stays unfolded, and nothing is read while somebody is about to press a button there.
 */
import { looking } from "./looking.js";
import { paced } from "./paced.js";

const SPACING_MS = 2000;
const part = () => document.querySelector("[data-part]");
const look = looking(part, "hub:part", () => read());
const read = paced(look, SPACING_MS);
let unfolded = [], held = "";

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
