/* Keeps the list of tasks as it would be after a reload, but moves nothing that is being used. */
import { paced } from "./paced.js";
import { isTicked, list, settle, show } from "./places.js";

const MANY = 50; // tasks at once: then the whole list is read again
const AGAIN_MS = 3000; // when rows could not be read
const ENDED = ["completed", "failed", "canceled", "skipped"];
const due = new Set();

const tell = (name) => document.body.dispatchEvent(new CustomEvent(name));
const recount = paced(() => tell("hub:counts"), 500);
const redraw = paced(() => tell("hub:hour"), 10000);

document.body.addEventListener("hub:task", ({ detail: { id, kind, state } }) => {
  if (kind === "log") return;
  if (kind === "pause") return waitOtherwise();
  if (kind !== "progress") recount();
  if (ENDED.includes(state)) redraw();
  const isNew = !document.getElementById(`task-${id}`);
  if (isNew && (kind === "progress" || list().dataset.fromTop === "no")) return;
  due.add(id);
  update();
});

/** What waits has another reason now. */
function waitOtherwise() {
  for (const row of list().querySelectorAll('[data-task][data-section="waiting"]')) due.add(row.id.slice("task-".length));
  if (due.size) update();
}

const update = paced(async () => {
  const ids = [...due];
  due.clear();
  if (ids.length > MANY && !isTicked()) return tell("hub:refresh");
  if (ids.length > MANY) for (const id of ids.splice(MANY)) due.add(id);
  const query = ids.map((id) => `&id=${id}`).join("");
  const answer = await fetch(list().dataset.rows + query, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (answer?.status === 401) return location.reload();
  list().querySelector("[data-failed]").hidden = Boolean(answer?.ok);
  if (!answer || answer.status >= 500) return later(ids);
  if (!answer.ok) return;
  const read = document.createElement("template");
  read.innerHTML = await answer.text();
  for (const id of ids) show(`task-${id}`, read.content.getElementById(`task-${id}`));
  settle();
});

// The hub is busy or away: the stream need not have been cut, so nobody else would have them read again.
function later(ids) {
  for (const id of ids) due.add(id);
  setTimeout(update, AGAIN_MS);
}
