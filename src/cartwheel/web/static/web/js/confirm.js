/* Asks the question behind a[data-ask], or behind a form's button, in a dialog instead of on a page of its own,
 * and sends form[data-act] without leaving the page. What happened is told as notices.
 */
import { showNew, tellLost } from "./notices.js";

const dialog = document.querySelector("#question");
const headers = { "HX-Request": "true" };

async function ask(address) {
  const answer = await fetch(address, { headers }).catch(tellLost);
  if (!answer) return;
  if (!answer.ok) {
    location.assign(address); // the page of its own says what is wrong
    return;
  }
  dialog.innerHTML = await answer.text();
  dialog.showModal();
}

async function act(form, button) {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form, button), headers }).catch(() => undefined);
  dialog.close();
  if (!answer) return tellLost();
  if (!answer.ok) return form.submit();
  const place = answer.headers.get("HX-Location");
  if (place) return location.assign(place);
  showNew(await answer.text());
  if ("reset" in form.dataset) form.reset();
  document.body.dispatchEvent(new CustomEvent("hub:acted"));
  const isLive = document.querySelector('[data-stream-status="on"]');
  if (!isLive || "refresh" in form.dataset) document.body.dispatchEvent(new CustomEvent("hub:refresh"));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-ask]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  ask(link.href);
});

dialog.addEventListener("click", (event) => {
  if (event.target !== dialog && !event.target.closest("[data-dismiss]")) return;
  event.preventDefault();
  dialog.close();
});

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
