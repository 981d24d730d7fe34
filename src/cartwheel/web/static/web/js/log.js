/* A task's log as it is written: follows it until one scrolls up, and finds lines with a text. */
import { paced } from "./paced.js";

const AGAIN_MS = 3000;
const MANY = 100; // lines at once: there may be more than the hub hands on at a time
const log = document.querySelector("#log");
const find = document.querySelector("#log-find");
const said = document.querySelector("[data-found]");
const button = document.querySelector("[data-follow]");
const mine = document.querySelector("#task").dataset.task;
let follows = true;

const toEnd = () => {
  if (follows) log.scrollTop = log.scrollHeight;
};

function setFollowing(wanted) {
  follows = wanted;
  button.setAttribute("aria-pressed", String(wanted));
  toEnd();
}

function sift() {
  const wanted = find.value.trim().toLowerCase();
  let count = 0;
  for (const line of log.children) {
    line.hidden = wanted !== "" && !line.textContent.toLowerCase().includes(wanted);
    count += line.hidden ? 0 : 1;
  }
  said.textContent = wanted ? said.dataset.one.replace("#", count) : "";
  toEnd();
}

const read = paced(async () => {
  const last = log.lastElementChild?.dataset.line ?? 0;
  const answer = await fetch(`${log.dataset.lines}?after=${last}`, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (answer?.status === 401) return location.reload();
  if (!answer || answer.status >= 500) return setTimeout(read, AGAIN_MS); // the hub is busy or away
  if (!answer.ok) return;
  const before = log.childElementCount;
  log.insertAdjacentHTML("beforeend", await answer.text());
  const came = log.childElementCount - before;
  if (came) sift();
  if (came >= MANY) read();
});

document.body.addEventListener("hub:task", ({ detail: { id, kind } }) => id === mine && kind === "log" && read());
document.body.addEventListener("hub:refresh", read);
find.addEventListener("input", sift);
button.addEventListener("click", () => setFollowing(!follows));
log.addEventListener("scroll", () => {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  if (isAtEnd !== follows) setFollowing(isAtEnd);
});
for (const each of document.querySelectorAll("[data-scripted]")) each.hidden = false;
toEnd();
