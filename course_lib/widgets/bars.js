// You are G, then you are D: a game of eight outcomes, one player by hand, the other by formula.
// mount(element, spec) with spec = { data: [eight probabilities] }.

function mount(element, spec) {
  const n = spec.data.length, HIGH = 200;  // pixels of a column, whose upper end is the probability 1
  const state = { role: "G", g: Array(n).fill(1 / n), d: Array(n).fill(0.5), replies: false };

  // The mathematics: Goodfellow et al. 2014, equations 1, 2 and 4 ------------------------------------------------
  const xlogy = (x, y) => (x === 0 ? 0 : x * Math.log(y));
  const best = (p, g) => p.map((data, i) => (data + g[i] > 0 ? data / (data + g[i]) : 0.5));
  const value = (p, g, d) => p.reduce((sum, data, i) => sum + xlogy(data, d[i]) + xlogy(g[i], 1 - d[i]), 0);
  const jsd = (p, g) => Math.max(0, (value(p, g, best(p, g)) + Math.log(4)) / 2);

  function moved(g, at, share) {  // one bar set, the others scaled so that all sum to 1
    const others = 1 - g[at];
    return g.map((old, i) => (i === at ? share : others > 1e-9 ? (old * (1 - share)) / others : (1 - share) / (n - 1)));
  }

  const reply = (d) => { const most = Math.max(...d), first = d.indexOf(most); return d.map((_, i) => Number(i === first)); };
  const step = (g, d) => { const to = reply(d); return g.map((old, i) => old + 0.3 * (to[i] - old)); };  // three tenths of the way

  // Elements ---------------------------------------------------------------------------------------------------
  function make(tag, about = {}, ...inside) {
    const made = document.createElement(tag);
    for (const [name, given] of Object.entries(about)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), given);
      else if (name in made) made[name] = given;
      else made.setAttribute(name, given);
    }
    made.append(...inside);
    return made;
  }

  const style = make("style", {}, `
    .bars { font: 15px/1.4 system-ui, sans-serif; color: #111; background: #fff; max-width: 640px; }
    .bars button { font: inherit; margin: 2px; padding: 5px 10px; border: 1px solid #888; border-radius: 4px; background: #f4f4f4; cursor: pointer; }
    .bars button[aria-pressed=true] { background: #0072B2; color: #fff; }
    .bars .row { display: flex; gap: 8px; margin: 6px 0; } .bars .column { width: 56px; text-align: center; font-size: 12px; }
    .bars .stage { position: relative; height: ${HIGH}px; border-bottom: 1px solid #111; }
    .bars .p, .bars .g { position: absolute; bottom: 0; box-sizing: border-box; } .bars .p { left: 0; width: 40%; background: #111; }
    .bars .g { left: 40%; width: 40%; background: #009E73; } .bars .d { position: absolute; left: 0; width: 84%; border-top: 3px dashed #0072B2; }
    .bars input[type=range] { position: absolute; right: -6px; top: 0; height: 100%; width: 16px; margin: 0; writing-mode: vertical-lr; direction: rtl; accent-color: #D55E00; }
    .bars .v { font-size: 18px; font-weight: bold; } .bars .scale { position: relative; height: 18px; width: 400px; border-bottom: 4px solid #999; }
    .bars .dot { position: absolute; top: 11px; width: 13px; height: 13px; margin-left: -6px; border-radius: 50%; background: #D55E00; }`);
  const roles = make("div"), told = make("p"), columns = make("div", { className: "row" }), said = make("div", { role: "status", className: "said" }), buttons = make("div");
  const dot = make("div", { className: "dot" }), scale = make("div", { className: "scale" }, dot), ends = make("div", { textContent: "−log 4 = −1.386", style: "font-size:12px" });
  const root = make("div", { className: "bars" }, roles, told, columns, said, scale, ends, buttons);
  element.append(style, root);

  const cells = spec.data.map((data, at) => {
    const p = make("div", { className: "p" }), g = make("div", { className: "g" }), d = make("div", { className: "d" });
    const slider = make("input", { type: "range", min: 0, max: 1, step: 0.01, oninput: () => input(at, Number(slider.value)) });
    const words = make("div", { className: "words" });
    columns.append(make("div", { className: "column" }, make("div", { className: "stage" }, p, g, d, slider), words));
    return { p, g, d, slider, words };
  });

  function input(at, share) {
    if (state.role === "G") state.g = moved(state.g, at, share);
    else { state.d[at] = Math.min(0.99, Math.max(0.01, share)); if (state.replies) state.g = step(state.g, state.d); }
    show();
  }

  function show() {
    const playing = state.role === "G", d = playing ? best(spec.data, state.g) : state.d, v = value(spec.data, state.g, d);
    cells.forEach(({ p, g, d: line, slider, words }, i) => {
      p.style.height = `${spec.data[i] * HIGH}px`;
      g.style.height = `${state.g[i] * HIGH}px`;
      line.style.bottom = `${d[i] * (HIGH - 3)}px`;
      slider.value = playing ? state.g[i] : state.d[i];
      slider.setAttribute("aria-label", playing ? `p_g of outcome ${i + 1}` : `D's answer on outcome ${i + 1}`);
      words.textContent = playing ? state.g[i].toFixed(2) : `D ${d[i].toFixed(2)}`;
    });
    roles.replaceChildren(...["G", "D"].map((role) => make("button", { textContent: `You are ${role}`, "aria-pressed": String(role === state.role), onclick: () => { state.role = role; if (role === "D") state.d = best(spec.data, state.g).map((x) => Math.min(0.99, Math.max(0.01, x))); show(); } })));
    told.textContent = playing
      ? "Drag the green bars, or press the arrow keys. Black: the data. Dashed: the best D there is, which answers at once. Make V as small as you can."
      : "Now the dashed line is yours: D's answers, from 0 at the foot to 1 at the top. Make V large. Then let G move: it goes where you trust it most.";
    const least = value(spec.data, reply(d), d);
    said.replaceChildren(
      make("span", { className: "v", textContent: `V = ${v.toFixed(3)}` }),
      playing ? `    Jensen-Shannon divergence ${jsd(spec.data, state.g).toFixed(3)}` : `    if G now moved as far as it can: ${least.toFixed(3)}; shrugging would give ${(-Math.log(4)).toFixed(3)}`,
    );
    dot.style.left = `${Math.min(1, Math.max(0, (v + Math.log(4)) / Math.log(4))) * 400}px`;
    ends.textContent = playing ? "left end: −log 4 = −1.386, equal; right end: 0, wholly apart" : "left end: −log 4 = −1.386 or less; right end: 0";
    buttons.replaceChildren(...(playing
      ? [["Copy the data", () => { state.g = [...spec.data]; }], ["One outcome only", () => { state.g = reply(spec.data); }], ["All alike", () => { state.g = Array(n).fill(1 / n); }]]
      : [["G takes a step", () => { state.g = step(state.g, state.d); }], ["G goes all the way", () => { state.g = reply(state.d); }], ["My best answer", () => { state.d = best(spec.data, state.g).map((x) => Math.min(0.99, Math.max(0.01, x))); }], ["Shrug", () => { state.d = Array(n).fill(0.5); }]]
    ).map(([words, act]) => make("button", { textContent: words, onclick: () => { act(); show(); } })),
    ...(playing ? [] : [make("label", {}, make("input", { type: "checkbox", checked: state.replies, onchange: (event) => { state.replies = event.target.checked; } }), " G takes a step after each of mine")]));
    root.dataset.v = v; root.dataset.g = JSON.stringify(state.g); root.dataset.d = JSON.stringify(d);
  }

  root.parts = { best, value, jsd, moved, reply, step };
  show();
}
