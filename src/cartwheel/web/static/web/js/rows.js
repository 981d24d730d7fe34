/* Keeps the list of tasks as it would be after a reload, but moves nothing that is being used. */
import { paced } from "./paced.js";

const MANY = 50; // tasks at once: then the whole list is read again
const MOST = 200; // rows of a section
const IN_USE_MS = 1500; // since the pointer or a key was last used in the list
const due = new Set();
const entering = new Map(); // rows that wait until the list is no longer in use
let used = -Infinity, settling;

const list = () => document.querySelector("#tasks");
const tell = (name) => document.body.dispatchEvent(new CustomEvent(name));
const isInUse = () => performance.now() - used < IN_USE_MS;
const recount = paced(() => tell("hub:counts"), 500);

document.body.addEventListener("hub:task", ({ detail: { id, kind } }) => {
  if (kind === "log") return;
  if (kind !== "progress") recount();
  const isNew = !document.getElementById(`task-${id}`);
  if (isNew && (kind === "progress" || list().dataset.fromTop === "no")) return;
  due.add(id);
  update();
});

const update = paced(async () => {
  const ids = [...due];
  due.clear();
  if (ids.length > MANY) return tell("hub:refresh");
  const query = ids.map((id) => `&id=${id}`).join("");
  const answer = await fetch(list().dataset.rows + query, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (answer?.status === 401) return location.reload();
  if (!answer?.ok) return; // everything is read again when the stream is back
  const read = document.createElement("template");
  read.innerHTML = await answer.text();
  for (const id of ids) show(`task-${id}`, read.content.getElementById(`task-${id}`));
  settle();
});

function show(id, row) {
  const old = document.getElementById(id);
  entering.delete(id);
  if (!row) old?.remove();
  else if (!old) entering.set(id, row);
  else replace(old, row);
}

function replace(old, row) {
  const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
  old.replaceWith(row);
  if (focused) row.querySelector(`a[href="${focused}"]`)?.focus();
}

/** Let new rows in, and move those whose state has changed to where they belong now. */
function settle() {
  clearTimeout(settling);
  if (isInUse()) {
    settling = setTimeout(settle, IN_USE_MS);
    return;
  }
  const moved = [...list().querySelectorAll("[data-task]")].filter((row) => row.parentNode.dataset.section !== row.dataset.section);
  for (const row of [...moved, ...entering.values()]) {
    const section = list().querySelector(`tbody[data-section="${row.dataset.section}"]`);
    section.rows[0].after(row);
    if (section.rows.length > MOST) section.rows[MOST].remove();
  }
  entering.clear();
}

for (const kind of ["pointermove", "keydown", "focusin"]) {
  document.addEventListener(kind, (event) => {
    if (event.target.closest?.("#tasks")) used = performance.now();
  });
}
