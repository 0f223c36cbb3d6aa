// What this page keeps in the browser, and where.

const KEPT = { conversation: "shirube-conversation", draft: "shirube-question", sent: "shirube-sent", speech: "shirube-speech", size: "shirube-size" };
const storeOf = (name) => (name === "speech" || name === "size" ? "localStorage" : "sessionStorage");

const kept = (name) => keptIn(storeOf(name), KEPT[name]);
const keep = (name, value) => keepIn(storeOf(name), KEPT[name], value);
