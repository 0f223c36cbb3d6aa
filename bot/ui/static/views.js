// Runs once as the body of a function, with the page's own file behind it: Gradio gives `element`, `trigger`, `watch`.
// Gradio has no address for a view (back, forward, reload), no single keys (accesskey is a chord, another one in each
// browser), and keeps nothing that is typed over a reload.
const hooks = { drawn: () => false, sends: () => false, lost: () => "" };
const UNREACHED = "つながりません。通信を確かめ、少し待ってから、もう一度お試しください。";
const all = (what, within = document) => [...within.querySelectorAll(what)];
const view = () => element.querySelector(".view");
const at = () => location.hash.slice(1);
const tell = (told, refused = "") => {
  document.getElementById("told").textContent = told;
  document.getElementById("refused").textContent = refused;
};
const send = (event, told) => {
  element.setAttribute("aria-busy", "true");
  trigger(event, { view: at(), ...told });
};
const go = (to) => (to === at() ? send("select") : (location.hash = to));

// What is typed and not saved outlives a reload: into the form as it was then, so that nothing newer is typed over.
const draftName = (form) => `shirube ${location.pathname} ${form.dataset.keep ?? `${view().dataset.at} ${all("form", element).indexOf(form)}`}`;
const restoreDraft = (form) => {
  const [version, typed] = JSON.parse(kept("sessionStorage", draftName(form)) || "[null, []]");
  for (const field of version === form.dataset.draft ? form.elements : []) {
    const values = typed.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
    else if (values.length && !["hidden", "file"].includes(field.type)) field.value = values[0];
  }
};
const sayDay = (field) => { // browsers write days in their own language: beside the field (fields.html) stands the Japanese
  const hint = document.getElementById(field.getAttribute("aria-describedby")), day = field.valueAsDate;
  field.toggleAttribute("data-empty", !day);
  hint.textContent = day?.toLocaleDateString("ja", { dateStyle: "long", timeZone: "UTC" }) ?? hint.dataset.unset;
};
document.addEventListener("submit", (event) => {
  const form = event.target, does = { ...form.dataset, ...event.submitter?.dataset };
  if (!["go", "do", "post"].some((way) => way in does)) return;
  event.preventDefault();
  const fields = [...new FormData(form, event.submitter)].filter(([, value]) => typeof value === "string");
  if (hooks.sends(form, does, fields)) return;
  if ("go" in does) return go(`${does.go}?${new URLSearchParams(fields.filter(([, value]) => value))}`);
  send(does.on ?? "submit", { action: does.do, fields, draft: does.do === form.dataset.do ? draftName(form) : "" });
});
document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-draft]");
  if (target.type === "date") sayDay(target);
  if (form) kept("sessionStorage", draftName(form), JSON.stringify([form.dataset.draft, [...new FormData(form)]]));
});
document.addEventListener("reset", ({ target }) => kept("sessionStorage", draftName(target), ""));
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-keys-on]")) kept("localStorage", "shirube-keys-off", target.checked ? "" : "1");
  if (target.matches("form[data-now] :is(select, [type=file])")) target.form.requestSubmit();
});

// What has data-key is pressed by that key, marks from above; j, k and the arrows walk through the rows. Keys rest while
// something is typed or converted, while they are explained, and where they were turned off (WCAG 2.2, 2.1.4).
const resting = (event) =>
  event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isConverting(event) ||
  event.target.closest?.("textarea, select, input:not([type=checkbox], [type=radio])") ||
  (event.key.startsWith("Arrow") && event.target.closest?.("[tabindex='0'], input:not([data-key])")) ||
  (["Enter", " "].includes(event.key) && event.target.closest?.("a, button, summary, input")) ||
  document.querySelector(":popover-open") || (event.key.length === 1 && kept("localStorage", "shirube-keys-off"));
const rowFrom = (key, rows) => {
  const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key], now = rows.indexOf(document.activeElement);
  return by && (rows[now + by] ?? rows.at(now < 0 ? -1 : now));
};
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && isConverting(event) && event.target.form) event.preventDefault();
  if (resting(event)) return;
  const named = `[data-key~="${CSS.escape(event.key.toLowerCase())}"]:not(fieldset:has(:checked) *)`;
  const row = rowFrom(event.key, all("[data-row]")), pressed = row ?? all(named).find((one) => one.checkVisibility());
  if (!pressed) return;
  event.preventDefault();
  if (row || pressed.matches("[data-focus]")) pressed.focus();
  else pressed.click();
  if (pressed.matches("summary[data-key]")) pressed.parentElement.querySelector("input:not([type=hidden])")?.focus();
  pressed.select?.();
});

let shownAt = null, before = null, saying = ""; // what is told with the next view
const drawn = () => {
  element.removeAttribute("aria-busy");
  const now = view(), fresh = now !== before, first = !before;
  if (!now) return;
  if (fresh || saying) tell(saying);
  saying = "";
  now.hidden = false;
  if (now.dataset.done) kept("sessionStorage", now.dataset.done, "");
  const moved = shownAt !== null && now.dataset.at !== shownAt;
  shownAt = now.dataset.at;
  if (shownAt !== at() && (at() || shownAt.includes("?"))) history[moved ? "pushState" : "replaceState"](null, "", `#${shownAt}`);
  for (const link of all("#frame [data-area]")) link.toggleAttribute("aria-current", link.dataset.area === now.dataset.area);
  document.title = [now.querySelector("h1, h2")?.textContent, document.title.split(" | ").at(-1)].join(" | ");
  for (const box of all("[data-keys-on]")) box.checked = !kept("localStorage", "shirube-keys-off");
  before = now;
  if (!fresh) return;
  all("form[data-draft]").forEach(restoreDraft);
  all("[type=date]").forEach(sayDay);
  if (hooks.drawn(now, first) || first) return;
  scrollTo(0, 0);
  now.querySelector("h1")?.focus({ preventScroll: true });
};
const lost = async () => {
  element.removeAttribute("aria-busy");
  const answer = await fetch(location.pathname, { redirect: "manual" }).catch(() => null);
  const why = answer?.ok ? "エラーが起きました。もう一度お試しください。" : "サインインの期限が切れました。画面を読み直して、サインインしてください。";
  tell("", `${answer ? why : UNREACHED}${hooks.lost()}書いた内容は、この画面に残っています。`);
};
let isBuilt = false;
watch("value", () => isBuilt && drawn());
onceBuilt(["#frame [data-area]", "#told", "#refused"], () => drawn((isBuilt = true)), lost);
// A view in which something goes on is drawn again each second, as long as somebody looks at it.
setInterval(() => !document.hidden && element.querySelector("[data-look-again]") && trigger("tick", { view: shownAt }), 1000);
addEventListener("hashchange", () => {
  const row = all("[data-row]").find((one) => one.id === at()); // a place in the view, no other view
  if (!row) return at() === shownAt || send("select");
  row.parentElement.open = true;
  history.replaceState(null, "", `#${shownAt}`);
});
send("select");
