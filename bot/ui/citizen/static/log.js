// The conversation: what is pressed in it goes to the server, and what comes back is brought into sight.

let turnsShown = 0;
// Where the focus goes when what was pressed has left the page.
let focusNext = null;

const rate = (answer_id, rating, reasons, comment) => {
  focusNext = () => document.getElementById(`thanks-${answer_id}`);
  trigger("like", { answer_id, rating, reasons, comment });
};

element.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-ask], [data-helpful], [data-copy], [data-stop]");
  if (!pressed) return;
  if (pressed.matches("[data-stop]")) {
    pressed.disabled = true;
    trigger("stop");
  } else if (pressed.dataset.copy) {
    copy(pressed);
  } else if (pressed.dataset.ask) {
    focusNext = () => [...element.querySelectorAll(".asked")].at(-1);
    trigger("select", { question: pressed.dataset.ask, said: pressed.dataset.said });
  } else {
    rate(pressed.dataset.helpful, "up", [], "");
  }
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  rate(event.target.dataset.unhelpful, "down", form.getAll("reason"), form.get("comment"));
});

// `toggle` does not bubble. What the reader has unfolded, the server does not know.
const unfolded = new Set();
const unfold = ({ target }) => {
  // What is filled in does not stand behind the box for the question.
  if (target.open && !unfolded.has(target.id)) target.scrollIntoView({ block: "nearest" });
  unfolded[target.open ? "add" : "delete"](target.id);
};
element.addEventListener("toggle", unfold, true);

const bringIntoSight = () => {
  const turns = element.querySelectorAll(".turn");
  // The first question leaves the name of the service in sight.
  if (turns.length > turnsShown) (turns.length === 1 ? document.body : turns[turns.length - 1]).scrollIntoView();
  if (turns.length === 0 && turnsShown > 0) {
    document.body.scrollIntoView();
    box().focus({ preventScroll: true });
  }
  turnsShown = turns.length;
  if (focusNext?.() && document.activeElement === document.body) {
    focusNext().focus({ preventScroll: true });
    focusNext = null;
  }
};

const begin = () => {
  const entry = document.getElementById("entry");
  entry.setAttribute("role", "search");
  beginWriting();
  beginHearing();
  beginReaching();
};

const PARTS = ["#question textarea", "#send", "#counter", "#unreached", "#problem [role=alert]:not(#unreached)", ".toast-wrap"];
let begun = false;
const drawn = () => {
  const first = !begun;
  const unanswered = first ? kept("sent") : "";
  if (first) begin();
  begun = true;
  document.getElementById("entry").setAttribute("aria-label", said("area"));
  nameVoice();
  takeBackUnreached();
  for (const details of element.querySelectorAll("details[id]")) details.open = unfolded.has(details.id);
  arrange();
  if (first) window.takeOver(write, (question) => trigger("select", { question, said: question }));
  bringIntoSight();
  received();
  if (unanswered && unanswered !== [...element.querySelectorAll(".words")].at(-1)?.textContent) {
    trigger("select", { question: unanswered, said: unanswered });
  }
};
watch("value", () => onceBuilt(PARTS, drawn));

trigger("expand", { conversation: kept("conversation"), speech: kept("speech") });
