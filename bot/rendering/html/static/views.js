// Runs once as the body of a function: Gradio gives `element`, `trigger`, `watch`. Gradio has no address for a view (back,
// forward, reload), no single keys (accesskey is a chord, another one in each browser), keeps nothing that is typed over a
// reload, and takes a file from whoever sends one.
const UNREACHED = "つながりません。通信を確かめ、少し待ってから、もう一度お試しください。";
const all = (what, within = document) => [...within.querySelectorAll(what)];
const view = () => element.querySelector(".view");
const at = () => location.hash.slice(1);
const tell = (text, where = "told") => all("#told, #refused").forEach((one) => (one.textContent = one.id === where ? text : ""));
const send = (event, told) => {
  tell("");
  trigger(event, { view: at(), ...told });
};
const go = (to) => {
  if (to !== at()) history.pushState(null, "", `#${to}`);
  send("select");
};

// What is typed and not saved outlives a reload: into the form as it was then, so that nothing newer is typed over.
const draftName = (form) => `shirube ${location.pathname} ${form.dataset.keep ?? `${view().dataset.at} ${all("form", element).indexOf(form)}`}`;
const restoreDraft = (form) => {
  const [version, written] = kept("sessionStorage", draftName(form)).split("\n"), typed = new URLSearchParams(written);
  for (const field of written && version === form.dataset.draft ? form.elements : []) {
    if (["radio", "checkbox"].includes(field.type)) field.checked = typed.has(field.name, field.value);
    else if (typed.has(field.name) && field.type !== "hidden") field.value = typed.get(field.name);
  }
};
// Browsers write days in their own language: behind the field (components.html) stands the Japanese.
const sayDay = ({ valueAsDate: day, nextElementSibling: said }) =>
  (said.textContent = day?.toLocaleDateString("ja", { dateStyle: "long", timeZone: "UTC" }) ?? "");

// A form with a file, or about one, goes to a route that asks who sends it; the field that is refused is mended next.
const post = async (form) => {
  const file = form.elements.file, most = file?.dataset.largest;
  if (file?.files[0]?.size > most * 1e6) return tell(`このファイルは大きすぎます。${most}MB までのファイルに分けてください。`, "refused");
  tell(form.dataset.doing ?? "");
  form.ariaBusy = "true";
  const answer = await fetch(form.getAttribute("action"), { method: form.dataset.post, body: new FormData(form) }).catch(() => null);
  const told = { ...form.dataset, ...(await answer?.json().catch(() => null)) };
  form.ariaBusy = null;
  if (answer?.ok) kept("sessionStorage", draftName(form), "");
  if (answer?.ok) go(told.at);
  tell(answer?.ok ? (told.told ?? "") : (told.detail ?? UNREACHED), answer?.ok ? "told" : "refused");
  form.elements[told.errors?.[0].field]?.focus();
};
let before = null, asked = null; // the view in sight, and the question that is on its way to take its place
document.addEventListener("submit", (event) => {
  const form = event.target, does = { ...form.dataset, ...event.submitter?.dataset };
  if (!["go", "do", "post"].some((way) => way in does)) return;
  event.preventDefault();
  if (does.asks && !confirm(does.asks)) return;
  if ("post" in does) return form.ariaBusy || post(form);
  const fields = [...new FormData(form, event.submitter)];
  if ("go" in does) return go(`${does.go}?${new URLSearchParams(fields.filter(([, value]) => value))}`);
  if (does.do === "ask") {
    const { question } = Object.fromEntries(fields);
    if (question === asked) return;
    document.getElementById("question").value = asked = question;
  }
  send(does.on ?? "submit", { action: does.do, fields, draft: does.do === form.dataset.do ? draftName(form) : "" });
});
document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-draft]");
  if (target.type === "date") sayDay(target);
  if (form) kept("sessionStorage", draftName(form), `${form.dataset.draft}\n${new URLSearchParams(new FormData(form))}`);
});
// What somebody unfolds below the edge is brought into sight; what comes unfolded stays where it stands.
document.addEventListener("toggle", ({ target }) => target.matches("[open]:focus-within") && target.scrollIntoView({ block: "nearest" }), true);
document.addEventListener("reset", ({ target }) => {
  kept("sessionStorage", draftName(target), "");
  // Marks that were saved are cleared too, so that the number keys can give new ones; until then the saved ones count.
  all("[data-mark] [type=radio]", target).forEach((one) => (one.defaultChecked = false));
  setTimeout(() => all("[type=date]", target).forEach(sayDay));
});
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
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && isConverting(event) && event.target.form) event.preventDefault();
  if (resting(event)) return;
  const named = `[data-key~="${CSS.escape(event.key.toLowerCase())}"]:not(fieldset:has(:checked) *)`;
  const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key], rows = by ? all("[data-row]") : [];
  const now = rows.indexOf(document.activeElement), row = rows[now + by] ?? rows.at(now < 0 ? -1 : now);
  const pressed = row ?? all(named).find((one) => one.checkVisibility());
  if (!pressed) return;
  event.preventDefault();
  pressed[row || "focus" in pressed.dataset ? "focus" : "click"]();
  if (pressed.matches("summary[data-key]")) pressed.parentElement.querySelector("input:not([type=hidden])")?.focus();
  pressed.select?.();
});

const drawn = () => {
  const now = view(), to = now?.dataset.at;
  if (!now) return;
  now.hidden = false;
  if (now.dataset.done) kept("sessionStorage", now.dataset.done, "");
  // Drawn in place, a form keeps what was typed: what was saved with it must not be saved again with the next entry.
  for (const form of now === before && now.dataset.done ? all("form[data-draft]", now) : []) {
    if (draftName(form) === now.dataset.done) form.reset();
  }
  const way = before && to !== before.dataset.at ? "pushState" : "replaceState";
  if (to !== at() && (at() || to.includes("?"))) history[way](null, "", `#${to}`);
  for (const link of all("#frame [data-area]")) link.ariaCurrent = link.dataset.area === now.dataset.area ? "page" : null;
  document.title = [now.querySelector("h1, h2")?.textContent, document.title.split(" | ").at(-1)].join(" | ");
  for (const box of all("[data-keys-on]")) box.checked = !kept("localStorage", "shirube-keys-off");
  if (now === before || now.querySelector("[data-waiting]")) return;
  const first = !before, lands = document.getElementById(now.querySelector("[data-lands]")?.dataset.lands); // the focus
  const box = document.getElementById("question"), typing = box && box === document.activeElement && box.value !== asked;
  if (now.querySelector(".answer") && box?.value === asked) box.value = ""; // it stands over its answer
  [before, asked] = [now, null];
  all("form[data-draft]").forEach(restoreDraft);
  if (!first) lands?.form?.reset();
  all("[type=date]").forEach(sayDay);
  if (first) return box?.focus();
  if (!lands) scrollTo(0, 0);
  if (!typing) (lands ?? now.querySelector("h1"))?.focus({ preventScroll: !lands });
};
const lost = async () => {
  const answer = await fetch(location.pathname, { redirect: "manual" }).catch(() => null);
  const why = answer?.ok ? "エラーが起きました。もう一度お試しください。" : "サインインの期限が切れました。画面を読み直して、サインインしてください。";
  const unmade = asked === null ? "" : "答えを作れませんでした。もう一度お試しください。";
  if (unmade) view()?.setAttribute("hidden", ""); // an earlier answer is none to what stands in the box
  asked = null;
  tell(`${answer ? why : UNREACHED}${unmade}書いた内容は、この画面に残っています。`, "refused");
};
onceBuilt(["#frame [data-area]", "#told", "#refused"], () => drawn(watch("value", drawn)), lost);
// A view in which something goes on is drawn again each second, as long as somebody looks at it.
setInterval(() => !document.hidden && element.querySelector("[data-look-again]") && trigger("tick", { view: view().dataset.at }), 1000);
addEventListener("hashchange", () => {
  const row = all("[data-row]").find((one) => one.id === at()); // a place in the view, no other view
  if (!row) return send("select");
  row.focus();
  row.parentElement.open = true;
  history.replaceState(null, "", `#${view().dataset.at}`);
});
// The queue has moved to the console.
const [, moved, query] = location.hash.match(/^#(loop|group)(\?.*)?$/) ?? [];
if (moved) location.replace(`../staff/queue/${new URLSearchParams(query).get("id") ?? ""}`.replace(/\/$/, ""));
else send("select");
