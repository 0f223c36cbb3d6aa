// The conversation in the page. `gr.Chatbot` sends all of it again with each step of each answer, and shows a question only
// when the server has it. Here it stands in the page at once, also before Gradio is there, and what comes takes its place.

const element = document.getElementById("log");
const [talk, problem, unreached] = ["talk", "problem", "unreached"].map((id) => document.getElementById(id));
const said = (name, values = {}) =>
  String(JSON.parse(document.getElementById("said").dataset.said)[name]).replace(/\{(\w+)\}/g, (_, key) => values[key]);

// What the browser keeps: the conversation is the window's own, the reader's choices are there at the next visit.
const STORES = { conversation: "sessionStorage", question: "sessionStorage", sent: "sessionStorage", size: "localStorage" };
const kept = (name) => keptIn(STORES[name], `shirube-${name}`);
const keep = (name, value) => keepIn(STORES[name], `shirube-${name}`, value);

const fill = (field, text) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};
// An event of the page's own: Gradio's hidden button sends what stands in its hidden box.
const hand = (to, payload) => {
  fill(document.querySelector("#handed textarea"), JSON.stringify(payload));
  document.getElementById(`do-${to}`).click();
};
let isReady = false;
const later = [];
const whenReady = (go) => (isReady ? go() : later.push(go));

const waiting = () => talk.querySelector("[aria-busy]");
// What was sent or chosen while an answer was on its way.
let next = null;
const put = (question, shown = question) => {
  for (const stale of talk.querySelectorAll(".turn:not([data-answer])")) stale.remove();
  problem.textContent = unreached.textContent = "";
  talk.append(document.getElementById("echo").content.cloneNode(true));
  waiting().querySelector(".words").textContent = shown;
  keep("sent", question);
  show(waiting());
  whenReady(() => submit(question));
};

// The box for the question stands over the end of the screen.
const LINE_PX = 48;
const isBelow = ({ bottom }, from = 0) => bottom - from > document.querySelector(".dock, #dock").getBoundingClientRect().top;
// A question stays in sight above its answer; where there is no room for both, the answer does.
const show = (turn) => {
  (talk.children.length === 1 ? document.body : turn).scrollIntoView({ behavior: "instant" });
  const { top } = turn.querySelector(".answer").getBoundingClientRect();
  if (isBelow({ bottom: top + LINE_PX })) turn.querySelector(".told").scrollIntoView({ behavior: "instant" });
};

// What the server sends: a turn for the one that waits, or what now stands in a part of the page.
const merge = (piece) => {
  piece.remove();
  const isTurn = piece.matches(".turn");
  const old = isTurn ? waiting() : document.getElementById(piece.id);
  if (!old) return;
  const hadFocus = old.contains(document.activeElement);
  const unsent = piece.id === "talk" ? waiting() : null;
  if (isTurn) old.replaceWith(piece);
  else old.replaceChildren(...piece.childNodes, unsent ?? "");
  if (hadFocus) (isTurn ? piece : old).querySelector("[data-stop], .asked, .thanks")?.focus({ preventScroll: true });
  if (isTurn || piece.id === "talk") arrange();
  if (!piece.dataset.answer) return;
  keep("conversation", piece.dataset.conversation);
  keep("sent", "");
  show(piece);
  const go = next;
  next = null;
  go?.();
};
