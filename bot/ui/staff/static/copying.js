// The answer with its sources, or the comparison in sight, as it goes into a mail.

const copyAnswer = async () => {
  const text = document.getElementById("mail")?.textContent;
  if (!text) return tell("コピーする回答がまだありません。");
  const what = comparing() ? "新旧の回答" : "回答";
  tell((await copied(text)) ? `${what}を根拠ごとコピーしました。` : `コピーできませんでした。${what}を選んでコピーしてください。`);
};
