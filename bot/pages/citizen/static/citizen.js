// The conversation, and what is written and pressed. `gr.Chatbot` sends all of it again with each step of each answer, and shows
// a question only when the server has it; Gradio's own box is not there while the page loads, sends on the Enter that ends a 変換
// in Safari, and ignores one while an answer is on its way. Here a question stands in the page at once, and what comes replaces it.

const byId = (id) => document.getElementById(id);
const [page, talk, problem, unreached, box] = ["page", "talk", "problem", "unreached", "box"].map(byId);
const said = JSON.parse(byId("said").dataset.said);
// The conversation and what is written are the window's own. Offices that share a host are apart by their addresses.
const keep = (name, value) => kept("sessionStorage", `shirube${location.pathname.slice(0, -1)}-${name}`, value);

// An event of the page's own: Gradio's hidden button sends what stands in its hidden box.
const handNow = (to, payload = {}) => {
  const handed = document.querySelector("#handed textarea");
  handed.value = JSON.stringify(payload);
  handed.dispatchEvent(new Event("input", { bubbles: true }));
  byId(`do-${to}`).click();
};
// What is asked or chosen before Gradio is there, or before the conversation has come back, follows then.
const later = [];
const hand = (...event) => ("begun" in page.dataset ? handNow(...event) : later.push(event));

const waiting = () => talk.querySelector("[aria-busy]");
let next = null; // what was sent while an answer was on its way
const put = (question, shown = question) => {
  for (const stale of talk.querySelectorAll(".turn:not([data-answer])")) stale.remove();
  problem.textContent = unreached.textContent = "";
  talk.append(byId("echo").content.cloneNode(true));
  waiting().querySelector(".words").textContent = shown;
  keep("sent", question);
  waiting().scrollIntoView({ behavior: "instant" });
  hand("ask", { question });
};
const sendTyped = () => {
  const question = box.value, over = [...question].length - said.limit;
  const long = over > 0 ? said.too_long.replace("{over}", over.toLocaleString()) : "";
  box.setCustomValidity(question.trim() ? long : said.empty);
  if (!box.reportValidity()) return;
  if (waiting()) return void (next = sendTyped);
  box.value = "";
  // The keyboard of a phone goes with the focus, and would stand over the answer.
  if (matchMedia("(pointer: coarse)").matches) box.blur();
  else box.focus();
  put(question);
};
box.addEventListener("input", () => box.setCustomValidity(""));
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || isConverting(event)) return;
  event.preventDefault();
  sendTyped();
});
document.addEventListener("submit", (event) => {
  if (event.target.matches(".tools form, [method=dialog]")) return;
  event.preventDefault();
  if (event.target.id === "entry") return sendTyped();
  const vote = new FormData(event.target, event.submitter);
  hand("rate", { ...Object.fromEntries(vote), reasons: vote.getAll("reasons") });
});
const beginAnew = () => {
  for (const one of ["conversation", "sent"]) keep(one, "");
  talk.replaceChildren();
  box.value = "";
  scrollTo(0, 0);
  box.focus({ preventScroll: true });
  hand("clear");
  delete page.dataset.begun; // taking back what was asked, the server would take back what is asked at once, too
};
document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.('button, #talk [href^="#source-"]'), { ask, said: shown, stop, again } = pressed?.dataset ?? {};
  if (stop === "") hand("stop");
  if (again === "") beginAnew();
  if (ask) put(ask, shown), waiting().querySelector(".asked").focus({ preventScroll: true });
  // Where there is room, sources stand beside their answer (citizen.css), and this is a link to one.
  if (!pressed?.hash || matchMedia("(min-width: 70rem)").matches) return;
  event.preventDefault();
  pressed.focus(); // what closes gives the focus back; Safari gives none to what is clicked
  byId(pressed.hash.slice(1)).showModal();
  byId(pressed.hash.slice(1)).focus();
});
// What is unfolded to be filled in does not stand behind the box for the question.
document.addEventListener("toggle", ({ target }) => target.matches(".unhelpful[open]") && target.scrollIntoView({ block: "nearest" }), true);

// What got no answer goes back into the box; where that is taken, it stays in sight.
const giveBack = () => {
  const turn = waiting();
  if (!turn) return;
  turn.removeAttribute("aria-busy");
  turn.querySelector(".stage").textContent = said.broken_off;
  if (!box.value) turn.remove();
  box.value ||= keep("sent");
  keep("sent", "");
};
const sayUnreached = () => {
  giveBack();
  unreached.textContent = navigator.onLine ? said.unreached : said.offline;
};
addEventListener("offline", sayUnreached);
addEventListener("online", () => unreached.textContent && (unreached.textContent = said.online));

// Until the section around a source has come, what was quoted stands there, and stays where that does not come.
const fillIn = async (around) => {
  const source = around.parentElement, answer = await fetch(around.dataset.around).catch(() => null);
  if (!answer?.ok) return;
  around.outerHTML = await answer.text();
  const frame = source.querySelector(".around"), meant = frame.querySelector("mark, .meant");
  frame.scrollTop = meant.getBoundingClientRect().top - frame.getBoundingClientRect().top - frame.clientHeight / 4;
};
const seen = new IntersectionObserver((all) => all.forEach((one) => one.isIntersecting && fillIn(one.target)));

const FIRST_LINE = 64; // pixels that an answer's first line, with what stands over it, takes
// An answer is read from its beginning; where there is room for it down to its sources, these are in sight as well.
const bringIntoView = (turn) => {
  turn.scrollIntoView({ behavior: "instant" });
  const dock = byId("dock").getBoundingClientRect().top, told = turn.querySelector(".told");
  // On a low screen the question may take all of it: the answer's first line comes before.
  if (told.getBoundingClientRect().top + FIRST_LINE > dock) return told.scrollIntoView({ behavior: "instant" });
  const bottom = turn.querySelector(".chips")?.getBoundingClientRect().bottom ?? 0;
  const hidden = bottom - dock + 8;
  if (hidden >= 1 && hidden < turn.getBoundingClientRect().top) scrollBy({ top: hidden, behavior: "instant" });
};

// What the server sends: a turn for the one that waits, or what now stands in a part of the page.
const merge = (piece) => {
  piece.remove();
  const isTurn = piece.matches(".turn"), old = isTurn ? waiting() : byId(piece.id);
  if (!old) return;
  const hadFocus = old.contains(document.activeElement), unsent = piece.id === "talk" ? waiting() : null;
  if (isTurn) old.replaceWith(piece);
  else old.replaceChildren(...piece.childNodes, unsent ?? "");
  if (hadFocus) (isTurn ? piece : old).querySelector("[data-stop], .asked, .thanks")?.focus({ preventScroll: true });
  for (const around of talk.querySelectorAll("[data-around]")) seen.observe(around);
  if (!piece.dataset.answer) return;
  keep("conversation", piece.dataset.conversation);
  keep("sent", "");
  bringIntoView(piece);
  next = next?.();
};
const begin = () => {
  const sent = keep("sent");
  byId("welcome").style.visibility = "";
  page.dataset.begun = "";
  for (const event of later.splice(0)) handNow(...event);
  if (sent && !waiting() && sent !== [...talk.querySelectorAll(".words")].at(-1)?.textContent) put(sent);
};
const readChange = () => {
  const pieces = document.querySelectorAll("#change [data-change] > *"), told = document.querySelector("#change .problem");
  pieces.forEach(merge);
  if (told?.matches("[data-kept]")) giveBack();
  if (told?.dataset.wait) setTimeout(() => (told.textContent = told.dataset.over), told.dataset.wait * 1000);
  if (pieces.length && !("begun" in page.dataset)) begin();
};

byId("welcome").style.visibility = keep("conversation") ? "hidden" : "";
if (keep("question")) box.value = keep("question");
addEventListener("pagehide", () => keep("question", box.value));
// Gradio tells of what breaks off when the page is left, too.
onceBuilt(["#handed textarea", "#change", "#do-rate"], () => {
  document.documentElement.lang = page.lang; // Gradio calls a language English that it does not speak
  new MutationObserver(readChange).observe(byId("change"), { childList: true, subtree: true });
  if (keep("conversation") || said.speech) handNow("open", { conversation: keep("conversation"), ...said.speech });
  else begin();
}, () => setTimeout(sayUnreached, 500));
