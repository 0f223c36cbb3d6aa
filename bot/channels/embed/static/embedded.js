// Within a frame of another page: tells that page that it is here, and when Escape is pressed. Whose page that may be
// the policy of this one says (frame-ancestors); where there is none, it tells itself, who does not listen.
parent.postMessage("shirube:ready", "*");
// Escape first ends a 変換, or what it was pressed in; only one that nobody took closes the frame.
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) parent.postMessage("shirube:close", "*");
});
