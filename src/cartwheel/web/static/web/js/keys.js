/* Keys: find, move through rows, tick them, go elsewhere, help. None of them while somebody types,
 * nor where they are switched off: who speaks to the browser, or touches keys by accident, would set them off.
 */
const help = document.querySelector("#keys");
const isOn = help.querySelector("#keys-on");
const places = {}; // the letter after g -> where it leads, if the menu leads there too
let goes = false;

for (const each of help.querySelectorAll("[data-place]")) {
  const { place } = each.dataset;
  each.hidden = !document.querySelector(`#menu a[href="${place}"]`);
  if (!each.hidden) places[each.querySelector("kbd:last-of-type").textContent] = place;
}

isOn.checked = localStorage.getItem("keys") !== "off";
isOn.addEventListener("change", () => localStorage.setItem("keys", isOn.checked ? "on" : "off"));

const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
const current = () => document.activeElement?.closest?.("[data-row]");

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
  (next.querySelector("[data-open]") ?? next.querySelector("a[href]"))?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function tick() {
  const box = current()?.querySelector('input[type="checkbox"]');
  if (box) box.click();
}

const ACTS = {
  "/": () => (document.querySelector("[data-find]") ?? document.querySelector('input[type="search"]'))?.focus(),
  j: () => move(1),
  k: () => move(-1),
  x: tick,
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (key === "Escape" && target.matches?.('input[type="search"]')) target.blur(); // and keys are keys again
  if (!isOn.checked) return;
  if (target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (goes) {
    goes = false;
    if (places[key]) location.assign(places[key]);
    return;
  }
  if (key === "g") goes = true;
  else if (ACTS[key]) {
    event.preventDefault();
    ACTS[key]();
  }
});

document.addEventListener("click", (event) => event.target.closest("[data-help]") && help.showModal());
