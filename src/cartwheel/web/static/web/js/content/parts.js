/* Keeps parts of a page as they would be after a reload: whatever has `data-follows` is read again when
 * a task's state changes ("tasks"), when one gets further ("progress"), or when the state of one of the tasks
 * that it names changes (ids, with spaces).
 */
import { paced } from "../paced.js";

const AGAIN_MS = 3000;
const parts = () => document.querySelectorAll("[data-follows]");
const due = new Set();

const read = paced(async () => {
  const ids = [...due];
  due.clear();
  const answer = await fetch(location.href, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (answer?.status === 401) return location.reload();
  if (!answer || answer.status >= 500) return later(ids);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ids) swap(document.getElementById(id), page.getElementById(id));
}, 1000);

// The hub is busy or away: the stream need not have been cut, so nobody else would have it read again.
function later(ids) {
  for (const id of ids) due.add(id);
  setTimeout(read, AGAIN_MS);
}

function swap(old, fresh) {
  if (!old || !fresh || old.contains(document.activeElement) && isTyping(old)) return;
  const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
  const ticked = [...old.querySelectorAll(":checked")].map((box) => box.value);
  const unfolded = [...old.querySelectorAll("details[open] > summary")].map((each) => each.textContent);
  old.replaceWith(document.adoptNode(fresh));
  for (const each of fresh.querySelectorAll("summary")) each.parentElement.open = unfolded.includes(each.textContent);
  for (const box of fresh.querySelectorAll("input[type=checkbox]")) box.checked = ticked.includes(box.value);
  if (focused) fresh.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  document.body.dispatchEvent(new CustomEvent("content:swapped"));
}

function isTyping(part) {
  return document.activeElement.matches("input:not([type=checkbox]), textarea, select") && part.contains(document.activeElement);
}

function plan(concerns) {
  for (const part of parts()) if (concerns(part.dataset.follows.split(" "))) due.add(part.id);
  if (due.size) read();
}

document.body.addEventListener("hub:task", ({ detail: { id, kind } }) => {
  if (kind === "progress") plan((names) => names.includes("progress"));
  else if (kind !== "log") plan((names) => names.includes("tasks") || names.includes(id));
});
document.body.addEventListener("hub:refresh", () => plan(() => true));
