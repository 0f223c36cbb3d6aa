// Puts a button on a page of another site; pressed, it opens the chat in a frame. The server puts the office in.
(() => {
  const office = __OFFICE__;
  const { src, dataset } = document.currentScript, chat = new URL("./", src);
  if (document.querySelector("shirube-chat")) return;
  const unlisted = `しるべ: ${location.origin} には埋め込めません。SHIRUBE_EMBED_ORIGINS に加えてください。`;
  if (!office.origins.includes(location.origin)) return console.warn(unlisted);

  const make = (name, properties, ...within) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...within);
    return made;
  };
  const launcher = make("button", { type: "button", className: "launcher", ariaHasPopup: "dialog" }, dataset.label || `${office.name}に質問する`);
  // A kiosk keeps nothing, whatever else is asked for.
  const isKiosk = "kiosk" in dataset, isKept = "keep" in dataset && !isKiosk;
  // Kept on the side of this page, because browsers deny storage to the frame of another site.
  const carried = (value) => {
    try {
      return value === undefined ? sessionStorage[`shirube ${chat}`] || "{}" : (sessionStorage[`shirube ${chat}`] = value);
    } catch {
      return "{}";
    }
  };
  const wish = isKiosk ? `#kiosk=${encodeURIComponent(dataset.kiosk)}` : isKept ? `#keep=${encodeURIComponent(carried())}` : "";
  const address = chat.href + wish;
  const told = make("p", { role: "status" }, "読み込んでいます。開かないときは、上の「別の画面で開く」をお試しください。");
  const frame = make("iframe", { title: `${office.name}（質問と回答）`, allow: "clipboard-write", referrerPolicy: "origin", src: address });
  const apart = make("a", { href: isKiosk ? address : chat.href, target: "_blank", rel: "noopener" }, "別の画面で開く");
  const close = make("button", {}, isKept ? "閉じる" : "終えて閉じる");
  const bar = make("form", { method: "dialog", className: "bar" }, make("strong", {}, office.name), apart, close);
  const panel = make("dialog", { ariaLabel: office.name, closedBy: "closerequest" }, bar);
  const host = make("shirube-chat", { lang: "ja" });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // a style element would need 'unsafe-inline' in the policy of the page
  sheet.replaceSync(office.style);
  root.adoptedStyleSheets = [sheet];
  root.append(panel, launcher);

  launcher.addEventListener("click", () => {
    if (!frame.isConnected) panel.append(told, frame);
    launcher.focus(); // what closes the panel gives the focus back; Safari gives none to what is clicked
    // Where there is room for nothing beside it, the page behind it is out of reach for the keyboard too.
    panel[matchMedia("(max-width: 30rem), (max-height: 24rem)").matches ? "showModal" : "show"]();
    frame.focus();
  });
  // With its frame the conversation goes, which is not kept elsewhere.
  panel.addEventListener("close", () => isKept || frame.remove());
  addEventListener("message", (event) => {
    if (event.origin !== chat.origin || event.source !== frame.contentWindow) return;
    if (event.data === "shirube:ready") told.remove();
    if (event.data === "shirube:close") panel.close();
    if (isKept && event.data?.shirube === "keep") carried(JSON.stringify(event.data.values));
  });
  // Who uses the page around a kiosk's chat is still there.
  let reported = 0;
  const report = ({ timeStamp, movementX, movementY, type }) => {
    if (timeStamp < reported + 1000 || (type === "pointermove" && !movementX && !movementY)) return;
    reported = timeStamp;
    frame.contentWindow?.postMessage("shirube:active", chat.origin);
  };
  if (isKiosk) for (const type of ["pointerdown", "pointermove", "wheel", "keydown"]) addEventListener(type, report, { capture: true, passive: true });
  document.documentElement.append(host);
})();
