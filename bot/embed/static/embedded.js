// Within a frame of a page that may show the chat: tells that page that it is here, and when Escape is pressed.
(() => {
  const origins = __ORIGINS__;
  if (window.parent === window) return;
  let page = null;
  const tell = (what) => page && window.parent.postMessage(what, page);
  addEventListener("message", (event) => {
    if (event.source !== window.parent || !origins.includes(event.origin) || event.data !== "shirube:hello") return;
    page = event.origin;
    tell("shirube:ready");
  });
  // Escape first ends a 変換, or what it was pressed in; only one that nobody took closes the frame.
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) tell("shirube:close");
  });
})();
