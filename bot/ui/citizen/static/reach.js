// What the page says when the server cannot be reached, or asks to wait.

const unreached = () => document.getElementById("unreached");

// Who leaves the page breaks off what is on its way: nothing is lost then. A telephone number that is pressed is no leaving.
const STAYED_MS = 1000;
let leaving = false;
const leave = () => {
  leaving = true;
  setTimeout(() => (leaving = false), STAYED_MS);
};
addEventListener("beforeunload", leave);

const sayUnreached = () => {
  if (leaving) return;
  const waiting = element.querySelector("[aria-busy=true]");
  if (waiting) {
    waiting.removeAttribute("aria-busy");
    waiting.querySelector(".stage").textContent = said("broken_off");
    if (!box().value) write(waiting.querySelector(".words").textContent);
  }
  received();
  unreached().textContent = said(navigator.onLine ? "unreached" : "offline");
};

const sayReached = () => {
  if (unreached().textContent) unreached().textContent = said("online");
};

const takeBackUnreached = () => {
  if (navigator.onLine) unreached().textContent = "";
};

// A wait that is over is told once, in place of the request to wait.
let waitingOver = 0;
const awaitOver = () => {
  if (document.querySelector("#problem .problem")) received();
  clearTimeout(waitingOver);
  const busy = document.querySelector("#problem [data-wait]");
  if (!busy) return;
  waitingOver = setTimeout(() => (busy.firstElementChild.textContent = busy.dataset.over), Number(busy.dataset.wait) * 1000);
};

const beginReaching = () => {
  addEventListener("offline", sayUnreached);
  addEventListener("online", sayReached);
  // Gradio, which breaks off, hears of the leaving first.
  whenUnreached(() => setTimeout(sayUnreached));
  new MutationObserver(awaitOver).observe(document.querySelector("#problem [role=alert]:not(#unreached)"), { childList: true });
};
