/* The panels of the header: colours are chosen and the bell is opened without leaving the page; ids are copied. */
import { tellLost } from "./warnings.js";

const said = document.querySelector("#said");

// Only who comes from signing in gets back what they had typed before.
if (!document.referrer.startsWith(`${location.origin}/login/`)) sessionStorage.removeItem("draft");

document.querySelector("[data-themes]").addEventListener("submit", (event) => {
  event.preventDefault();
  const { currentTarget: form, submitter } = event;
  const chosen = submitter.value;
  fetch(form.action, { method: "POST", body: new FormData(form, submitter), redirect: "manual" }).catch(() => undefined);
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  document.querySelector('meta[name="color-scheme"]').content = chosen === "system" ? "light dark" : chosen;
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === submitter));
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-panel]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const panel = document.getElementById(link.dataset.panel);
  if (panel.matches(":popover-open")) return panel.hidePopover();
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (!answer) return tellLost();
  if (!answer.ok) return location.assign(link.href);
  panel.innerHTML = await answer.text();
  panel.showPopover();
  panel.querySelector("a")?.focus();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-of]");
  if (!button) return;
  const { copy, copyOf } = button.dataset;
  said.textContent = "";
  const words = copy ?? document.getElementById(copyOf).textContent.trim();
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    const text = document.createElement("textarea"); // without HTTPS there is no clipboard
    text.value = words;
    button.after(text);
    text.select();
    document.execCommand("copy");
    text.remove();
  }
  button.dataset.copied = said.textContent = said.dataset.copied;
  setTimeout(() => delete button.dataset.copied, 1500);
});
