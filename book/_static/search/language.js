// What the search knows of languages: how a text comes apart into words, and which forms are one word.
// Chinese is written without spaces: of a run of characters every two neighbours are a word.
const LANGUAGE = (() => {
  const HAN = /\p{Script=Han}+/u;
  // Chinese · the name of a claim, NO-7 · a Greek letter · a number, 3.2 · any other word
  const PIECE = /\p{Script=Han}+|(?<![\p{L}\p{N}])[A-Za-z]{2}-\d+|\p{Script=Greek}\p{M}*|\d+(?:\.\d+)+|(?:(?![\p{Script=Han}\p{Script=Greek}])[\p{L}\p{N}\p{M}])+/gu;
  const GREEK = Object.fromEntries(
    ("αalpha βbeta γgamma δdelta εepsilon ζzeta ηeta θtheta ικκkappa λlambda μmu νnu ξxi πpi ρrho σsigma τtau "
      + "φphi χchi ψpsi ωomega").split(" ").map((pair) => [pair[0], pair.slice(1)]),
  );
  const SMALL = new Set("a an and are as at be by can did do does for from how i in is it of on or that the to what when where which why with".split(" "));

  // One form of a word: no accents, no capitals, no plural, Greek letters by their names.
  const fold = (word) => {
    const plain = word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    if (GREEK[plain]) return GREEK[plain];
    if (/[^aeiou]ies$/.test(plain) && plain.length > 4) return plain.slice(0, -3) + "y";
    return /[^sui]s$/.test(plain) && plain.length > 3 ? plain.slice(0, -1) : plain;
  };

  // [{ word, start, end }, ...]
  const pieces = (text) => {
    const found = [];
    for (const { 0: piece, index: start } of text.matchAll(PIECE)) {
      if (!HAN.test(piece)) {
        found.push({ word: fold(piece), start, end: start + piece.length });
        continue;
      }
      const characters = [...piece];
      let at = start;
      characters.forEach((character, i) => {
        const pair = character + (characters[i + 1] ?? "");
        found.push({ word: pair, start: at, end: at + pair.length });
        at += character.length;
      });
    }
    return found;
  };
  const words = (text) => pieces(text).map(({ word }) => word);

  const ASKING = /什么是|是什么|为什么|什么|怎么|怎样|如何|哪些|[吗呢]/g;

  // Of a question: no small words if there are others; of Chinese the pairs.
  const asked = (text) => {
    const found = [];
    for (const piece of text.replace(ASKING, " ").match(PIECE) ?? text.match(PIECE) ?? []) {
      const all = words(piece);
      found.push(...(HAN.test(piece) && all.length > 1 ? all.slice(0, -1) : all));
    }
    const large = found.filter((word) => !SMALL.has(word));
    return [...new Set(large.length ? large : found)];
  };
  const begins = (word) => HAN.test(word) && [...word].length === 1;

  const pair = (word) => HAN.test(word) && [...word].length === 2;

  return { pieces, words, asked, begins, pair };
})();
