// A screen that people use one after the other: without input a conversation ends, after a warning (decision 060). The
// address asks for it, with the seconds until the warning: `#kiosk=180`.

const DEFAULT_IDLE_S = 180;
const WARNING_S = 20; // WCAG 2.2.1 asks for no less
const INPUT = ["pointerdown", "pointermove", "wheel", "keydown", "input", "click", "cancel"];
const firstAddress = location.href;

const isUsed = () => find("#chat .turn") || box().value || location.href !== firstAddress;
// An answer that broke off with the connection is being written no more.
const isAnswering = () => (waiting() || keep("sent")) && !find("#unreached").textContent;
// What is left of a conversation goes with the page, and how that spoke with the cookies.
const endVisit = () => {
  for (const name of Object.keys(settings().speech)) setSpeechCookie(name, "", 0);
  history.replaceState(null, "", firstAddress);
  location.reload();
};

const watchForInput = (idleS) => {
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const title = make("h2", { id: "idle-title" }), told = make("p", { id: "idle-told" });
  const stay = make("button", { type: "button", className: "button primary" });
  const warning = make("dialog", { id: "idle", className: "card", role: "alertdialog" });
  warning.setAttribute("aria-labelledby", title.id);
  warning.setAttribute("aria-describedby", told.id);
  warning.append(title, told, stay);
  let idle = 0; // seconds, counted one by one: a machine that slept warns, too
  const extend = () => {
    idle = 0;
    warning.close();
  };
  const onInput = (event) => {
    // Browsers report a move of the pointer where only what is beneath it has moved.
    if (event.type === "pointermove" && !event.movementX && !event.movementY) return;
    if (warning.open && event.type === "keydown") event.preventDefault(); // the key extends and does nothing else
    extend();
  };
  for (const type of INPUT) addEventListener(type, onInput, { capture: true, passive: type === "wheel" });
  addEventListener("message", (event) => event.source === parent && event.data === "shirube:active" && extend());
  setInterval(() => {
    if (!("begun" in document.body.dataset) || isAnswering() || !isUsed()) return extend();
    if (warning.open && document.hidden) return; // a warning counts while it can be seen
    idle += 1;
    if (idle < idleS) return;
    if (idle >= idleS + WARNING_S) return endVisit();
    const words = settings();
    title.textContent = words.idle;
    told.textContent = words.idle_told.replace("{seconds}", idleS + WARNING_S - idle);
    stay.textContent = words.idle_stay;
    if (warning.open) return;
    find(".gradio-container").append(warning);
    warning.showModal();
  }, 1000);
};
if (wishes.has("kiosk")) watchForInput(Number(wishes.get("kiosk")) > 0 ? Number(wishes.get("kiosk")) : DEFAULT_IDLE_S);
