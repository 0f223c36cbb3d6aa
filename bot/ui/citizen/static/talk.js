// The conversation in the page. `gr.Chatbot` sends all of it again with each step of each answer, and shows a question only
// when the server has it. Here it stands in the page at once, also before Gradio is there, and what comes takes its place.

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
  piece.scrollIntoView({ behavior: "instant" });
  next = next?.();
};

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
  const answer = await fetch(around.dataset.around).catch(() => null);
  if (!answer?.ok) return;
  seen.unobserve(around);
  around.removeAttribute("data-around"); // or it would be asked for again with each piece that comes
  around.innerHTML = await answer.text();
  const frame = around.querySelector(".around"), meant = frame.querySelector("mark, .meant");
  frame.scrollTop = meant.getBoundingClientRect().top - frame.getBoundingClientRect().top - frame.clientHeight / 4;
};
const seen = new IntersectionObserver((all) => all.forEach((one) => one.isIntersecting && fillIn(one.target)));
