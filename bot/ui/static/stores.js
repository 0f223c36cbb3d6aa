// What this browser keeps. Where it keeps nothing (private windows, a strict policy), the pages work without.

const keptIn = (store, name) => {
  try {
    return window[store].getItem(name) ?? "";
  } catch {
    return "";
  }
};

const keepIn = (store, name, value) => {
  try {
    if (value) window[store].setItem(name, value);
    else window[store].removeItem(name);
  } catch {
    // Nothing is kept.
  }
};
