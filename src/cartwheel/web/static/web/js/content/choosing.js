/* Ticks all rows at once, tells how many are ticked, and lets the buttons that need some wait for the first. */
const form = document.querySelector("[data-choosing]");

function tell() {
  const boxes = [...form.querySelectorAll("input[name=chosen]")];
  const number = boxes.filter((box) => box.checked).length;
  const all = form.querySelector("[data-choose-all]");
  if (all) {
    all.closest("label").hidden = false;
    all.checked = number > 0 && number === boxes.length;
    all.indeterminate = number > 0 && number < boxes.length;
  }
  const count = form.querySelector("[data-chosen-count]");
  if (count) count.textContent = number ? count.dataset.some.replace("%s", number) : count.dataset.none;
  for (const button of form.querySelectorAll("[data-needs-choice]")) button.disabled = number === 0;
}

form.addEventListener("change", ({ target }) => {
  if ("chooseAll" in target.dataset) for (const box of form.querySelectorAll("input[name=chosen]")) box.checked = target.checked;
  tell();
});
document.body.addEventListener("content:swapped", tell);
tell();
