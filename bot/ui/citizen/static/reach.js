// What the page says when the server cannot be reached, or asks to wait: Gradio says it in English, and loses the question.

// What got no answer goes back into the box; where that is taken, it stays in sight.
const giveBack = () => {
  const turn = waiting();
  if (!turn) return;
  turn.removeAttribute("aria-busy");
  turn.querySelector(".stage").textContent = said("broken_off");
  if (!box().value) {
    write(kept("sent"));
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
