// The conversation in the page. `gr.Chatbot` sends all of it again with each step of each answer, and shows a question only
// when the server has it. Here it stands in the page at once, also before Gradio is there, and what comes takes its place.

const byId = (id) => document.getElementById(id);
const [page, talk, problem, unreached, box] = ["page", "talk", "problem", "unreached", "box"].map(byId);
const said = (name, values = {}) =>
  String(JSON.parse(byId("said").dataset.said)[name]).replace(/\{(\w+)\}/g, (_, key) => values[key]);
const beside = matchMedia("(min-width: 70rem)");

// Offices that share a host keep theirs apart by their addresses.
const storedAs = (name) => `shirube${location.pathname.slice(0, -1)}-${name}`;
// The conversation and what is written are the window's own.
const keep = (name, value) => kept("sessionStorage", storedAs(name), value);
const write = (text) => {
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
};

// An event of the page's own: Gradio's hidden button sends what stands in its hidden box.
const handNow = (to, payload) => {
  const handed = document.querySelector("#handed textarea");
  handed.value = JSON.stringify(payload);
  handed.dispatchEvent(new Event("input", { bubbles: true }));
  byId(`do-${to}`).click();
};
// What is asked or chosen before Gradio is there, or before the conversation has come back, follows then.
const later = [];
const hand = (to, payload = {}) => ("begun" in page.dataset ? handNow(to, payload) : later.push([to, payload]));

const waiting = () => talk.querySelector("[aria-busy]");
// What was sent or chosen while an answer was on its way.
let next = null;
const put = (question, shown = question) => {
  for (const stale of talk.querySelectorAll(".turn:not([data-answer])")) stale.remove();
  problem.textContent = unreached.textContent = "";
  talk.append(byId("echo").content.cloneNode(true));
  waiting().querySelector(".words").textContent = shown;
  keep("sent", question);
  show(waiting());
  hand("ask", { question });
};

// The box for the question stands over the end of the screen.
const isBelow = (end, from = 0) => end - from > byId("dock").getBoundingClientRect().top;
const LINE_PX = 48;
// A question stays in sight above its answer; where there is no room for both, the answer does.
const show = (turn) => {
  (talk.children.length === 1 ? document.body : turn).scrollIntoView({ behavior: "instant" });
  if (isBelow(turn.querySelector(".answer").getBoundingClientRect().top + LINE_PX)) turn.querySelector(".told").scrollIntoView({ behavior: "instant" });
};

// What the server sends: a turn for the one that waits, or what now stands in a part of the page.
const merge = (piece) => {
  piece.remove();
  const isTurn = piece.matches(".turn");
  const old = isTurn ? waiting() : byId(piece.id);
  if (!old) return;
  const hadFocus = old.contains(document.activeElement);
  const unsent = piece.id === "talk" ? waiting() : null;
  if (isTurn) old.replaceWith(piece);
  else old.replaceChildren(...piece.childNodes, unsent ?? "");
  if (hadFocus) (isTurn ? piece : old).querySelector("[data-stop], .asked, .thanks")?.focus({ preventScroll: true });
  if (isTurn || piece.id === "talk") openFirst();
  if (!piece.dataset.answer) return;
  keep("conversation", piece.dataset.conversation);
  keep("sent", "");
  show(piece);
  const go = next;
  next = null;
  go?.();
};

// What got no answer goes back into the box; where that is taken, it stays in sight.
const giveBack = () => {
  const turn = waiting();
  if (!turn) return;
  turn.removeAttribute("aria-busy");
  turn.querySelector(".stage").textContent = said("broken_off");
  if (!box.value) {
    write(keep("sent"));
    turn.remove();
  }
  keep("sent", "");
};
const sayUnreached = () => {
  giveBack();
  unreached.textContent = said(navigator.onLine ? "unreached" : "offline");
};
addEventListener("offline", sayUnreached);
addEventListener("online", () => unreached.textContent && (unreached.textContent = said("online")));

// A wait that is over is told once, in place of the request to wait.
let waitingOver = 0;
const readProblem = () => {
  const told = problem.querySelector(".problem");
  if (told?.matches("[data-kept]")) giveBack();
  clearTimeout(waitingOver);
  if (told?.dataset.wait) waitingOver = setTimeout(() => (told.firstElementChild.textContent = told.dataset.over), told.dataset.wait * 1000);
};
