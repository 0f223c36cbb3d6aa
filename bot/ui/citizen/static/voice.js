// Speaking instead of typing, where the browser can hear: Gradio's microphone would send the sound to the server.

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const voice = document.getElementById("voice");
voice.hidden = !Recognition;
let hearing = null;
const nameVoice = () => {
  voice.title = voice.ariaLabel = said(hearing ? "voice_stop" : "voice");
  voice.ariaPressed = String(Boolean(hearing));
};
// What was typed before stays, and what is heard is put behind it, to be read before it is sent.
voice.addEventListener("click", () => {
  if (hearing) return hearing.stop();
  const before = box().value;
  hearing = Object.assign(new Recognition(), { lang: said("dictation"), interimResults: true });
  hearing.onresult = ({ results }) => write(before + [...results].map((result) => result[0].transcript).join(""));
  hearing.onerror = ({ error }) => error !== "aborted" && setTimeout(() => tell(said("voice_failed")), 400);
  hearing.onend = () => {
    hearing = null;
    nameVoice();
    write(box().value);
    box().focus();
  };
  hearing.start();
  nameVoice();
  tell(`${said("listening")} ${said("voice_where")}`);
});
