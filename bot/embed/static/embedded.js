// Within a frame of another page: tells that page that it is here, and when Escape is pressed. Whose page that may be
// the policy of this one says (frame-ancestors).
const tellPage = (what) => window.parent !== window && window.parent.postMessage(what, "*");
tellPage("shirube:ready");
// Escape first ends a 変換, or what it was pressed in; only one that nobody took closes the frame.
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) tellPage("shirube:close");
});
