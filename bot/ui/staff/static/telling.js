// Runs once, when the result is in the page, as the body of a function. Gradio gives `element`, `trigger` and `watch`.
// What the page says without the server, and what it keeps for a reload, in this tab alone.

const tell = (text) => (document.getElementById("told").textContent = text);

const CALL = "shirube-call";
const keepCall = (id) => keepIn("sessionStorage", CALL, id);
const keptCall = () => keptIn("sessionStorage", CALL);

// An answer to an earlier question does not stand under one that got none.
const showAnswer = (shown = true) => (element.querySelector("[data-call]").hidden = !shown);

// Gradio speaks English when the server does not answer, or does not know the person any more.
const sayUnreached = async () => {
  const unanswered = asked === null ? "" : "答えを作れませんでした。もう一度お試しください。";
  if (unanswered) showAnswer(false);
  asked = null;
  const answer = await fetch("documents", { method: "GET" }).catch(() => null);
  const why = answer?.status === 401 ? "サインインの期限が切れました。画面を読み直して、サインインしてください。" : answer ? "" : "つながりません。通信を確かめ、少し待ってください。";
  tell(why + unanswered || "エラーが起きました。もう一度お試しください。");
};
