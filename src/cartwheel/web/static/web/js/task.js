/* Keeps one task's page as it would be after a reload. What is unfolded stays unfolded. */
import { looking } from "./looking.js";
import { paced } from "./paced.js";

const ENDED = ["completed", "failed", "canceled", "skipped"];
const task = () => document.querySelector("#task");
const isNamed = (id) => document.querySelector(`#side a[href$="/${id}/"]`);
const look = looking(task, "hub:changed", () => change());
const change = paced(look);
const changeNow = paced(look, 1000);
let unfolded = [];
let meanwhile; // ids of tasks that change while the page is read, which may tell what they were before

document.body.addEventListener("hub:task", ({ detail: { id, kind } }) => {
  const { task: mine, state } = task().dataset;
  if (id === mine && kind === "deleted") location.reload();
  else if (id === mine && kind !== "log") change();
  else if (kind === "pause" && state === "waiting") change();
  // Others matter too: those it waits for, those it started, and those that repeat it.
  else if (kind === "state" && (!ENDED.includes(state) || isNamed(id))) changeNow();
  else meanwhile?.push(id);
});
document.body.addEventListener("hub:acted", changeNow);

document.addEventListener("htmx:beforeRequest", () => { meanwhile = []; });
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = [...task().querySelectorAll("details[open]")].map((each) => each.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (meanwhile?.some(isNamed)) changeNow();
  meanwhile = undefined;
});
