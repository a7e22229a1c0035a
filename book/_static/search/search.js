// Finds places of the book: `SEARCH.find(question)`. MiniSearch weighs words; what is asked for by its name comes first.
const SEARCH = (() => {
  const FIELDS = ["page", "id", "kind", "number", "title", "trail", "text"];
  // Where a reader would rather land, if two places fit alike.
  const WEIGHT = { chapter: 1.3, section: 1.25, term: 1.3, claim: 1.1, figure: 1, formula: 0.5, derivation: 1.1,
    exercise: 0.9, symbol: 0.9, code: 0.4, source: 0.6, page: 0.7 };
  const ALSO = { figure: "figure", claim: "claim verdict", exercise: "exercise", chapter: "chapter", formula: "formula",
    derivation: "derivation derivative", term: "term", symbol: "symbol notation", code: "code function", source: "paper" };
  const BOOST = { name: 8, title: 6, also: 2, trail: 1.5, text: 1 };

  const places = PLACES.map((values, n) => ({ n, ...Object.fromEntries(values.map((value, i) => [FIELDS[i], value])) }));
  const forms = new Map(); // word: { as it is written: how often }
  const note = (text) => LANGUAGE.pieces(text).map(({ word, start, end }) => {
    const written = text.slice(start, end).toLowerCase(), of = forms.get(word) ?? {};
    of[written] = (of[written] ?? 0) + 1;
    forms.set(word, of);
    return word;
  });
  const engine = new MiniSearch({
    idField: "n",
    fields: Object.keys(BOOST),
    extractField: (place, field) => ({
      name: `${place.number} ${place.kind === "code" ? place.title.split(".").at(-1) : ""}`,
      also: ALSO[place.kind] ?? "",
    })[field] ?? place[field],
    tokenize: note,
    processTerm: (word) => word || null,
    searchOptions: { tokenize: (text) => text.split(" "), boost: BOOST },
  });
  engine.addAll(places);

  // A word may go on: "norm" finds normalization too, and so does "no" while the last word is being typed.
  const goesOn = (word, last, typing) => LANGUAGE.begins(word) || word.length > (typing && last ? 1 : 3);
  const hit = (asked, typing) => (word) => asked.some((one, i) => word === one
    || (goesOn(one, i === asked.length - 1, typing) && word.startsWith(one)));
  const search = (asked, typing, how) => engine.search(asked.join(" "), {
    prefix: (word, i, all) => goesOn(word, i === all.length - 1, typing),
    weights: { prefix: 0.3, fuzzy: 0.4 },
    boostDocument: (n) => WEIGHT[places[n].kind] ?? 1,
    ...how,
  });

  // A place whose name is what was asked for before one that only tells of it: by the share of the question that
  // is in the name, times the share of the name that is in the question.
  const ranked = (results, asked, code) => {
    const share = (word, name) => (name.includes(word) ? 1 : name.some(hit([word], false)) ? 0.8 : 0);
    const named = (name) => {
      const both = asked.reduce((sum, word) => sum + share(word, name), 0);
      return name.length ? both * both / (asked.length * name.length) : 0;
    };
    const score = ({ id, score }) => {
      const place = places[id], names = [...place.title.split(" · "), place.number].map(LANGUAGE.asked);
      if (place.kind === "code" && !code) return score;
      return score * (1 + 5 * Math.max(...names.map(named))) * (code && place.kind === "code" ? 5 : 1);
    };
    return results.map((result) => [score(result), result.id]).sort(([a], [b]) => b - a).map(([, id]) => places[id]);
  };

  // Changes between two words: a letter more, less or another, two neighbours that changed places.
  const distance = (a, b) => {
    const rows = [[...Array(b.length + 1).keys()]];
    for (let i = 1; i <= a.length; i++) {
      rows.push([i]);
      for (let j = 1; j <= b.length; j++) {
        const same = a[i - 1] === b[j - 1] ? 0 : 1;
        rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + same);
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
          rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
    return rows[a.length][b.length];
  };

  const written = (word) => {
    const of = forms.get(word) ?? {};
    return Object.keys(of).sort((a, b) => of[b] - of[a])[0] ?? word;
  };
  const known = (word) => forms.has(word);
  const often = (word) => Object.values(forms.get(word)).reduce((sum, count) => sum + count, 0);

  // The word of the book that was probably meant, or two of them written as one.
  const meant = (word) => {
    for (let cut = 3; cut <= word.length - 3; cut++) {
      const parts = [word.slice(0, cut), word.slice(cut)].flatMap((part) => LANGUAGE.words(part));
      if (parts.every(known)) return parts;
    }
    const most = word.length > 5 ? 2 : word.length > 3 ? 1 : 0;
    const near = [...forms.keys()].filter((other) => Math.abs(other.length - word.length) <= most && other.length > 2)
      .map((other) => ({ other, away: distance(word, other) })).filter(({ away }) => away <= most);
    const best = near.sort((a, b) => a.away - b.away || often(b.other) - often(a.other))[0];
    return best && [best.other];
  };

  // "no 7", "NO7" are claims too.
  const joined = (words) => {
    const found = [];
    for (const word of words) {
      const [, letters, digits] = word.match(/^([a-z]{2})(\d+)$/) ?? [, found.at(-1), word];
      const name = `${letters}-${digits}`;
      if (!known(name)) found.push(word);
      else if (letters === found.at(-1)) found[found.length - 1] = name;
      else found.push(name);
    }
    return found;
  };

  // { places, asked: the words, instead: what was searched in their place if they are not in the book, some: true
  //   if no place has all words }; `typing` if the last word may go on.
  const find = (question, typing = false) => {
    const short = question.replace(/\bnnbook\.(?=\w)/g, ""); // the names of places go without
    const asked = joined(LANGUAGE.asked(short)), code = /[_.(]\w*/.test(question);
    if (!asked.length) return { places: [], asked };
    const all = search(asked, typing, { combineWith: "AND" });
    if (all.length) return { places: ranked(all, asked, code), asked };
    // Two Chinese characters that nowhere are neighbours may be beginnings: 批归一化 means 批量归一化.
    const apart = asked.flatMap((word) => LANGUAGE.pair(word) && !known(word) ? [...word] : [word]);
    const begun = apart.length > asked.length ? search(apart, typing, { combineWith: "AND" }) : [];
    if (begun.length) return { places: ranked(begun, apart, code), asked: apart };
    const better = asked.flatMap((word) => known(word) || LANGUAGE.begins(word) ? [word] : meant(word) ?? [word]);
    if (better.join() !== asked.join()) {
      const found = search(better, false, { combineWith: "AND" }), some = !found.length;
      const results = some ? search(better.filter(known), false, { combineWith: "OR" }) : found;
      const instead = better.map(written).join(" ");
      if (results.length) return { places: ranked(results, better), asked: better, instead, some };
    }
    const rest = asked.filter(known);
    const found = rest.length ? ranked(search(rest, false, { combineWith: "OR" }), rest) : [];
    return { places: found, asked: rest, some: true };
  };

  // [[text, whether it was asked for], ...]
  const marked = (text, asked, typing, from = 0, to = text.length) => {
    const parts = [], meant = hit(asked, typing);
    let at = from;
    for (const { word, start, end } of LANGUAGE.pieces(text)) {
      if (start < at || end > to || !meant(word)) continue;
      if (start > at) parts.push([text.slice(at, start), false]);
      if (start === at && parts.at(-1)?.[1]) parts.at(-1)[0] += text.slice(start, end);
      else parts.push([text.slice(start, end), true]);
      at = end;
    }
    if (at < to) parts.push([text.slice(at, to), false]);
    return parts;
  };

  // The stretch of the text with the most of the words, as `marked`.
  const excerpt = (text, asked, typing = false, length = 180) => {
    const meant = hit(asked, typing), hits = LANGUAGE.pieces(text).filter(({ word }) => meant(word));
    let best = 0, most = 0;
    hits.forEach(({ start }, i) => {
      const here = new Set();
      for (let j = i; j < hits.length && hits[j].end <= start + length - 40; j++) here.add(hits[j].word);
      if (here.size > most) [best, most] = [start, here.size];
    });
    let from = best < 60 ? 0 : best - 50, to = Math.min(text.length, from + length);
    // Between words, where there are blanks between them.
    const after = text.indexOf(" ", from) + 1, before = text.lastIndexOf(" ", to);
    if (from && after && after - from < 25) from = Math.min(after, best);
    if (to < text.length && to - before < 25) to = Math.max(before, from + 20);
    const parts = marked(text, asked, typing, from, to);
    if (from) parts.unshift(["… ", false]);
    if (to < text.length) parts.push([" …", false]);
    return { parts, found: most > 0 };
  };

  return { find, marked, excerpt };
})();
