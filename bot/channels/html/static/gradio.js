// Gradio builds the parts of a page one after the other, on a slow machine with pauses: `go` waits until all are there.
// When the server cannot be reached it says so in English, in a box that is hidden: `lost` says it in Japanese.
const onceBuilt = (parts, go, lost) => {
  const [toasts, ...found] = [".toast-wrap", ...parts].map((part) => document.querySelector(part));
  if (!toasts || found.includes(null)) return setTimeout(() => onceBuilt(parts, go, lost), 50);
  new MutationObserver((changes) => changes.some((one) => one.addedNodes.length) && lost()).observe(toasts, { childList: true });
  go();
};
