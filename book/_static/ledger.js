// The ledger by words: beside the choices, which need no script, a field; an entry stays that has all words.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".nn-filters");
  if (!form) return;
  const { words } = JSON.parse(document.getElementById("words").textContent);
  const field = document.createElement("fieldset");
  field.innerHTML = `<legend></legend><input type="search" autocomplete="off" spellcheck="false">`;
  field.firstChild.textContent = words;
  const input = field.lastChild;
  input.setAttribute("aria-label", words);
  form.prepend(field);
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const entries = [...form.parentElement.querySelectorAll(".nn-entry")].map((entry) => [entry, plain(entry.textContent)]);
  input.addEventListener("input", () => {
    const wanted = plain(input.value).split(/\s+/);
    for (const [entry, text] of entries) entry.hidden = !wanted.every((word) => text.includes(word));
  });
  form.addEventListener("submit", (event) => event.preventDefault());
});
