// {css, words} on the standard input; the rules that words of the site can select on the output.
const { PurgeCSS } = require("purgecss");

const { css, words } = JSON.parse(require("fs").readFileSync(0, "utf8"));
new PurgeCSS()
  .purge({ content: [{ raw: words.join(" "), extension: "txt" }], css: [{ raw: css }], keyframes: true })
  .then(([result]) => process.stdout.write(result.css));
