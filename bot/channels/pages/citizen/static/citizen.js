// What Gradio's components do not do by themselves: Japanese input, names for screen readers, what a window keeps over a
// reload, and where an answer comes into view. Everything else is the components' own (citizen_page.py).

const find = (selector) => document.querySelector(selector);
const chat = () => find("#chat"), box = () => find("#box textarea");
const settings = () => JSON.parse(find("#settings").dataset.settings);
// What the page is asked for in its address: `#kiosk=180`, and of a frame in another site's page `#keep={...}` (embed.js).
const wishes = new URLSearchParams(location.hash.slice(1));
// A conversation belongs to one window. Offices that share a host have different paths. In another site's page and on a
// kiosk nothing outlives the page, because the next person may see it (decision 060).
const isFramed = parent !== window, isCarried = isFramed && wishes.has("keep") && !wishes.has("kiosk");
const ofPage = isCarried ? JSON.parse(wishes.get("keep") || "{}") : {};
const keep = (name, value) => {
  if (!isFramed && !wishes.has("kiosk")) return kept("sessionStorage", `shirube${location.pathname.slice(0, -1)}-${name}`, value);
  if (value === undefined) return ofPage[name] ?? "";
  ofPage[name] = value;
  if (!isCarried) return value;
  // Browsers deny a frame the storage that they give its site: the page around it keeps it, and the address over a reload.
  history.replaceState(history.state, "", `#keep=${encodeURIComponent(JSON.stringify(ofPage))}`);
  const around = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
  if (around) parent.postMessage({ shirube: "keep", values: ofPage }, around);
  return value;
};
const fill = (field, text) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};
// Gradio's own alerts are English; these are in the reader's language.
const say = (text) => (find("#unreached").textContent = text);

// Before Gradio sees them: the Enter that ends a 変換 in Safari, and questions that are empty or too long.
const isReady = () => {
  const question = box().value, over = [...question].length - settings().limit;
  const message = over > 0 ? settings().too_long.replace("{over}", over.toLocaleString()) : "";
  box().setCustomValidity(question.trim() ? message : settings().empty);
  return box().reportValidity();
};
// What was sent, until its answer is there, and what was sent meanwhile: it stays in the box, and Gradio sends it then.
let next = "";
let isChosen = false; // whether the question was offered and pressed: its button goes, and the focus with it
const isAnswered = () => {
  keep("sent", next);
  next = "";
  isChosen = false;
};
let isPressed = false; // Gradio sends at a keypress, which has no mark of the input method: the keydown before it has
const onSubmit = (event) => {
  const isKey = event.type !== "click";
  if (isKey && (event.key !== "Enter" || event.shiftKey)) return;
  if (!event.target.closest?.(isKey ? "#box textarea" : "#box button")) return;
  const isWanted = event.type === "keypress" ? isPressed : !(isKey && isConverting(event)) && isReady();
  isPressed = isWanted && event.type === "keydown";
  if (!isWanted) {
    event.stopImmediatePropagation();
    return isConverting(event) || event.preventDefault();
  }
  if (event.type === "keydown") return; // the keypress that follows sends
  if (keep("sent")) next = box().value;
  else keep("sent", box().value);
  say("");
  // The keyboard of a phone goes with the focus, and would cover the answer.
  if (matchMedia("(pointer: coarse)").matches) setTimeout(() => box().blur());
};
for (const type of ["keydown", "keypress", "click"]) addEventListener(type, onSubmit, true);
addEventListener("input", (event) => event.target === box() && box().setCustomValidity(""), true);

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.('button, .skip, #chat [href^="#source-"]');
  if (!pressed) return;
  isChosen = pressed.matches(".example, .option");
  if (pressed.id === "end") return beginAnew();
  if (!pressed.hash) return;
  event.preventDefault();
  if (pressed.matches(".skip")) return box().focus();
  pressed.focus(); // what closes gives the focus back; Safari gives none to what is clicked
  openSource(find(`#${CSS.escape(pressed.hash.slice(1))}`));
});
// Where there is room, one source is open beside the answers (citizen.css); else it comes over them.
const openSource = (source) => {
  for (const other of chat().querySelectorAll(".source.opened")) other.classList.remove("opened");
  source.classList.add("opened");
  if (!matchMedia("(min-width: 70rem)").matches) source.showModal();
  source.focus();
};
const beginAnew = () => {
  for (const name of ["conversation", "sent", "question"]) keep(name, (next = ""));
  say("");
  fill(box(), "");
  scrollTo(0, 0);
  box().focus({ preventScroll: true });
};
// What got no answer goes back into the box, unless something else has been written there.
const giveBack = () => {
  if (!box().value) fill(box(), keep("sent"));
  isAnswered();
};
const sayUnreached = async () => {
  if (waiting()) find("#chat [aria-busy] .stage").textContent = settings().broken_off;
  giveBack();
  say(navigator.onLine ? settings().unreached : settings().offline);
  // A process that was started again refuses this page, and shows the conversation to another.
  const answer = await fetch("gradio_api/app_id").catch(() => null);
  if (answer?.ok && (await answer.json()).app_id !== gradio_config.app_id) location.reload();
};
addEventListener("offline", sayUnreached);
addEventListener("online", () => find("#unreached").textContent && say(settings().online));

// Until the section around a source has come, what was quoted is there, and stays where that does not come.
const fillIn = async (around) => {
  const source = around.parentElement, answer = await fetch(around.dataset.around).catch(() => null);
  if (!answer?.ok) return;
  around.outerHTML = await answer.text();
  const frame = source.querySelector(".around"), meant = frame.querySelector("mark, .meant");
  frame.scrollTop = meant.getBoundingClientRect().top - frame.getBoundingClientRect().top - frame.clientHeight / 4;
};
const visible = new IntersectionObserver((all) => all.forEach((one) => one.isIntersecting && fillIn(one.target)));

const FIRST_LINE = 64; // pixels that an answer's first line, with what is above it, takes
// An answer is read from its beginning; where there is room for it down to its sources, these are in sight as well.
const bringIntoView = (turn) => {
  const question = turn.closest(".message-row").previousElementSibling;
  const dock = Math.min(find("#dock").getBoundingClientRect().top, innerHeight); // on a low screen it is below the answer
  question.scrollIntoView({ behavior: "instant" });
  const told = turn.querySelector(".told");
  // On a low screen the question may take all of it: the answer's first line comes before.
  if (told.getBoundingClientRect().top + FIRST_LINE > dock) return told.scrollIntoView({ behavior: "instant" });
  const hidden = (turn.querySelector(".chips")?.getBoundingClientRect().bottom ?? 0) - dock + 8;
  if (hidden >= 1 && hidden < question.getBoundingClientRect().top) scrollBy({ top: hidden, behavior: "instant" });
};

const waiting = () => find("#chat [aria-busy]");
// What Gradio writes for an English page, or in places where ARIA does not allow it (decision 060).
const UNFIT = {
  "#chat [role=log]": ["role", "aria-label", "aria-live"],
  "#chat :is(.placeholder-content, .examples)": ["role"],
  "#chat :is(.example, [data-testid=user], [data-testid=bot])": ["aria-label"],
};
const tidy = () => {
  for (const [selector, names] of Object.entries(UNFIT))
    for (const one of document.querySelectorAll(selector)) names.forEach((name) => one.removeAttribute(name));
  for (const dots of document.querySelectorAll("#chat .dots")) dots.closest("[role=status]")?.setAttribute("aria-hidden", "true");
  // Gradio's typography is for any Markdown; answers and texts have that of base.css.
  for (const one of document.querySelectorAll(".prose")) one.classList.remove("prose");
};
// Gradio closes its stream of messages once nothing is pending. A question that is sent at that moment hears nothing until
// another event opens a stream, and it would hold back all that are sent after it.
setInterval(() => find("#chat .dots") && !waiting() && find("#reopen").click(), 3000);
let shown = null; // the turn that was last brought into view
let answered = ""; // the last answer, which is the last turn again where a later question failed
const onChat = () => {
  for (const around of chat().querySelectorAll("[data-around]")) visible.observe(around);
  const turn = [...chat().querySelectorAll(".turn")].at(-1), name = turn && (turn.dataset.answer ?? "waiting");
  if (!turn || name === shown) return (shown = name);
  shown = name;
  if (isChosen && document.activeElement === document.body) [...chat().querySelectorAll(".asked")].at(-1).focus({ preventScroll: true });
  if (name === "waiting") {
    if (box().value === keep("sent")) fill(box(), "");
    return turn.closest(".message-row").previousElementSibling.scrollIntoView({ behavior: "instant" });
  }
  for (const source of chat().querySelectorAll(".source.opened")) source.classList.remove("opened"); // its own come first
  keep("conversation", turn.dataset.conversation);
  if (name !== answered && "begun" in document.body.dataset) isAnswered();
  answered = name;
  bringIntoView(turn);
};
const onProblem = () => {
  const problem = find("#problem .problem");
  if (problem?.matches("[data-kept]")) giveBack();
  if (problem?.dataset.wait) setTimeout(() => (problem.textContent = problem.dataset.over), problem.dataset.wait * 1000);
};
// What is unfolded to be filled in is not behind the box for the question.
let isAskedWhy = false;
const onLog = () => {
  const why = find("#reasons");
  if (why && !isAskedWhy) setTimeout(() => why.scrollIntoView({ block: "nearest", behavior: "instant" }), 100); // once it is filled
  isAskedWhy = Boolean(why);
};
const onThanks = () => document.activeElement === document.body && find("#thanks .thanks")?.focus({ preventScroll: true });
// How the page speaks is kept for the next visit, and in the address for the next reload.
const SECONDS_OF_A_YEAR = 31536000;
const setSpeechCookie = (name, value, seconds) => {
  const cookie = `shirube-${name === "lang" ? "language" : name}`;
  document.cookie = `${cookie}=${value}; Path=${location.pathname}; Max-Age=${seconds}; SameSite=Lax`;
};
let spoken = ""; // how the page speaks now, as text
const rememberSpeech = ({ speech }) => {
  if (spoken === (spoken = JSON.stringify(speech))) return;
  for (const [name, value] of Object.entries(speech)) setSpeechCookie(name, value, SECONDS_OF_A_YEAR);
  history.replaceState(null, "", `?${new URLSearchParams(speech)}${location.hash}`);
};

const begin = () => {
  delete document.body.dataset.resuming;
  spoken = JSON.stringify(settings().speech);
  document.body.dataset.begun = "";
  if (keep("unreached")) say(`${settings().broken_off}${settings().online}`);
  const sent = keep("sent");
  if (!sent || waiting()) return;
  if (sent === [...chat().querySelectorAll(".words")].at(-1)?.textContent) return isAnswered();
  fill(box(), sent);
  setTimeout(() => find("#box button").click());
};
// The page is in the reader's language: at first, after a choice, and when the conversation has come back.
const onNote = () => {
  if (!find("#settings")) return;
  const { begun, resuming } = document.body.dataset, isResumed = "resumed" in find("#settings").dataset;
  document.documentElement.lang = find("#settings").dataset.lang;
  box().setAttribute("aria-label", settings().label); // the text of its label includes the button
  if (begun === "") return rememberSpeech(settings());
  if (isResumed && !find("#chat .turn")) keep("conversation", "");
  if (isResumed || resuming !== "") return begin();
  fill(find("#resumed textarea"), keep("conversation"));
};

const observe = (selector, change) => {
  new MutationObserver(change).observe(find(selector), { childList: true, subtree: true });
  change();
};
if (keep("conversation")) document.body.dataset.resuming = "";
addEventListener("pagehide", () => {
  keep("question", box()?.value ?? "");
  keep("unreached", find("#unreached")?.textContent ?? "");
});
// Gradio breaks off what is pending when the page is left, and on a slow line it is left seconds later.
let patience = 500;
addEventListener("beforeunload", () => {
  patience = 30_000;
  setTimeout(() => (patience = 500), patience); // it may have been a link to a file or a telephone
}, true);
onceBuilt(["#chat", "#box textarea", "#resumed textarea", "#note", "#problem", "#spoken [data-testid=markdown]", "#thanks"], () => {
  for (const [selector, role] of [["#dock", "search"], ["#problem [data-testid=markdown]", "alert"], ["#spoken [data-testid=markdown]", "status"]]) find(selector).setAttribute("role", role);
  find("#problem").before(Object.assign(document.createElement("p"), { id: "unreached", role: "alert" }));
  if (keep("question")) fill(box(), keep("question"));
  observe("body", tidy);
  observe("#chat", onChat);
  observe("#problem", onProblem);
  observe("#thanks", onThanks);
  observe("#log", onLog);
  observe("#note", onNote);
}, () => setTimeout(sayUnreached, patience));
