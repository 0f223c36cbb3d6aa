// Runs once, with the conversation in the page, as the body of a function together with the files that follow. Gradio
// gives `element`, `trigger` and `watch`, and puts what the server sends into the page by changing only what differs.

// What the browser says by itself is in the bar, in the words that the reader chose.
const said = (name, values = {}) => {
  const texts = JSON.parse(document.getElementById("said").dataset.said);
  return String(texts[name]).replace(/\{(\w+)\}/g, (_, key) => values[key]);
};
