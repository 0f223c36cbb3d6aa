// What Gradio's components do not do by themselves: addresses of tabs, Japanese names for screen readers, and a lost connection.
const find = (selector) => document.querySelector(selector);
const NAMES = { "More tabs": "ほかのタブ", "Table actions": "表の操作", "Open cell menu": "列のメニュー", "File upload": "表" };
// Gradio's typography is for any Markdown; our HTML has that of base.css.
const tidy = () => {
  for (const [english, name] of Object.entries(NAMES)) {
    for (const one of document.querySelectorAll(`[aria-label="${english}"]`)) one.setAttribute("aria-label", name);
  }
  for (const one of document.querySelectorAll(".prose")) one.classList.remove("prose");
};
const showAddress = () => {
  const address = find("#address [data-opened]")?.dataset.opened;
  if (address) history.replaceState(null, "", address);
};
const say = (text) => (find("#unreached").textContent = text);
// Gradio reports a lost connection also when the page is left.
onceBuilt(["#message [data-testid=markdown]", "#address", "#tabs"], () => {
  find("#message [data-testid=markdown]").setAttribute("role", "status");
  find("#message").before(Object.assign(document.createElement("p"), { id: "unreached", role: "alert" }));
  new MutationObserver(tidy).observe(document.body, { childList: true, subtree: true });
  new MutationObserver(showAddress).observe(find("#address"), { childList: true, subtree: true, attributes: true });
  tidy();
  showAddress();
}, () => setTimeout(() => say("つながりません。通信を確かめ、少し待ってから、画面を読み直してください。書いた内容は、この画面に残っています。"), 500));
