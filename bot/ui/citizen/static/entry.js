// The box for the question: typed or spoken. Gradio's sends on the Enter that ends a 変換 in Safari, ignores one while an
// answer is on its way, tells of no limit, and is not there yet while the page loads.

const tell = (text) => (byId("too-long").textContent = text);
const excess = () => [...box.value].length - Number(said("limit"));
const sendTyped = () => {
  const question = box.value;
  box.focus();
  if (!question.trim()) return tell(said("empty"));
  if (waiting()) return (next = sendTyped);
  if (excess() > 0) return;
  write("");
  put(question);
};
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || isConverting(event)) return;
  event.preventDefault();
  sendTyped();
});

// The length is shown from .8 of the limit on, and told when the writing pauses: a screen reader is not to count along.
let telling = 0;
box.addEventListener("input", () => {
  const [limit, over, counter] = [Number(said("limit")), excess(), byId("counter")];
  counter.hidden = over < -0.2 * limit;
  counter.textContent = counter.hidden ? "" : said("counter", { length: (limit + over).toLocaleString(), limit: limit.toLocaleString() });
  box.setAttribute("aria-invalid", String(over > 0));
  clearTimeout(telling);
  telling = setTimeout(() => tell(over > 0 ? said("too_long", { over: over.toLocaleString() }) : ""), 300);
});

// Speaking, where the browser can hear: Gradio's microphone would send the sound to the server.
const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const voice = byId("voice");
voice.hidden = !Recognition;
let hearing = null;
// What was typed before stays, and what is heard is put behind it, to be read before it is sent.
voice.addEventListener("click", () => {
  if (hearing) return hearing.stop();
  const before = box.value;
  hearing = Object.assign(new Recognition(), { lang: said("hears"), interimResults: true });
  hearing.onresult = ({ results }) => write(before + [...results].map((result) => result[0].transcript).join(""));
  hearing.onerror = ({ error }) => error !== "aborted" && setTimeout(() => tell(said("voice_failed")), 400);
  hearing.onend = () => {
    hearing = null;
    voice.ariaPressed = "false";
    write(box.value);
    box.focus();
  };
  hearing.start();
  voice.ariaPressed = "true";
  tell(`${said("listening")} ${said("voice_where")}`);
});
