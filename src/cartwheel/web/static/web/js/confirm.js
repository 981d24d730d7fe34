/* Asks the question behind a[data-ask] in a dialog instead of on a page of its own, and then says what happened. */
const dialog = document.querySelector("#question");
const notices = document.querySelector("#notices");
const headers = { "HX-Request": "true" };

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-ask]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const answer = await fetch(link.href, { headers }).catch(() => undefined);
  if (!answer?.ok) {
    location.assign(link.href); // the page of its own says what is wrong
    return;
  }
  dialog.innerHTML = await answer.text();
  dialog.showModal();
});

dialog.addEventListener("click", (event) => {
  if (event.target !== dialog && !event.target.closest("[data-dismiss]")) return;
  event.preventDefault();
  dialog.close();
});

dialog.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers }).catch(() => undefined);
  dialog.close();
  if (!answer?.ok) {
    form.submit();
    return;
  }
  notices.innerHTML = await answer.text();
  const isLive = document.querySelector('[data-stream-status="on"]');
  if (!isLive) document.body.dispatchEvent(new CustomEvent("hub:refresh"));
});
