// Single keys. They rest while a dialog is open, too.

const help = () => document.getElementById("help");
const comparing = () => element.querySelector("[data-comparing]");

const toggleReport = () => {
  const report = document.getElementById("report");
  if (!report) return;
  report.open = true;
  report.querySelector("input").focus();
};
const compareOrBack = () => (comparing() ? comparing().querySelector("[data-jump]").click() : trigger("expand", { pair: "" }));
const showHelp = () => {
  showSwitch();
  help().showModal();
};

const DEEDS = {
  "/": focusQuestion,
  j: () => step(1),
  ArrowDown: () => step(1),
  k: () => step(-1),
  ArrowUp: () => step(-1),
  c: copyAnswer,
  v: compareOrBack,
  w: toggleReport,
  h: () => document.querySelector("#earlier [aria-current]")?.focus(),
  n: () => trigger("clear", {}),
  d: () => showView(viewShown() === "documents" ? "lookup" : "documents"),
  "?": showHelp,
};
const ONLY_HERE = new Set(["j", "k", "ArrowDown", "ArrowUp", "c", "v", "w", "h", "n"]);

document.addEventListener("keydown", (event) => {
  if (resting(event) || help().open) return;
  if (event.key.startsWith("Arrow") && event.target !== document.body && !event.target.closest?.("#result")) return;
  const deed = DEEDS[event.key];
  if (!deed || (viewShown() !== "lookup" && ONLY_HERE.has(event.key))) return;
  event.preventDefault();
  deed();
});
