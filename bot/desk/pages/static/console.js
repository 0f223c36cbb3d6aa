// Runs behind browser.js on every page of the console.
const UNREACHED = "つながりません。通信を確かめ、少し待ってから、もう一度お試しください。";
const SIGNED_OUT = "サインインの期限が切れました。画面を読み直して、サインインしてください。書いた内容は、この画面に残っています。";
const MESSAGE = "shirube message"; // sessionStorage key: what the next page is to say
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const [box, view, spoken] = ["question", "view", "spoken"].map((id) => document.getElementById(id));
const say = (text, id = "message") => {
  for (const one of ["message", "problem"]) document.getElementById(one).textContent = one === id ? text : "";
};

// What is typed and not saved outlives a reload, in the version of the form into which it was typed.
const draftName = (form) => `shirube ${form.dataset.keep ?? `${location.pathname}${location.search} ${all("form").indexOf(form)}`}`;
const restoreDraft = (form) => {
  const [version, written] = kept("sessionStorage", draftName(form)).split("\n"), typed = new URLSearchParams(written);
  for (const field of written && version === form.dataset.draft ? form.elements : []) {
    if (["radio", "checkbox"].includes(field.type)) field.checked = typed.has(field.name, field.value);
    else if (typed.has(field.name) && field.type !== "hidden") field.value = typed.get(field.name);
  }
};
// Browsers write days in their own language: beside the field (components.html) is the Japanese.
const sayDay = ({ valueAsDate: day, nextElementSibling: hint }) =>
  (hint.textContent = day?.toLocaleDateString("ja", { dateStyle: "long", timeZone: "UTC" }) ?? "");

// An action answers with the address to go on at and a message, or with a problem; the form then stays as it was filled in.
const post = async (form, method, action) => {
  const file = form.elements.file, largest = file?.dataset.largest;
  if (file?.files?.[0]?.size > largest * 1e6) return say(`このファイルは大きすぎます。${largest}MB までのファイルに分けてください。`, "problem");
  say(form.dataset.doing ?? "");
  form.ariaBusy = "true";
  const response = await fetch(action, { method, body: new FormData(form) }).catch(() => null);
  const { at, message = "", detail, errors } = { ...form.dataset, ...(await response?.json().catch(() => null)) };
  form.ariaBusy = null;
  if (!response?.ok) {
    if (file && "now" in form.dataset) file.value = ""; // the same file, mended, can be chosen again
    say(!response ? UNREACHED : response.status === 401 ? SIGNED_OUT : detail, "problem");
    return form.elements[errors?.[0].field]?.focus();
  }
  if (!at) return say(message);
  kept("sessionStorage", draftName(form), "");
  kept("sessionStorage", MESSAGE, message);
  const to = new URL(at, location);
  if (to.pathname + to.search !== location.pathname + location.search) return location.assign(to);
  history.replaceState(null, "", to);
  location.reload();
};

// A question is answered in place, so that who types the next one goes on typing.
let asked = null, stop = null; // the question whose answer is on its way, and what gives it up
const show = (content, at = null) => {
  const typing = box === document.activeElement && box.value !== asked;
  view.replaceChildren(...content);
  view.hidden = false;
  if (at) history.pushState(null, "", at), rememberCall();
  if (!typing && !view.querySelector("[data-waiting]")) document.getElementById("asked").focus({ preventScroll: true });
  if (!typing) scrollTo(0, 0);
};
const showState = (id, question) => {
  const content = document.getElementById(id).content.cloneNode(true);
  content.querySelector("#asked").innerHTML = '<span class="unseen">質問：</span>';
  content.querySelector("#asked").append(question);
  content.querySelector("[data-ask]")?.setAttribute("data-ask", question);
  show(content.childNodes);
};
const readEvents = async (response, handle) => {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = "", part; !(part = await reader.read()).done; ) {
    const events = (rest + part.value).split("\n\n");
    rest = events.pop();
    for (const one of events) {
      const [, kind, data] = one.match(/^event: (\w+)\ndata: (.*)$/m) ?? [];
      if (kind) handle(kind, JSON.parse(data));
    }
  }
};
const ask = async (question) => {
  if (question === asked) return;
  stop?.abort();
  const now = (stop = new AbortController()), form = box.form;
  box.value = asked = question;
  say("");
  spoken.textContent = "";
  const soon = setTimeout(() => showState("waiting", question), 300); // an answer of the index is there before
  const handle = (kind, { text, html, at, call, spoken: words, detail }) => {
    const [stage, certain] = [".stage", ".certain"].map((part) => view.querySelector(`[data-waiting] ${part}`));
    if (kind === "stage" && stage) stage.textContent = text;
    if (kind === "delta" && certain) certain.textContent += text;
    if (kind === "problem") throw detail;
    if (kind !== "answer") return;
    clearTimeout(soon);
    const content = new DOMParser().parseFromString(html, "text/html");
    show([...content.body.childNodes], at);
    document.title = `${question} | ${document.title.split(" | ").at(-1)}`;
    if (box.value === asked) box.value = ""; // the question is above its answer now
    form.elements.call.value = call;
    spoken.innerHTML = words;
    asked = null;
  };
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form), signal: now.signal });
    if (!response.ok) throw response.status === 401 ? SIGNED_OUT : (await response.json()).detail;
    await readEvents(response, handle);
    if (asked === question && stop === now) throw UNREACHED;
  } catch (error) {
    clearTimeout(soon);
    if (stop !== now) return;
    showState("failed", question);
    asked = null;
    if (!now.signal.aborted) say(`${typeof error === "string" ? error : UNREACHED}答えを作れませんでした。もう一度お試しください。`, "problem");
  }
};

document.addEventListener("submit", (event) => {
  const form = event.target, { post: method, asks } = { ...form.dataset, ...event.submitter?.dataset };
  if (asks && !confirm(asks)) return event.preventDefault();
  if (form.id === "ask") return event.preventDefault(), ask(box.value);
  if (!method) return;
  event.preventDefault();
  if (!form.ariaBusy) post(form, method, event.submitter?.getAttribute("formaction") ?? form.getAttribute("action"));
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-ask], [data-stop]");
  if (button?.dataset.ask) ask(button.dataset.ask);
  else if (button) stop.abort();
});
document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-draft]");
  if (target.type === "date") sayDay(target);
  if (form) kept("sessionStorage", draftName(form), `${form.dataset.draft}\n${new URLSearchParams(new FormData(form))}`);
});
// What somebody unfolds below the edge is brought into sight; what comes unfolded stays where it is.
document.addEventListener("toggle", ({ target }) => target.matches("[open]:focus-within") && target.scrollIntoView({ block: "nearest" }), true);
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-keys-on]")) kept("localStorage", "shirube-keys-off", target.checked ? "" : "1");
  if (target.matches("form[data-now] :is(select, [type=file])")) target.form.requestSubmit();
});

// An element with data-key is pressed by that key; j, k and the arrows walk through the rows. Keys rest while something is
// typed or converted, while they are explained, and where they were turned off (WCAG 2.2, 2.1.4).
const resting = (event) =>
  event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isConverting(event) ||
  event.target.closest?.("textarea, select, input:not([type=checkbox], [type=radio])") ||
  (event.key.startsWith("Arrow") && event.target.closest?.("[tabindex='0'], input")) ||
  (["Enter", " "].includes(event.key) && event.target.closest?.("a, button, summary, input")) ||
  document.querySelector(":popover-open") || (event.key.length === 1 && kept("localStorage", "shirube-keys-off"));
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && isConverting(event) && event.target.form) event.preventDefault();
  // Its key leads to an empty field, and is no beginning of what is typed there.
  if (!event.target.value && event.key === event.target.dataset?.key) event.preventDefault();
  if (resting(event)) return;
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key], rows = step ? all("[data-row]") : [];
  const now = rows.indexOf(document.activeElement), row = rows[now + step] ?? rows.at(now < 0 ? -1 : now);
  const pressed = row ?? all(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`).find((one) => one.checkVisibility());
  if (!pressed) return;
  event.preventDefault();
  pressed[row || "focus" in pressed.dataset ? "focus" : "click"]();
  if (pressed.matches("summary[data-key]")) pressed.parentElement.querySelector("input:not([type=hidden])")?.focus();
  pressed.select?.();
});

// A mark leads to its passage, which opens; going back leads to the earlier answer.
addEventListener("hashchange", () => {
  const row = document.getElementById(location.hash.slice(1));
  if (!row?.matches("[data-row]")) return;
  row.focus();
  row.parentElement.open = true;
  history.replaceState(null, "", location.pathname + location.search);
});
addEventListener("popstate", () => location.hash || location.reload());
// The way back from another page leads to the call that was in sight.
const rememberCall = () => {
  if (box) kept("sessionStorage", "shirube call", new URLSearchParams(location.search).has("call") ? location.search : "");
  document.querySelector('nav [data-key="l"]').search = kept("sessionStorage", "shirube call");
};
rememberCall();
for (const form of all("form[data-draft]")) restoreDraft(form);
all("[type=date]").forEach(sayDay);
for (const one of all("[data-keys-on]")) one.checked = !kept("localStorage", "shirube-keys-off");
say(kept("sessionStorage", MESSAGE) || document.getElementById("problem").textContent, kept("sessionStorage", MESSAGE) ? "message" : "problem");
kept("sessionStorage", MESSAGE, "");
document.getElementById(location.hash.slice(1))?.focus();
