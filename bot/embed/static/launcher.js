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

  // Nobody waits longer than this for a page that may never come.
  const PATIENCE_MS = 20000;
  const STYLE = `
    :host { all: initial; position: fixed; inset: auto 1rem 1rem auto; z-index: 2147483000; color-scheme: light dark;
      font: 16px/1.5 "Hiragino Sans", "Yu Gothic UI", "Noto Sans JP", "Noto Sans CJK JP", sans-serif;
      --paper: #faf9f6; --ink: #1c2833; --edge: #7c858e; --accent: ${office.light.accent};
      --strong: ${office.light.strong}; --on: ${office.light.on_accent}; }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button, a { font: inherit; color: inherit; }
    button { cursor: pointer; }
    :focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; box-shadow: 0 0 0 2px var(--paper); }
    .launcher { display: flex; align-items: center; gap: .5rem; max-width: calc(100vw - 2rem); min-height: 3rem;
      padding: .6rem 1.1rem; color: var(--on); font-weight: 600; background: var(--accent);
      border: 1px solid var(--paper); border-radius: 999px; box-shadow: 0 2px 10px rgb(0 0 0 / .3); }
    .launcher:hover { background: var(--strong); }
    .launcher svg { flex: none; width: 1.4em; height: 1.4em; fill: currentcolor; }
    dialog { position: static; width: 27rem; height: 44rem; max-width: calc(100vw - 2rem);
      max-height: calc(100vh - 2rem); margin: 0; padding: 0; overflow: hidden; color: var(--ink);
      background: var(--paper); border: 1px solid var(--edge); border-radius: .75rem;
      box-shadow: 0 6px 30px rgb(0 0 0 / .35); }
    dialog[open] { display: flex; flex-direction: column; }
    dialog:modal { position: fixed; inset: 0; width: 100%; height: 100%; max-width: none; max-height: none;
      border: 0; border-radius: 0; }
    .bar { display: flex; align-items: center; gap: 1rem; padding: .4rem .5rem .4rem 1rem; font-size: .875rem;
      border-bottom: 1px solid var(--edge); }
    .bar strong { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .bar a { white-space: nowrap; }
    .bar button { flex: none; min-height: 2.25rem; padding: .2rem .9rem; background: transparent;
      border: 1px solid var(--edge); border-radius: 999px; }
    .told { margin: 0; padding: 1rem; }
    iframe { flex: 1; width: 100%; min-height: 0; border: 0; }
    @media (prefers-color-scheme: dark) {
      :host { --paper: #14181c; --ink: #e6e9ec; --edge: #7d8893; --accent: ${office.dark.accent};
        --strong: ${office.dark.strong}; --on: ${office.dark.on_accent}; }
    }
    @media (prefers-reduced-motion: no-preference) {
      dialog[open] { animation: rise .15s ease-out; }
      @keyframes rise { from { opacity: 0; transform: translateY(.75rem); } }
    }
    @media print { :host { display: none; } }`;

  const make = (name, attributes = {}, ...within) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...within);
    return made;
  };
  const icon = () => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z");
    svg.append(path);
    return svg;
  };

  const host = make("shirube-chat", { lang: "ja" });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // a style element would need 'unsafe-inline' in the policy of the page
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const launcher = make("button", { type: "button", class: "launcher", "aria-haspopup": "dialog" }, icon());
  launcher.append(script.dataset.label || `${office.name}に質問する`);
  const closing = make("button", { type: "button" }, "閉じる");
  const apart = { href: chat.href, target: "_blank", rel: "noopener" };
  const name = make("strong", {}, office.name);
  const bar = make("div", { class: "bar" }, name, make("a", apart, "別の画面で開く"), closing);
  const told = make("p", { class: "told", role: "status" });
  const panel = make("dialog", { "aria-label": office.name }, bar, told);
  root.append(launcher, panel);
  // Where there is room for nothing beside it, the page behind it is out of reach for the keyboard too.
  const fillsAll = matchMedia("(max-width: 30rem), (max-height: 24rem)");

  let frame = null;
  const open = () => {
    launcher.hidden = true;
    if (fillsAll.matches) panel.showModal();
    else panel.show();
    if (frame) {
      frame.focus();
      return;
    }
    told.textContent = "読み込んでいます。";
    frame = make("iframe", { title: `${office.name}（質問と回答）`, allow: "clipboard-write; microphone" });
    frame.setAttribute("referrerpolicy", "origin");
    frame.src = chat.href;
    frame.addEventListener("load", () => frame.contentWindow.postMessage("shirube:hello", chat.origin));
    panel.append(frame);
    frame.focus();
    setTimeout(() => {
      if (told.isConnected) told.textContent = "読み込めません。上の「別の画面で開く」をお試しください。";
    }, PATIENCE_MS);
  };
  launcher.addEventListener("click", open);
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

  const show = () => document.body.append(host);
  if (document.body) show();
  else addEventListener("DOMContentLoaded", show);
})();
