/* Times to look for are typed in the reader's own zone. The address has them in UTC: as a link it means the same everywhere. */
const form = document.querySelector("#search");
const times = [...form.querySelectorAll('input[type="datetime-local"]')];

const asTyped = (moment) => moment.toISOString().slice(0, "2026-03-01T09:05".length);

for (const each of times) {
  if (!each.defaultValue) continue;
  const moment = new Date(`${each.defaultValue}Z`);
  each.value = asTyped(new Date(moment - 60000 * moment.getTimezoneOffset()));
}

form.addEventListener("formdata", ({ formData }) => {
  for (const { name, value } of times) if (value) formData.set(name, asTyped(new Date(value)));
});
