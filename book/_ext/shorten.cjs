// {css, words, script} on the standard input; {css, script} on the output: the rules that words of the site can select,
// and both without comments, blanks and long names of their own.
const { PurgeCSS } = require("purgecss");
const { transformSync } = require("esbuild");

const { css, words, script } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const shortened = (text, loader) => transformSync(text, { loader, minify: true, legalComments: "inline" }).code;
new PurgeCSS()
  .purge({ content: [{ raw: words.join(" "), extension: "txt" }], css: [{ raw: css }], keyframes: true })
  .then(([result]) => JSON.stringify({ css: shortened(result.css, "css"), script: shortened(script, "js") }))
  .then((answer) => process.stdout.write(answer));
