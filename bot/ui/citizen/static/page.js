// What is pressed in the page, and how it begins. `gr.HTML` would be compiled in the browser, which its policy forbids.

const rate = (answer_id, rating, reasons = [], comment = "") => hand("rate", { answer_id, rating, reasons, comment });
const PRESSED = {
  ask: ({ ask, said }) => {
    put(ask, said);
    waiting().querySelector(".asked").focus({ preventScroll: true });
  },
  helpful: ({ helpful }) => rate(helpful, "up"),
  stop: () => hand("stop"),
  size: ({ size }) => {
    keep("size", size);
    arrive();
  },
  again: () => {
    for (const one of ["conversation", "sent"]) keep(one, "");
    talk.replaceChildren();
    write("");
    document.body.scrollIntoView();
    box().focus({ preventScroll: true });
    whenReady(() => hand("clear"));
  },
  copy: async ({ copy }, button) => {
    const [name, done] = [[...button.childNodes], said((await copied(copy)) ? "copied" : "not_copied")];
    button.focus();
    button.textContent = document.getElementById("spoken").textContent = done;
    setTimeout(() => button.replaceChildren(...name), 2500);
  },
};
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("button");
  for (const what of Object.keys(PRESSED)) if (button && what in button.dataset) PRESSED[what](button.dataset, button);
});
document.addEventListener("submit", (event) => {
  if (!event.target.dataset.unhelpful) return;
  event.preventDefault();
  const form = new FormData(event.target);
  rate(event.target.dataset.unhelpful, "down", form.getAll("reason"), form.get("comment"));
});
// What is unfolded to be filled in does not stand behind the box for the question.
document.addEventListener("toggle", ({ target }) => target.matches(".unhelpful[open]") && target.scrollIntoView({ block: "nearest" }), true);

// The page looks as the reader left it from its first paint; the server does not know how large they read.
const arrive = () => {
  const size = kept("size") || "1";
  document.documentElement.dataset.size = size;
  for (const step of document.querySelectorAll("#bar [data-size]")) step.ariaPressed = String(step.dataset.size === size);
  document.querySelector("#entry, .entry").ariaLabel = said("area");
  nameVoice();
};
document.body.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches);
const unanswered = kept("sent");
const welcome = document.getElementById("welcome");
welcome.style.visibility = kept("conversation") ? "hidden" : "";
arrive();
if (kept("question")) write(kept("question"));
addEventListener("pagehide", () => keep("question", box().value));
const slow = setTimeout(() => (document.getElementById("slow").hidden = false), 20000);

const begin = () => {
  isReady = true;
  welcome.style.visibility = "";
  for (const go of later.splice(0)) go();
  if (unanswered && !waiting() && unanswered !== [...talk.querySelectorAll(".words")].at(-1)?.textContent) put(unanswered);
};
let lastChange = null;
const readChange = () => {
  const change = document.querySelector("#change [data-change]");
  if (!change || change === lastChange) return;
  lastChange = change;
  for (const piece of [...change.children]) merge(piece);
  arrive();
  readProblem();
  if (!isReady) begin();
};

// Gradio's box takes the place of the one that came with the page; a 変換 is not broken off.
let converting = false;
for (const [at, is] of [["compositionstart", true], ["compositionend", false]]) addEventListener(at, () => (converting = is));
const takeOver = () => {
  if (converting) return addEventListener("compositionend", () => setTimeout(takeOver), { once: true });
  const [hadFocus, text, first] = [document.activeElement === box(), box().value, document.getElementById("first")];
  const [dock, send, ...parts] = ["dock", "send", "bar", "log", "note", "alerts", "length", "spoken"].map((id) => document.getElementById(id));
  dock.before(...parts.slice(0, 3));
  dock.prepend(parts[3]);
  dock.append(...parts.slice(4));
  send.before(voice);
  document.getElementById("entry").role = "search";
  clearTimeout(slow);
  // What Gradio has built by itself speaks Japanese, and begins anew.
  for (const [own, came] of [["#question label span", "label span"], ["#send", ".send"]]) document.querySelector(own).replaceChildren(...first.querySelector(came).childNodes);
  const { placeholder } = first.querySelector("textarea");
  first.remove();
  for (const [name, value] of [["placeholder", placeholder], ["aria-describedby", "counter too-long"], ["enterkeyhint", "send"], ["autocomplete", "off"]]) box().setAttribute(name, value);
  write(text);
  arrive();
  if (hadFocus) box().focus();
  new MutationObserver(readChange).observe(document.getElementById("change"), { childList: true, subtree: true });
  // Gradio tells of what breaks off when the page is left, too.
  whenUnreached(() => setTimeout(sayUnreached, 500));
  const { language, furigana } = document.getElementById("said").dataset;
  if (kept("conversation") || `${language}${furigana}` !== "ja0") hand("open", { conversation: kept("conversation"), language, furigana });
  else begin();
};
onceBuilt(["#question textarea", "#send", "#handed textarea", "#change", "#do-rate", ".toast-wrap"], takeOver);
