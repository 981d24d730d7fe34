/* The list as a whole: it is not read again while rows are ticked, says when it could not be read, and is searched
 * for what was filled in only. Where it is read, who has been there meanwhile keeps the focus and the ticks.
 */
import { handOn } from "./focus.js";

let held, ticked;
const failed = () => document.querySelector("#tasks [data-failed]");

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "tasks" && event.target.querySelector("input:checked")) event.preventDefault();
});
document.body.addEventListener("htmx:beforeSwap", ({ target, detail: { shouldSwap } }) => {
  if (target.id !== "tasks" || !shouldSwap) return;
  held = target.contains(document.activeElement) && document.activeElement;
  ticked = [...target.querySelectorAll("input:checked")].map(({ value }) => value);
});
document.body.addEventListener("htmx:afterSwap", () => {
  if (!ticked) return; // something else was read
  for (const box of document.querySelectorAll("#tasks input[type=checkbox]")) if (ticked.includes(box.value)) box.checked = true;
  if (held) handOn(held);
  ticked = undefined;
});
for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.body.addEventListener(name, ({ target }) => {
    if (target.id === "tasks") failed().hidden = false;
  });
}
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-again]")) document.body.dispatchEvent(new CustomEvent("hub:refresh"));
});
document.querySelector("#search").addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name); // so that the address says no more than it must
});
