// Formulas in, HTML out: a JSON object a line.
const katex = require("katex");

require("readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { latex, options } = JSON.parse(line);
    let answer;
    try {
      answer = { html: katex.renderToString(latex, options) };
    } catch (error) {
      answer = { error: error.message };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  });
