// Speaking instead of typing, where the browser can hear; elsewhere there is no button.

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
let hearing = null;
let voice = null;

const nameVoice = () => {
  if (!voice) return;
  const name = said(hearing ? "voice_stop" : "voice");
  voice.setAttribute("aria-label", name);
  voice.title = hearing ? name : `${name} – ${said("voice_where")}`;
  voice.setAttribute("aria-pressed", String(Boolean(hearing)));
};

const sayVoice = (text) => (document.getElementById("too-long").textContent = text);

const endHearing = () => {
  hearing = null;
  nameVoice();
  count();
};

// What was typed before stays, and what is heard is put behind it, to be read before it is sent.
const hear = () => {
  if (hearing) return hearing.stop();
  const before = box().value;
  hearing = new Recognition();
  hearing.lang = document.documentElement.lang === "en" ? "en-US" : "ja-JP";
  hearing.interimResults = true;
  hearing.onresult = ({ results }) => write(before + [...results].map((result) => result[0].transcript).join(""));
  hearing.onerror = ({ error }) => error !== "aborted" && setTimeout(() => sayVoice(said("voice_failed")), 400);
  hearing.onend = () => {
    endHearing();
    box().focus();
  };
  hearing.start();
  nameVoice();
  sayVoice(`${said("listening")} ${said("voice_where")}`);
};

const beginHearing = () => {
  if (!Recognition) return;
  voice = document.createElement("button");
  voice.type = "button";
  voice.id = "voice";
  voice.innerHTML =
    '<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false"><rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5 11a7 7 0 0 0 14 0M12 18v3"/></svg>';
  voice.addEventListener("click", hear);
  document.getElementById("send").before(voice);
  nameVoice();
};
