/* Finds operations by their words, opens the one that the address names, and sends what is filled in. */
const operations = [...document.querySelectorAll(".operation")];

document.querySelector("#find").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/);
  for (const each of operations) {
    const text = `${each.id} ${each.querySelector("summary").textContent}`.toLowerCase();
    each.hidden = !words.every((word) => text.includes(word));
  }
  for (const tag of document.querySelectorAll(".tag")) tag.hidden = !tag.querySelector(".operation:not([hidden])");
});

const named = location.hash && document.getElementById(location.hash.slice(1));
if (named) named.open = true;

document.addEventListener("submit", async (event) => {
  const form = event.target.closest(".operation form");
  if (!form) return;
  event.preventDefault();
  const [address, options] = request(form);
  const answer = await fetch(address, options).catch((problem) => problem);
  show(form.querySelector("output"), answer instanceof Error ? String(answer) : await told(answer));
});

function request(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  for (const input of form.querySelectorAll("input")) {
    if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    else if (input.value) query.append(input.name, input.value);
  }
  const method = form.dataset.method;
  const headers = method === "GET" ? {} : { "X-CSRFToken": cookie("csrftoken") };
  const body = form.elements.body?.value.trim();
  if (body) headers["Content-Type"] = "application/json";
  return [query.size ? `${path}?${query}` : path, { method, headers, body: body || undefined }];
}

async function told(answer) {
  const text = await answer.text();
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // no JSON: as it came
  }
  return `${answer.status} ${answer.statusText}\n\n${shown}`;
}

function show(output, text) {
  const block = document.createElement("pre");
  block.textContent = text;
  output.replaceChildren(block);
}

function cookie(name) {
  const found = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}
