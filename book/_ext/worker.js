// A worker: unpacks the engine, starts Python, gives up its reach, and answers one task after another.
// It comes as a blob, so that it runs from a disk too; it is classic there, which Pyodide refuses, so the
// one function by which Pyodide tells is made to throw.
"use strict";
const post = self.postMessage.bind(self);
self.importScripts = () => {
  throw new Error("nothing is imported");
};

async function unpack(blob) {
  const stream = blob.stream().pipeThrough(new DecompressionStream("gzip"));
  const whole = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(whole.buffer).getUint32(0, true);
  const files = {};
  let at = 4 + length;
  for (const [name, size] of JSON.parse(new TextDecoder().decode(whole.subarray(4, at)))) {
    files[name] = whole.subarray(at, (at += size));
  }
  return files;
}

const script = (content) => import(URL.createObjectURL(new Blob([content], { type: "text/javascript" })));

async function start(blob) {
  const files = await unpack(blob);
  const types = { wasm: "application/wasm", zip: "application/zip" };
  self.fetch = async (url) => {
    const name = String(url).split("/").pop();
    if (!(name in files)) throw new Error("not in the engine: " + name);
    return new Response(files[name], { headers: { "Content-Type": types[name.split(".").pop()] } });
  };
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all([
    script(files["pyodide.mjs"]),
    script(files["pyodide.asm.mjs"]),
  ]);
  const python = await loadPyodide({
    createPyodideModule,
    indexURL: "https://engine.invalid/",
    stdLibURL: "https://engine.invalid/python.zip",
    lockFileContents: new TextDecoder().decode(files["lock.json"]),
    jsglobals: { Object, Array, setTimeout, clearTimeout }, // all of JavaScript that Python can name
    env: { PYTHONHASHSEED: "0" },
    stdout: () => {},
    stderr: () => {},
  });
  python.FS.writeFile("/library.zip", files["library.zip"]);
  python.runPython("import sys; sys.path.insert(0, '/library.zip'); import worker; worker.warm_up()");
  const [echo, answer] = python.runPython("worker.shut()\n(worker.echo, worker.answer)").toJs();
  shut();
  return { echo, answer };
}

// No network, no storage, no other workers, no code from text: not for the page's Python, nor for a reader's.
function shut() {
  const kept = new Set(["postMessage", "onmessage", "setTimeout", "clearTimeout", "queueMicrotask"]);
  const reach =
    /^(fetch|XMLHttpRequest|WebSocket|WebTransport|EventSource|importScripts|indexedDB|caches|Worker|SharedWorker|BroadcastChannel|MessageChannel|Notification|open|eval|Function|navigator|cookieStore|showOpenFilePicker|webkitRequestFileSystem.*|webkitResolveLocalFileSystem.*|RTC.*|FileReader.*|IDB.*|URL|Request|createImageBitmap|FontFace|fonts|trustedTypes|scheduler|crossOriginIsolated|origin|location)$/;
  for (let owner = self; owner && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (!reach.test(name) || kept.has(name)) continue;
      if (!delete owner[name]) {
        try {
          Object.defineProperty(owner, name, { value: undefined });
        } catch {}
      }
    }
  }
  const refuse = function () {
    throw new Error("no code from text");
  };
  for (const kind of [function () {}, async function () {}, function* () {}, async function* () {}]) {
    Object.defineProperty(Object.getPrototypeOf(kind), "constructor", { value: refuse });
  }
}

let engine;
self.onmessage = async ({ data }) => {
  try {
    if (data.blob) {
      engine = await start(data.blob);
      post({ ready: true });
      return;
    }
    const task = JSON.stringify(data.task);
    post({ id: data.id, echo: JSON.parse(engine.echo(task)) });
    post({ id: data.id, verdict: JSON.parse(engine.answer(task)) });
  } catch (error) {
    post({ id: data.id, failed: String(error.message || error) });
  }
};
