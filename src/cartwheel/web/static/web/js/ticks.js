/* Ticking rows: this page, all that match, how many; the buttons say nothing while nothing is ticked. */
const list = () => document.querySelector("#tasks");
const boxes = () => [...list().querySelectorAll('[data-task] input[name="id"]')];
let lastTicked;

function tell() {
  const root = list();
  const all = root.querySelector("[data-tick-all]"), page = root.querySelector("[data-tick-page]");
  const found = boxes(), count = found.filter((box) => box.checked).length;
  const said = root.querySelector("[data-ticked]");
  said.textContent = all.checked ? said.dataset.all : count ? said.dataset.some.replace("#", count) : said.dataset.none;
  page.checked = count > 0 && count === found.length;
  page.indeterminate = count > 0 && count < found.length;
  for (const button of root.querySelectorAll(".together button")) button.disabled = !(all.checked || count);
}

document.addEventListener("change", ({ target }) => {
  if (!target.closest?.("#tasks")) return;
  if (target.matches("[data-tick-page]")) for (const box of boxes()) box.checked = target.checked;
  tell();
});

// With shift, all rows between two ticks.
document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.('[data-task] input[name="id"]')) return;
  const all = boxes(), from = all.indexOf(lastTicked), to = all.indexOf(box);
  if (event.shiftKey && from >= 0) for (const each of all.slice(Math.min(from, to), Math.max(from, to))) each.checked = box.checked;
  lastTicked = box;
  tell();
});

document.body.addEventListener("hub:acted", () => {
  for (const box of list().querySelectorAll('input[type="checkbox"]')) box.checked = false;
  tell();
});
document.body.addEventListener("hub:rows", tell);
document.body.addEventListener("htmx:afterSettle", tell);
tell();
