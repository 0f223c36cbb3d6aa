// Gradio builds the parts of a page one after the other, on a slow machine with pauses: `go` waits until all are there.
// When the server cannot be reached it says so in English, in a box that is hidden: `lost` says it in Japanese.
const TOASTS = ".toast-wrap";
const onceBuilt = (parts, go, lost) => {
  if (![...parts, TOASTS].every((part) => document.querySelector(part))) return setTimeout(() => onceBuilt(parts, go, lost), 50);
  new MutationObserver((changes) => changes.some((one) => one.addedNodes.length) && lost()).observe(document.querySelector(TOASTS), { childList: true });
  go();
};
