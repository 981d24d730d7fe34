/* Asks the question behind a[data-ask], or behind a form's button, in a dialog instead of on a page of its own,
 * and sends form[data-act] without leaving the page. What happened is told as notices.
 */
import { handOn } from "./focus.js";
import { showNew } from "./notices.js";
import { tellLost, tellUnsure } from "./warnings.js";

const dialog = document.querySelector("#question");
const headers = { "HX-Request": "true" };
const unanswered = new WeakSet(); // forms that were sent
let asker; // has the focus again when the dialog is closed

async function ask(address) {
  const answer = await fetch(address, { headers }).catch(tellLost);
  if (!answer) return;
  if (!answer.ok) {
    location.assign(address); // the page of its own says what is wrong
    return;
  }
  dialog.innerHTML = await answer.text();
  asker = document.activeElement;
  dialog.showModal();
}

async function send(form, button) {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form, button), headers });
  const { status, ok: isDone } = answer;
  return { status, isDone, place: answer.headers.get("HX-Location"), html: await answer.text() };
}

async function act(form, button) {
  if (unanswered.has(form)) return;
  unanswered.add(form);
  const answer = await send(form, button).catch(() => undefined);
  unanswered.delete(form);
  dialog.close();
  // It may have been done, and only its answer was lost: sent again, it could be done twice.
  if (!answer || answer.status >= 500) tellUnsure();
  else if (!answer.isDone) return form.submit(); // it was refused: the page of its own says why
  else if (answer.place) return location.assign(answer.place);
  else {
    showNew(answer.html);
    if ("reset" in form.dataset) form.reset();
    document.body.dispatchEvent(new CustomEvent("hub:acted"));
  }
  const isLive = document.querySelector('[data-stream-status="on"]');
  if (!isLive || "refresh" in form.dataset) document.body.dispatchEvent(new CustomEvent("hub:refresh"));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-ask]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  ask(link.href);
});

// A double click is one act, also where the first click is answered before the second.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest('form[method="post"]:not([data-themes], [data-dismissal]) button')) event.preventDefault();
});

dialog.addEventListener("click", (event) => {
  if (event.target !== dialog && !event.target.closest("[data-dismiss]")) return;
  event.preventDefault();
  dialog.close();
});

dialog.addEventListener("close", () => asker.isConnected || handOn(asker));

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (submitter?.hasAttribute("data-ask")) {
    event.preventDefault();
    ask(`${submitter.formAction}?${new URLSearchParams(new FormData(form, submitter))}`);
  } else if (form.method === "post" && (form.closest("#question") || "act" in form.dataset)) {
    event.preventDefault();
    act(form, submitter);
  }
});
