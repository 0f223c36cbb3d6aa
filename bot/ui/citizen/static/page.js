// What is pressed in the page, and how it begins. `gr.HTML` would be compiled in the browser, which its policy forbids.

const PRESSED = {
  ask: ({ ask, said }) => {
    put(ask, said);
    waiting().querySelector(".asked").focus({ preventScroll: true });
  },
  stop: () => hand("stop"),
  again: () => {
    for (const one of ["conversation", "sent"]) keep(one, "");
    talk.replaceChildren();
    write("");
    document.body.scrollIntoView();
    box.focus({ preventScroll: true });
    hand("clear");
    delete page.dataset.begun; // taking back what was asked, the server would take back what is asked at once, too
  },
};
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("button");
  for (const what of Object.keys(PRESSED)) if (button && what in button.dataset) PRESSED[what](button.dataset);
});
document.addEventListener("submit", (event) => {
  if (event.target.matches(".tools form, [method=dialog]")) return;
  event.preventDefault();
  if (event.target.id === "entry") return sendTyped();
  const vote = new FormData(event.target, event.submitter);
  hand("rate", { ...Object.fromEntries(vote), reasons: vote.getAll("reasons") });
});
const hasCopied = (button, done) => {
  const name = [...button.childNodes];
  button.focus();
  button.textContent = byId("spoken").textContent = said(done ? "copied" : "not_copied");
  setTimeout(() => button.replaceChildren(...name), 2500);
};
// What is unfolded to be filled in does not stand behind the box for the question.
document.addEventListener("toggle", ({ target }) => target.matches(".unhelpful[open]") && target.scrollIntoView({ block: "nearest" }), true);

let unanswered = keep("sent");
byId("welcome").style.visibility = keep("conversation") ? "hidden" : "";
if (keep("question")) write(keep("question"));
addEventListener("pagehide", () => keep("question", box.value));
const slow = setTimeout(() => (byId("slow").hidden = false), 20000);

const begin = () => {
  byId("welcome").style.visibility = "";
  page.dataset.begun = "";
  for (const event of later.splice(0)) handNow(...event);
  if (unanswered && !waiting() && unanswered !== [...talk.querySelectorAll(".words")].at(-1)?.textContent) put(unanswered);
  unanswered = "";
};
let lastChange = null;
const readChange = () => {
  const change = document.querySelector("#change [data-change]");
  if (!change || change === lastChange) return;
  lastChange = change;
  for (const piece of [...change.children]) merge(piece);
  readProblem();
  if (!("begun" in page.dataset)) begin();
};
const isBuilt = () => {
  clearTimeout(slow);
  document.documentElement.lang = page.lang; // Gradio calls a language English that it does not speak
  new MutationObserver(readChange).observe(byId("change"), { childList: true, subtree: true });
  const { language, furigana } = byId("said").dataset;
  if (keep("conversation") || `${language}${furigana}` !== "ja0") handNow("open", { conversation: keep("conversation"), language, furigana });
  else begin();
};
// Gradio tells of what breaks off when the page is left, too.
onceBuilt(["#handed textarea", "#change", "#do-rate"], isBuilt, () => setTimeout(sayUnreached, 500));
