// What is pressed goes to the server or is done here; what comes back gets the focus, unless somebody is typing.

const DEEDS_BY_NAME = {
  clear: () => trigger("clear", {}),
  stop: () => trigger("stop", { question: asked ?? "" }),
  copy: copyAnswer,
  compare: compareOrBack,
  help: showHelp,
  "take-back": takeBack,
};

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.("[data-do], [data-view], [data-ask], [data-jump], a.mark");
  if (!pressed) return;
  if (pressed.matches("a.mark")) {
    event.preventDefault();
    follow(pressed);
  } else if (pressed.dataset.view) {
    showView(pressed.dataset.view);
  } else if (pressed.dataset.ask) {
    box().value = pressed.dataset.ask;
    ask(pressed.dataset.ask);
  } else if (pressed.dataset.jump) {
    showAnswer();
    trigger("select", { at: pressed.dataset.jump });
  } else {
    DEEDS_BY_NAME[pressed.dataset.do]();
  }
});

document.addEventListener("change", (event) => event.target.id === "pair" && trigger("expand", { pair: event.target.value }));

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const { report } = event.target.dataset;
  trigger("like", { answer_id: report, reasons: form.getAll("reason"), comment: form.get("comment") });
});

const begin = () => {
  box().focus();
  whenUnreached(sayUnreached);
};

const PARTS = ["#question", "#told", "#help", "section.documents", ".toast-wrap"];
let begun = false;
const drawn = () => {
  if (!begun) begin();
  begun = true;
  showAnswer();
  const shown = element.querySelector("[data-call]");
  keepCall(shown.dataset.call);
  tell("");
  if ("waiting" in shown.dataset) return;
  if (Number(shown.dataset.at) < 0 && !("failed" in shown.dataset)) {
    box().value = "";
    asOf().value = "";
    sayDay(asOf());
    box().focus();
  } else if (document.activeElement !== box() || box().value === asked) {
    (document.getElementById("reported") ?? document.getElementById("asked")).focus({ preventScroll: true });
  }
  asked = null;
  // Passages that are cited are open, whatever was open at their place before.
  for (const details of element.querySelectorAll(".source")) details.open = /^source-\d/.test(details.id);
};
watch("value", () => onceBuilt(PARTS, drawn));

trigger("apply", { call: keptCall() });
