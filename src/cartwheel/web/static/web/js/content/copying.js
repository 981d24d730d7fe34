/* Copies what the element named by a button's data-copy says. Without a clipboard the buttons stay hidden. */
const SAID_MS = 2000;

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  const before = button.dataset.word ??= button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = before; }, SAID_MS);
});
