/* Follows the tasks that notices are about, and tells on the bell how many of one's own go on. */
import { renewHead, tellInHead } from "./echo.js";
import { replace } from "./focus.js";
import { paced } from "./paced.js";
import { forget } from "./warnings.js";

const AGAIN_MS = 3000;
const region = document.querySelector("#notices");
const count = document.querySelector("#bell-count");
const due = new Set();

/** Show what an act led to, and look again: the task may have gone on before its notice was here. */
export function showNew(html) {
  forget("unsure");
  show(html);
  tellInHead(region);
  lookAgain();
}

/** Show notices that the server sent: in place of those they replace, new ones on top. */
function show(html) {
  forget("lost");
  const read = document.createElement("template");
  read.innerHTML = html;
  const status = read.content.querySelector("#hub-status");
  if (status) document.querySelector("#hub-status").replaceWith(status);
  for (const notice of [...read.content.querySelectorAll(".notice")].reverse()) put(notice);
  renewHead();
  tellCount();
}

/* The region is read aloud as it changes. Figures change several times a second: they are changed where it is silent. */
function put(notice) {
  const old = document.getElementById(notice.id);
  if (!old) return region.prepend(notice);
  const [before, now] = [old, notice].map((each) => each.querySelector('[aria-live="off"]'));
  if (before && now) before.replaceChildren(...now.childNodes);
  else if (wordsOf(old) !== wordsOf(notice)) replace(old, notice);
}

function wordsOf(notice) {
  return [...notice.querySelectorAll(".state, .words")].map((each) => each.innerHTML).join();
}

function tellCount() {
  const number = Number(document.querySelector("#hub-status").dataset.unfinished);
  count.textContent = number ? String(number) : "";
}

const read = paced(async () => {
  const ids = [...due];
  const query = ids.map((id) => `id=${id}`).join("&");
  due.clear();
  const answer = await fetch(`${region.dataset.from}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (answer?.status === 401) return location.reload();
  if (!answer || answer.status >= 500) return later(ids);
  if (answer.ok) show(await answer.text());
});

// The hub is busy or away: the stream need not have been cut, so nobody else would have them read again.
function later(ids) {
  for (const id of ids) due.add(id);
  setTimeout(read, AGAIN_MS);
}

document.body.addEventListener("hub:task", ({ detail: { id, kind } }) => {
  if (kind === "pause") return read(); // the hub may be paused, or go on
  const isTold = document.getElementById(`notice-${id}`);
  if (!isTold && !(kind === "state" && count.textContent)) return;
  if (isTold && kind !== "log") due.add(id);
  if (kind !== "log") read();
});
function lookAgain() {
  for (const notice of region.querySelectorAll("[data-notice]")) due.add(notice.dataset.notice);
  read();
}
document.body.addEventListener("hub:refresh", lookAgain);

tellCount();
