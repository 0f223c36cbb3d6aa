// The address behind the # says what is shown; forms with data-do are sent as actions, those with data-go are addresses.

const at = () => location.hash.slice(1);
let shownAt = null;
// Details that a reader has opened or shut stay so while the same view is drawn again.
const unfolded = new Map();

const busy = (is) => element.toggleAttribute("aria-busy", is);

const go = () => {
  busy(true);
  trigger("select", { view: at() });
};

const send = (form, button) => {
  const fields = [...new FormData(form, button)].filter(([, value]) => typeof value === "string");
  const action = button?.dataset.does ?? form.dataset.do;
  const number = String(sent.size + 1);
  if (action === form.dataset.do) sent.set(number, draftName(form));
  busy(true);
  trigger("submit", { view: at(), action, fields, number });
};
// The drafts of the forms that were sent, by the number under which: what has been done needs no draft any more.
const sent = new Map();

element.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.go === undefined && form.dataset.do === undefined) return;
  event.preventDefault();
  if (form.dataset.do !== undefined) {
    if (!form.dataset.sure || confirm(form.dataset.sure)) send(form, event.submitter);
    return;
  }
  const asked = [...new FormData(form)].filter(([, value]) => value);
  const wanted = `${form.dataset.go}?${new URLSearchParams(asked)}`;
  if (wanted === at()) go();
  else location.hash = wanted;
});

// What narrows a list does so as soon as it is chosen.
element.addEventListener("change", ({ target }) => target.matches("form.narrow[data-now] select") && target.form.requestSubmit());

// `toggle` does not bubble.
element.addEventListener("toggle", ({ target }) => target.id && unfolded.set(target.id, target.open), true);

addEventListener("hashchange", () => at() !== shownAt && go());

const sayUnreached = () => {
  busy(false);
  document.querySelector("#problem [role=alert]").textContent =
    "つながりません。通信とサインインを確かめ、少し待ってから、もう一度お試しください。書きかけの内容は、この画面に残っています。";
};

// A view in which something goes on is drawn again each second, as long as somebody looks at it.
setInterval(() => {
  if (!document.hidden && element.querySelector("[data-look-again]")) trigger("tick", { view: shownAt });
}, 1000);

const tellWhereOneIs = () => {
  const area = element.querySelector("[data-area-of]")?.dataset.areaOf ?? shownAt.split("?")[0];
  for (const link of document.querySelectorAll("#frame [data-area]"))
    link.toggleAttribute("aria-current", link.dataset.area === area);
  const heading = element.querySelector("h1")?.textContent;
  document.title = [heading, "評価の作業台"].filter(Boolean).join(" | ");
};

let drawnBefore = null;
const PARTS = ["#frame [data-area]", "#problem [role=alert]", ".toast-wrap"];
const drawn = () => {
  busy(false);
  if (!drawnBefore) whenUnreached(sayUnreached);
  const now = view();
  if (!now) return;
  const fresh = now !== drawnBefore;
  keepIn("sessionStorage", sent.get(now.dataset.done) ?? "", "");
  const moved = shownAt !== null && now.dataset.at !== shownAt;
  shownAt = now.dataset.at;
  if (shownAt !== at() && at()) history[moved ? "pushState" : "replaceState"](null, "", `#${shownAt}`);
  for (const details of now.querySelectorAll("details[id]"))
    if (!fresh && unfolded.has(details.id)) details.open = unfolded.get(details.id);
  if (fresh) {
    if (drawnBefore) {
      scrollTo(0, 0);
      now.querySelector("h1")?.focus({ preventScroll: true });
    }
    unfolded.clear();
    now.querySelectorAll("form[data-draft]").forEach(restoreDraft);
    now.querySelectorAll("form[data-marks]").forEach(pointAtNext);
    now.querySelectorAll(".day input").forEach(sayDay);
    showSwitch();
  }
  drawnBefore = now;
  tellWhereOneIs();
};
watch("value", () => onceBuilt(PARTS, drawn));

go();
