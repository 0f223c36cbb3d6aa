// The form for questions. What was typed stays there: the next question is often the same in other words.

const box = () => document.getElementById("question");
const asOf = () => document.getElementById("as-of");

document.addEventListener(
  "keydown",
  (event) => event.target === box() && event.key === "Enter" && isConverting(event) && event.preventDefault(),
  true,
);

let asked = null;
const ask = (question) => {
  if (!question.trim()) {
    tell("質問を入れてください。");
    return box().focus();
  }
  if (asked === question) return;
  asked = question;
  tell("");
  showView("lookup");
  trigger("submit", { question, as_of: asOf().value });
};

document.addEventListener("submit", (event) => {
  if (!event.target.matches("#ask")) return;
  event.preventDefault();
  ask(box().value);
});

const focusQuestion = () => {
  showView("lookup");
  box().focus();
  box().select();
};
