// Python for the page: Pyodide's own files, and SymPy, mpmath and the library as byte code, in one file.
//
// Reads {"sources": {name in the engine: text}} on the standard input; the files that a worker unpacks go to
// the folder named on the command line. Pyodide compiles, so that byte code and interpreter agree.
const fs = require("fs"), path = require("path");
const { loadPyodide } = require("pyodide");

const home = path.dirname(require.resolve("pyodide/package.json"));
const COMPILE = fs.readFileSync(path.join(__dirname, "engine_pack.py"), "utf8");

(async () => {
  const { sources } = JSON.parse(fs.readFileSync(0, "utf8"));
  const python = await loadPyodide({ env: { PYTHONHASHSEED: "0" } });
  python.globals.set("sources", python.toPy(sources));
  python.runPython(COMPILE);
  const folder = process.argv[2];
  for (const name of ["library.zip", "python.zip"]) {
    fs.writeFileSync(path.join(folder, name), python.FS.readFile("/" + name));
  }
  const { info } = JSON.parse(fs.readFileSync(path.join(home, "pyodide-lock.json"), "utf8"));
  fs.writeFileSync(path.join(folder, "lock.json"), JSON.stringify({ info, packages: {} }));
  for (const name of ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm"]) {
    fs.copyFileSync(path.join(home, name), path.join(folder, name));
  }
})().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
