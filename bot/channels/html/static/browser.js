// What pages need of the browser, beside Gradio or without it.

// Where nothing may be kept (private windows, a strict policy), the pages work without.
const kept = (store, name, value) => {
  try {
    return value === undefined ? (window[store].getItem(name) ?? "") : window[store].setItem(name, value);
  } catch {
    return "";
  }
};

// Over plain http, as on many an office's own network, browsers offer no clipboard to scripts but this command.
const copyByCommand = (text) => {
  document.addEventListener("copy", (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  }, { once: true });
  return document.execCommand("copy");
};
// What has `data-copy` copies that, or the whole of the address in `data-address`. What came of it is told where the page
// tells such things, or for a while on what was pressed.
document.addEventListener("click", async (event) => {
  const pressed = event.target.closest?.("[data-copy], [data-address]");
  if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const text = pressed.dataset.copy ?? new URL(pressed.dataset.address, location).href;
  const done = (await navigator.clipboard?.writeText(text).then(() => true, () => false)) || copyByCommand(text);
  const told = document.getElementById("message") ?? pressed, before = told.innerHTML;
  told.textContent = done ? pressed.dataset.said : pressed.dataset.unsaid;
  if (told === pressed) setTimeout(() => (told.innerHTML = before), 2500);
});

// A key that is the input method's own has the code 229, also in Safari, which tells of it behind the end of the 変換.
const isConverting = (event) => event.isComposing || event.keyCode === 229;
