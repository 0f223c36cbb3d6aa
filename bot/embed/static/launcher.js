// Puts a button on a page of another site; pressed, it opens the chat in a frame. The server puts the office in.
(() => {
  const office = __OFFICE__;
  const script = document.currentScript;
  const chat = new URL("./", script.src);
  if (document.querySelector("shirube-chat")) return;
  if (!office.origins.includes(location.origin)) {
    console.warn(`しるべ: ${location.origin} には埋め込めません。SHIRUBE_EMBED_ORIGINS に加えてください。`);
    return;
  }

  const make = (name, attributes, ...within) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...within);
    return made;
  };
  const launcher = make("button", { type: "button", class: "launcher", "aria-haspopup": "dialog" }, script.dataset.label || `${office.name}に質問する`);
  const closing = make("button", { type: "button" }, "閉じる");
  const apart = make("a", { href: chat.href, target: "_blank", rel: "noopener" }, "別の画面で開く");
  const told = make("p", { role: "status" });
  const panel = make("dialog", { "aria-label": office.name }, make("div", { class: "bar" }, make("strong", {}, office.name), apart, closing), told);
  const host = make("shirube-chat", { lang: "ja" });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // a style element would need 'unsafe-inline' in the policy of the page
  sheet.replaceSync(office.style);
  root.adoptedStyleSheets = [sheet];
  root.append(launcher, panel);

  // Nobody waits longer than this for a page that may never come.
  const PATIENCE_MS = 20000;
  let frame = null;
  const load = () => {
    told.textContent = "読み込んでいます。";
    frame = make("iframe", { title: `${office.name}（質問と回答）`, allow: "clipboard-write; microphone", referrerpolicy: "origin", src: chat.href });
    frame.addEventListener("load", () => frame.contentWindow.postMessage("shirube:hello", chat.origin));
    panel.append(frame);
    setTimeout(() => told.isConnected && (told.textContent = "読み込めません。上の「別の画面で開く」をお試しください。"), PATIENCE_MS);
  };
  // Where there is room for nothing beside it, the page behind it is out of reach for the keyboard too.
  const fillsAll = matchMedia("(max-width: 30rem), (max-height: 24rem)");
  launcher.addEventListener("click", () => {
    launcher.hidden = true;
    if (fillsAll.matches) panel.showModal();
    else panel.show();
    if (!frame) load();
    frame.focus();
  });
  closing.addEventListener("click", () => panel.close());
  panel.addEventListener("keydown", (event) => event.key === "Escape" && panel.close());
  panel.addEventListener("close", () => {
    launcher.hidden = false;
    launcher.focus();
  });
  addEventListener("message", (event) => {
    if (event.origin !== chat.origin || event.source !== frame?.contentWindow) return;
    if (event.data === "shirube:ready") told.remove();
    if (event.data === "shirube:close") panel.close();
  });

  if (document.body) document.body.append(host);
  else addEventListener("DOMContentLoaded", () => document.body.append(host));
})();
