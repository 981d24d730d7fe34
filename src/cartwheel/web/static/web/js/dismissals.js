/* Puts notices away at once where somebody has read them; the hub hears of it. */
const region = document.querySelector("#notices");

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-dismissal]");
  if (!form) return;
  event.preventDefault();
  fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" }, keepalive: true }).catch(() => undefined);
  const notice = form.closest(".notice");
  if (notice) notice.remove();
  else region.replaceChildren();
});
