// Single keys rest while something is typed, chosen or converted, and where they were turned off (WCAG 2.2, 2.1.4).

// Safari ends a 変換 before it tells of the Enter that ended it: that key has the code of an input method's all the same.
const INPUT_METHOD = 229;
const isConverting = (event) => event.isComposing || event.keyCode === INPUT_METHOD;

const KEYS_OFF = "shirube-keys-off";
const TYPED_IN =
  "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=file], [type=hidden])";

const keysAreOff = () => keptIn("localStorage", KEYS_OFF) !== "";
const resting = (event) =>
  event.defaultPrevented ||
  event.ctrlKey ||
  event.metaKey ||
  event.altKey ||
  isConverting(event) ||
  Boolean(event.target.closest?.(TYPED_IN)) ||
  (event.key.length === 1 && keysAreOff());

// The box that turns them off stands where the keys are explained.
const showSwitch = () => {
  for (const box of document.querySelectorAll("[data-keys-on]")) box.checked = !keysAreOff();
};
document.addEventListener(
  "change",
  ({ target }) => target.matches?.("[data-keys-on]") && keepIn("localStorage", KEYS_OFF, target.checked ? "" : "1"),
);
