// The latent explorer around engine.js: walk, arithmetic and directions of a generator that the page runs itself.
// mount(element, spec, saved) builds it; saved(z, label), if given, is told the latent that is kept.

function mount(element, spec, saved) {
  const draw = engine(spec), dim = spec.noise.dim;
  const state = { view: "walk", label: 0, place: 0, along: 0, round: false, group: 0, groups: [[], [], []], mean: true, mood: 1, direction: 0 };
  const random = seeded(spec.seed || 1);
  const bank = Array.from({ length: 24 }, noise), stops = Array.from({ length: 9 }, noise);
  const shake = Array.from({ length: 8 }, () => Array.from({ length: dim }, () => (random() - 0.5) / 2));
  let timer = 0, waiting = false, jobs = [];

  // Random numbers, the same on every page: mulberry32, and Box and Muller's for a Gaussian.
  function seeded(state) {
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  function noise() {
    const { kind, low, high } = spec.noise;
    if (kind === "uniform") return Array.from({ length: dim }, () => low + (high - low) * random());
    return Array.from({ length: dim }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  }

  // Latents ----------------------------------------------------------------------------------------------------
  const sum = (a, b, times = 1) => a.map((v, i) => v + times * b[i]);
  const length = (a) => Math.hypot(...a);
  const straight = (a, b, t) => a.map((v, i) => (1 - t) * v + t * b[i]);

  function round(a, b, t) {  // along the great circle, the length changing evenly
    const [la, lb] = [length(a), length(b)];
    const cosine = a.reduce((s, v, i) => s + v * b[i], 0) / (la * lb), angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
    if (Math.sin(angle) < 1e-6) return straight(a, b, t);
    const to = (1 - t) * la + t * lb, [wa, wb] = [Math.sin((1 - t) * angle), Math.sin(t * angle)];
    return a.map((v, i) => (to * (wa * v / la + wb * b[i] / lb)) / Math.sin(angle));
  }

  function onTheWalk() {
    const at = Math.min(7.999999, Math.max(0, state.place)), stop = Math.floor(at);
    return (state.round ? round : straight)(stops[stop], stops[stop + 1], at - stop);
  }

  function meanOf(group) {
    const chosen = state.groups[group].slice(0, state.mean ? 3 : 1).map((i) => bank[i]);
    return chosen.reduce((a, z) => sum(a, z, 1 / chosen.length), Array(dim).fill(0));
  }

  const complete = () => state.groups.every((group) => group.length > 0);
  const result = () => sum(sum(meanOf(0), meanOf(1), -1), meanOf(2));

  function directions() {
    const own = state.groups[0].length && state.groups[1].length ? [{ name: "A minus B", vector: sum(meanOf(0), meanOf(1), -1) }] : [];
    return [...(spec.directions || []), ...own];
  }

  function current() {
    if (state.view === "walk") return onTheWalk();
    if (state.view === "sums") return complete() ? result() : bank[state.groups.flat().at(-1) || 0];
    const chosen = directions()[state.direction];
    const start = state.groups[2].length ? meanOf(2) : bank[0];
    return chosen ? sum(start, chosen.vector, state.along) : start;
  }

  // Elements ---------------------------------------------------------------------------------------------------
  function make(tag, about = {}, ...inside) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(about)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (name in made && name !== "list") made[name] = value;
      else made.setAttribute(name, value);
    }
    made.append(...inside);
    return made;
  }

  function paint(canvas, z) {
    const image = draw(z, state.label, spec.seed || 1), { height, width, channels, pixels } = image;
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d"), data = context.createImageData(width, height);
    for (let p = 0; p < height * width; p++) {
      for (let c = 0; c < 3; c++) data.data[4 * p + c] = 255 * pixels[p * channels + (channels === 3 ? c : 0)] + 0.5;
      data.data[4 * p + 3] = 255;
    }
    context.putImageData(data, 0, 0);
  }

  const big = make("canvas", { className: "big", role: "img" });
  const said = make("p", { className: "said", role: "status" });
  const body = make("div", { className: "body" });
  const tabs = [["walk", "Walk"], ["sums", "Arithmetic"], ["turn", "Direction"]].map(([view, name]) =>
    make("button", { onclick: () => { state.view = view; rebuild(); } }, name));
  const labels = Array.from({ length: spec.classes }, (_, y) =>
    make("button", { onclick: () => { state.label = y; rebuild(); } }, (spec.names || [])[y] || String(y)));
  const keep = make("button", { onclick: keepLatent }, "Save z");
  const picture = make("button", { onclick: keepPicture }, "Save picture");
  element.replaceChildren(make("style", {}, STYLE), make("div", { className: "gan-explorer" },
    make("div", { className: "row", role: "group", "aria-label": "what to do" }, ...tabs),
    make("div", { className: "row", role: "group", "aria-label": "label y", hidden: !labels.length }, "label", ...labels),
    make("div", { className: "sides" }, make("div", {}, big, make("div", { className: "row" }, keep, picture)), body), said));

  // Drawing: what is asked for is drawn at once, but once a frame at most; what comes between waits for the next frame.
  // Thumbnails follow, one a frame, the picture first.
  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      if (dirty) drawNow();
      else if (jobs.length) jobs.shift()();
      if (jobs.length) later();
    });
  }
  let dirty = false;
  const redraw = () => { dirty = true; if (!waiting) drawNow(); };

  function drawNow() {
    dirty = false;
    paint(big, current());
    describe();
    later();  // the frame that shows it; until then nothing else is drawn
  }

  function describe() {
    const words = {
      walk: `On the walk at ${state.place.toFixed(2)} of 8, ${state.round ? "along great circles" : "in straight lines"}.`,
      sums: complete() ? `A minus B plus C, ${state.mean ? "means of up to three" : "single images"}.` : "Choose images for A, B and C.",
      turn: directions().length ? `${directions()[state.direction].name}, ${state.along.toFixed(2)} times.` : "Choose images for A and B first.",
    };
    said.textContent = words[state.view];
    big.setAttribute("aria-label", `What the generator makes. ${words[state.view]}`);
    big.dataset.z = JSON.stringify(current().map((v) => +v.toPrecision(7)));
  }

  function thumbnail(z, about) {
    const canvas = make("canvas", { className: "small" });
    jobs.push(() => paint(canvas, z));
    return make("button", { className: "thumbnail", ...about }, canvas);
  }

  function slider(name, most, least, value, set) {
    const input = make("input", { type: "range", min: least, max: most, step: 0.01, value, "aria-label": name });
    input.addEventListener("input", () => { set(+input.value); redraw(); });
    return input;
  }

  function rebuild() {
    stop();
    jobs = [];
    tabs.forEach((tab, i) => tab.setAttribute("aria-pressed", ["walk", "sums", "turn"][i] === state.view));
    labels.forEach((button, y) => button.setAttribute("aria-pressed", y === state.label));
    body.replaceChildren(...{ walk, sums, turn }[state.view]());
    redraw();
  }

  function walk() {
    const input = slider("place on the walk", 8, 0, state.place, (v) => { state.place = v; });
    const play = make("button", { onclick: () => (timer ? stop() : start(input, play)) }, "Play");
    const kind = make("button", { onclick: () => { state.round = !state.round; rebuild(); }, "aria-pressed": state.round }, "Great circles");
    const points = stops.map((z, i) => thumbnail(z, { "aria-label": `stop ${i}`, onclick: () => { stop(); state.place = i; input.value = i; redraw(); } }));
    return [make("div", { className: "row" }, ...points), input, make("div", { className: "row" }, play, kind,
      make("button", { onclick: () => { stops.forEach((_, i) => { stops[i] = noise(); }); rebuild(); } }, "Other stops"))];
  }

  function start(input, play) {
    play.textContent = "Pause";
    let last = performance.now();
    const go = (now) => {
      state.place = (state.place + (now - last) / 1500) % 8;
      last = now;
      input.value = state.place;
      redraw();
      timer = requestAnimationFrame(go);
    };
    timer = requestAnimationFrame(go);
    play.dataset.playing = "yes";
  }

  function stop() {
    cancelAnimationFrame(timer);
    timer = 0;
    for (const play of body.querySelectorAll("[data-playing]")) { play.textContent = "Play"; delete play.dataset.playing; }
  }

  function groupRow() {
    const names = ["A", "B", "C"];
    return make("div", { className: "row", role: "group", "aria-label": "images for" }, ...names.map((name, g) =>
      make("button", { "aria-pressed": g === state.group, onclick: () => { state.group = g; rebuild(); } },
        `${["", "− ", "+ "][g]}${name}: ${state.groups[g].length}`)),
    make("button", { onclick: () => { state.groups = [[], [], []]; rebuild(); } }, "Clear"));
  }

  function choices() {
    const grid = make("div", { className: "bank", role: "group", "aria-label": "images to choose from" });
    const pick = (i) => {
      const group = state.groups[state.group], place = group.indexOf(i);
      if (place >= 0) group.splice(place, 1);
      else if (group.length < 3) group.push(i);
      rebuild();
      body.querySelectorAll(".bank button")[i].focus();
    };
    grid.append(...bank.map((z, i) => {
      const member = state.groups.map((group, g) => (group.includes(i) ? "ABC"[g] : "")).join("");
      return thumbnail(z, { "aria-label": `image ${i + 1}${member && `, in ${member}`}`, "data-in": member, onclick: () => pick(i) });
    }));
    grid.addEventListener("keydown", (event) => {
      const at = [...grid.children].indexOf(document.activeElement);
      const columns = Math.max(1, Math.round(grid.clientWidth / (grid.children[0].offsetWidth + 4)));
      const move = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
      const group = "abc".indexOf(event.key.toLowerCase());
      if (move && grid.children[at + move]) { grid.children[at + move].focus(); event.preventDefault(); }
      if (group >= 0) { state.group = group; rebuild(); body.querySelectorAll(".bank button")[at].focus(); }
    });
    return grid;
  }

  function sums() {
    const kind = make("button", { "aria-pressed": state.mean, onclick: () => { state.mean = !state.mean; rebuild(); } }, "Means of three");
    const around = make("div", { className: "row", "aria-label": "the result and eight neighbours" });
    if (complete()) around.append(...shake.map((noise, i) => thumbnail(sum(result(), noise), { "aria-label": `neighbour ${i + 1}`, tabIndex: -1 })));
    return [groupRow(), choices(), make("div", { className: "row" }, kind,
      make("button", { onclick: () => { bank.forEach((_, i) => { bank[i] = noise(); }); state.groups = [[], [], []]; rebuild(); } }, "Other images")), around];
  }

  function turn() {
    const known = directions();
    state.direction = Math.min(state.direction, Math.max(0, known.length - 1));
    const names = known.map((one, i) => make("button", { "aria-pressed": i === state.direction, onclick: () => { state.direction = i; rebuild(); } }, one.name));
    return [make("div", { className: "row", role: "group", "aria-label": "direction" }, ...names),
      slider("how far along the direction", 2, -2, state.along, (v) => { state.along = v; }), groupRow(), choices()];
  }

  // Saving -----------------------------------------------------------------------------------------------------
  function download(name, href) {
    make("a", { href, download: name }).click();
  }

  function keepLatent() {
    const z = current(), label = spec.classes ? state.label : null;
    if (saved) { saved(z, label); said.textContent = "Saved: the widget's `latent` holds z now."; }
    else download("latent.json", `data:application/json,${encodeURIComponent(JSON.stringify({ z, label }))}`);
  }

  function keepPicture() {
    download("picture.png", big.toDataURL("image/png"));
  }

  rebuild();
}

const STYLE = `
.gan-explorer { font: 14px/1.4 system-ui, sans-serif; max-width: 720px; color: inherit; }
.gan-explorer .row { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; margin: 4px 0; }
.gan-explorer .sides { display: flex; flex-wrap: wrap; gap: 12px; align-items: flex-start; }
.gan-explorer .body { flex: 1 1 300px; min-width: 0; }
.gan-explorer [hidden] { display: none; }
.gan-explorer canvas { image-rendering: pixelated; display: block; }
.gan-explorer .big { width: 196px; height: 196px; }
.gan-explorer .small { width: 40px; height: 40px; }
.gan-explorer .bank { display: flex; flex-wrap: wrap; gap: 4px; }
.gan-explorer button { font: inherit; color: inherit; background: transparent; border: 1px solid #888; border-radius: 4px; padding: 3px 8px; cursor: pointer; }
.gan-explorer button[aria-pressed="true"] { background: #0072b2; border-color: #0072b2; color: #fff; }
.gan-explorer button:focus-visible, .gan-explorer input:focus-visible { outline: 3px solid #d55e00; outline-offset: 1px; }
.gan-explorer .thumbnail { padding: 1px; position: relative; border-width: 2px; }
.gan-explorer .thumbnail[data-in]:not([data-in=""])::after { content: attr(data-in); position: absolute; right: 0; bottom: 0; background: #d55e00; color: #fff; font-size: 11px; padding: 0 3px; }
.gan-explorer input[type="range"] { width: 100%; }
.gan-explorer .said { min-height: 1.4em; margin: 6px 0 0; }
`;
