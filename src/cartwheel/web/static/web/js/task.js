/* Keeps one task's page as it would be after a reload, and follows its log until one scrolls up. */
import { paced } from "./paced.js";

const ENDED = ["completed", "failed", "canceled", "skipped"];
const task = () => document.querySelector("#task");
const change = paced(() => window.htmx.trigger(task(), "hub:changed"));
const changeNow = paced(() => window.htmx.trigger(task(), "hub:changed"), 1000);
const log = document.querySelector("#log");

const readLog = paced(async () => {
  const last = log.lastElementChild?.dataset.line ?? 0;
  const answer = await fetch(`${log.dataset.lines}?after=${last}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const isFollowing = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  log.insertAdjacentHTML("beforeend", await answer.text());
  if (isFollowing) log.scrollTop = log.scrollHeight;
});

document.body.addEventListener("hub:task", ({ detail: { id, kind } }) => {
  const { task: mine, state } = task().dataset;
  if (id === mine && kind === "deleted") location.reload();
  else if (id === mine && kind === "log") log && readLog();
  else if (id === mine) change();
  // Others matter too as long as it goes on: those it waits for, and those it started.
  else if (kind === "state" && !ENDED.includes(state)) changeNow();
});
if (log) {
  document.body.addEventListener("hub:refresh", readLog);
  log.scrollTop = log.scrollHeight;
}
