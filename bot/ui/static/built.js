// Gradio builds the parts of a page one after the other, on a slow machine with pauses: `go` waits until all are there.

const AGAIN_MS = 50;
const onceBuilt = (parts, go) =>
  parts.every((part) => document.querySelector(part)) ? go() : setTimeout(() => onceBuilt(parts, go), AGAIN_MS);
