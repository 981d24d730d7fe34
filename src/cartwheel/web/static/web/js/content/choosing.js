/* Tells how many rows are ticked, and lets the buttons that need some wait for the first. */
const form = document.querySelector("[data-choosing]");

function tell() {
  const number = form.querySelectorAll("input[name=chosen]:checked").length;
  const count = form.querySelector("[data-chosen-count]");
  if (count) count.textContent = number ? `${number} chosen` : "Tick some of them";
  for (const button of form.querySelectorAll("[data-needs-choice]")) button.disabled = number === 0;
}

form.addEventListener("change", tell);
document.body.addEventListener("content:swapped", tell);
tell();
