/* Keeps what was typed into a form until the next page: if that is the page to sign in, as the session had
 * ended, it is there again afterwards. In this tab and for this person only; neither secrets nor files.
 */
const KEPT = ":is(input, select, textarea):not([type=password], [type=file], [type=hidden], [data-secret])";
const form = document.querySelector("form[data-draft]");
const fields = () => [...form.querySelectorAll(KEPT)];
const here = { person: document.body.dataset.person, path: location.pathname };
let isTyped = false;

form.addEventListener("input", () => { isTyped = true; });
addEventListener("pagehide", () => {
  if (!isTyped) return;
  const values = fields().map(({ name, value, checked, selectedOptions }) =>
    ({ name, value, checked, chosen: selectedOptions && [...selectedOptions].map((each) => each.value) }));
  sessionStorage.setItem("draft", JSON.stringify({ ...here, values }));
});

function restore(values) {
  isTyped = true;
  const left = fields();
  for (const { name, value, checked, chosen } of values) {
    const place = left.findIndex((field) => field.name === name && (!["radio", "checkbox"].includes(field.type) || field.value === value));
    const [field] = place < 0 ? [] : left.splice(place, 1);
    if (!field) continue;
    if (chosen) for (const option of field.options) option.selected = chosen.includes(option.value);
    else if (["radio", "checkbox"].includes(field.type)) field.checked = checked;
    else field.value = value;
  }
  document.querySelector("[data-restored]").hidden = false;
}

const draft = JSON.parse(sessionStorage.getItem("draft"));
sessionStorage.removeItem("draft");
if (draft?.person === here.person && draft.path === here.path) restore(draft.values);
