// You are G, then you are D: a game over a few outcomes. mount(element, spec) builds it; spec.p_data: probabilities.
// In the first half the bars of p_g are the reader's and D is D*; in the second D is the reader's and G replies.

function mount(element, spec) {
  const data = spec.p_data, n = data.length, LOG4 = Math.log(4), LEAST = 0.01, STEP = 0.1;
  const even = Array(n).fill(1 / n), sum = (list) => list.reduce((a, b) => a + b, 0);
  const xlogy = (x, y) => (x === 0 ? 0 : x * Math.log(y));
  const state = { role: "G", p: even, d: Array(n).fill(0.5), dragging: false, auto: false, moves: [], done: new Map(), jumps: 0, steps: 0, fresh: false };

  // The mathematics: Goodfellow et al. 2014, section 4, for sums in place of integrals ------------------------------
  const best = (p) => data.map((a, i) => a / (a + p[i]));                                       // Proposition 1
  const value = (d, p) => sum(data.map((a, i) => xlogy(a, d[i]) + xlogy(p[i], 1 - d[i])));      // equation 1
  const criterion = (p) => sum(data.map((a, i) => xlogy(a, a / (a + p[i])) + xlogy(p[i], p[i] / (a + p[i]))));
  const jsd = (p) => Math.max(0, (criterion(p) + LOG4) / 2);                                    // equation 6
  const allowed = (d) => d.map((one) => Math.min(1 - LEAST, Math.max(LEAST, one)));

  // All of G's mass where D believes most, in equal parts where several places tie.
  function reply(d) {
    const most = Math.max(...d), there = d.map((one) => (one > most - 1e-9 ? 1 : 0));
    return there.map((one) => one / sum(there));
  }

  // One bar is set, the others keep their proportions.
  function withBar(p, i, share) {
    const rest = 1 - p[i];
    return p.map((one, j) => (j === i ? share : rest > 1e-12 ? (one * (1 - share)) / rest : (1 - share) / (n - 1)));
  }

  // Moves ----------------------------------------------------------------------------------------------------------
  function set(i, to) {
    if (state.role === "G") state.p = withBar(state.p, i, Math.min(1, Math.max(0, to)));
    else { state.d = allowed(state.d.map((one, j) => (j === i ? to : one))); noted("D"); }
    redraw();
  }

  // V after each move; a player who moves again before the other has only changed its mind.
  function noted(mover) {
    if (state.moves.at(-1)?.mover === mover) state.moves.pop();
    state.moves.push({ mover, value: value(state.d, state.p) });
  }

  function takeBest() {
    state.d = allowed(best(state.p));
    noted("D");
    state.fresh = true;
    redraw();
  }

  function answered(small) {
    const to = reply(state.d);
    if (small) { state.p = state.p.map((one, i) => (1 - STEP) * one + STEP * to[i]); state.steps += 1; }
    else { state.p = to; if (state.fresh) state.jumps += 1; }
    state.fresh = false;
    noted("G");
    redraw();
  }

  function rounds(left) {
    if (!left || state.role !== "D") return;
    takeBest();
    answered(true);
    setTimeout(() => rounds(left - 1), 60);
  }

  function turn(role) {
    Object.assign(state, { role, moves: [], jumps: 0, steps: 0, fresh: false, p: even, d: allowed(best(even)) });
    noted("D");
    build();
  }

  // What to try, and what it shows once it was done ------------------------------------------------------------------
  const TRY = {
    G: [
      ["one", "Put everything on one outcome. What does D* say of the others, and where does V stand?",
        () => Math.max(...state.p) > 0.995, () => `D* is 1 wherever you never go, and low where you are. V is ${written(criterion(state.p))}, and nearer to 0, the most D can have, the fewer data lie where you are.`],
      ["goal", "Bring V within 0.01 of −log 4.",
        () => criterion(state.p) + LOG4 < 0.01, () => "p_g is p_data but for little, and D* is near one half everywhere: the best D knows nothing."],
    ],
    D: [
      ["jump", "Press “My best answer”, then “G goes all the way”; three times over.",
        () => state.jumps >= 3, () => "G goes where D believes most, D sees it there, G goes elsewhere. Every jump is the best answer to the D it meets, and the game does not settle: collapse that wanders."],
      ["saddle", "Set D so that no answer of G can bring V below −1.39.",
        () => value(state.d, reply(state.d)) > -LOG4 - 0.006, () => "D = 1/2 everywhere: V is −log 4 whatever G does. A D that believes more anywhere is punished there. Of all D that must move first, this one secures the most."],
      ["steps", "Press “Ten rounds” (the best D, then a small step of G) until V rests.",
        () => state.steps >= 10 && jsd(state.p) < 0.03, () => "Small steps, each against the D that fits, bring p_g close to p_data, where no jump ever went. Proposition 2 asks for both: small updates, and D at its best."],
    ],
  };

  // The picture ------------------------------------------------------------------------------------------------------
  const LEFT = 34, WIDE = 46, P = { top: 30, height: 160 }, D = { top: 244, height: 115 }, HIGH = 396, WIDTH = LEFT + n * WIDE + 6;
  const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HIGH}`, width: WIDTH, class: "board" });
  const picture = drawn("g"), over = drawn("g");  // what is drawn anew, and the handles, which stay: a drag must not lose its own
  svg.append(picture, over);
  const body = make("div", { class: "body" }), heading = make("h2"), intro = make("p"), readout = make("div", { class: "readout" });
  const said = make("p", { class: "muted said", role: "status" }), tasks = make("ol", { class: "tasks" }), buttons = make("div", { class: "row" });
  const tabs = ["G", "D"].map((role) => make("button", { type: "button", onclick: () => turn(role) }, `You are ${role}`));
  const root = make("div", { class: "gan roles" }, make("style", {}, LOOK + LOOK_OF_ROLES), make("div", { class: "row", role: "group", "aria-label": "role" }, ...tabs),
    heading, intro, make("div", { class: "sides" }, svg, make("div", { class: "right" }, readout, buttons, tasks)), said);
  element.replaceChildren(root);
  let waiting = false, handles = [], ceiling = 0.5;

  const text = (words, x, y, anchor = "middle", about = {}) => drawn("text", { x, y, "text-anchor": anchor, fill: "#222", ...about }, words);
  const middle = (i) => LEFT + (i + 0.5) * WIDE;
  const atP = (share) => P.top + P.height * (1 - Math.min(share, ceiling) / ceiling), atD = (d) => D.top + D.height * (1 - d);

  function board() {
    const d = state.role === "G" ? best(state.p) : state.d, p = state.p, parts = [];
    if (!state.dragging) ceiling = Math.max(...p) > 0.499 ? 1 : 0.5;
    for (const share of [0, ceiling / 2, ceiling]) parts.push(text(String(share), LEFT - 6, atP(share) + 4, "end"));
    for (const [at, words] of [[0, "0"], [0.5, "½"], [1, "1"]]) parts.push(text(words, LEFT - 6, atD(at) + 4, "end"));
    for (const at of [0, 0.5, 1]) parts.push(drawn("line", { x1: LEFT, x2: WIDTH - 6, y1: atD(at), y2: atD(at), stroke: "#bbb", "stroke-dasharray": at === 0.5 ? "3 3" : "none" }));
    parts.push(drawn("line", { x1: LEFT, x2: WIDTH - 6, y1: atP(0), y2: atP(0), stroke: "#222" }));
    data.forEach((a, i) => {
      const x = middle(i);
      parts.push(drawn("rect", { x: x - 17, y: atP(a), width: 15, height: atP(0) - atP(a), fill: "none", stroke: "#000", "stroke-width": 1.5, "stroke-dasharray": "2 2" }),
        drawn("rect", { x: x + 1, y: atP(p[i]), width: 15, height: atP(0) - atP(p[i]), fill: "#009e73" }),
        text(p[i].toFixed(2), x + 3, atP(0) + 13, "middle", { fill: "#00664b", "font-size": 11 }),
        drawn("rect", { x: x - 8, y: Math.min(atD(d[i]), atD(0.5)), width: 16, height: Math.abs(atD(d[i]) - atD(0.5)), fill: "#0072b2", opacity: 0.35 }),
        drawn("circle", { cx: x, cy: atD(d[i]), r: 5, fill: "#0072b2" }),
        text(d[i].toFixed(2), x, atD(0) + 14, "middle", { fill: "#005a8d", "font-size": 11 }),
        text(String(i + 1), x, HIGH - 6));
    });
    parts.push(drawn("rect", { x: LEFT + 4, y: 4, width: 10, height: 10, fill: "none", stroke: "#000", "stroke-dasharray": "2 2" }), text("p_data", LEFT + 19, 13, "start"),
      drawn("rect", { x: LEFT + 74, y: 4, width: 10, height: 10, fill: "#009e73" }), text(state.role === "G" ? "p_g, yours" : "p_g", LEFT + 89, 13, "start"),
      text(state.role === "G" ? "D*, the best answer to your p_g" : "D, yours", LEFT + 4, D.top - 15, "start", { fill: "#005a8d" }), text("x", LEFT - 6, HIGH - 6, "end", { "font-style": "italic" }));
    handles.forEach((one, i) => {
      const now = state.role === "G" ? p[i] : state.d[i];
      one.setAttribute("aria-valuenow", now.toFixed(3));
      one.setAttribute("aria-valuetext", `${now.toFixed(2)}, D ${d[i].toFixed(2)}`);
    });
    picture.replaceChildren(...parts);
  }

  // A column of the picture that is dragged, or moved by the arrow keys.
  function handle(i) {
    const mine = state.role === "G" ? P : D, [low, high] = state.role === "G" ? [0, 1] : [LEAST, 1 - LEAST];
    const area = drawn("rect", { x: middle(i) - WIDE / 2 + 2, y: mine.top - 8, width: WIDE - 4, height: mine.height + 26, rx: 4, class: "handle", tabindex: 0, role: "slider",
      "aria-label": `${state.role === "G" ? "p_g" : "D"} of outcome ${i + 1}`, "aria-orientation": "vertical", "aria-valuemin": low, "aria-valuemax": high });
    const now = () => (state.role === "G" ? state.p[i] : state.d[i]);
    const follow = (event) => {
      const box = svg.getBoundingClientRect(), y = ((event.clientY - box.top) * HIGH) / box.height;
      set(i, (1 - (y - mine.top) / mine.height) * (state.role === "G" ? ceiling : 1));
    };
    area.addEventListener("pointerdown", (event) => { area.setPointerCapture(event.pointerId); state.dragging = true; area.focus(); follow(event); });
    area.addEventListener("pointermove", (event) => { if (state.dragging && area.hasPointerCapture(event.pointerId)) follow(event); });
    area.addEventListener("pointerup", () => { state.dragging = false; released(); });
    area.addEventListener("pointercancel", () => { state.dragging = false; redraw(); });
    area.addEventListener("keydown", (event) => {
      const by = { ArrowUp: 0.01, ArrowDown: -0.01, PageUp: 0.1, PageDown: -0.1 }[event.key];
      const to = { ArrowLeft: i - 1, ArrowRight: i + 1 }[event.key];
      if (by) { set(i, Math.round((now() + by * (event.shiftKey ? 5 : 1)) * 1e4) / 1e4); released(); }
      else if (event.key === "Home" || event.key === "End") { set(i, event.key === "Home" ? low : high); released(); }
      else if (to !== undefined) handles[(to + n) % n].focus();
      else return;
      event.preventDefault();
    });
    return area;
  }

  function released() {
    if (state.role === "D" && state.auto) answered(true);
    redraw();
  }

  // V between its limits, or over the moves --------------------------------------------------------------------------
  function gauge(v) {
    const x = (at) => 8 + (224 * (at + LOG4)) / LOG4;
    return drawn("svg", { viewBox: "0 0 240 44", width: 240, role: "img", "aria-label": `V is ${written(v, 3)}, between −log 4 = −1.386, your goal, and 0.` },
      drawn("line", { x1: x(-LOG4), x2: x(0), y1: 14, y2: 14, stroke: "#999", "stroke-width": 4 }),
      drawn("line", { x1: x(-LOG4), x2: x(-LOG4), y1: 4, y2: 24, stroke: "#009e73", "stroke-width": 3 }),
      drawn("circle", { cx: x(v), cy: 14, r: 7, fill: "#d55e00" }),
      text("−log 4, the goal", 4, 40, "start"), text("0", x(0), 40));
  }

  function history() {
    const low = -3.2, x = (k) => 36 + (210 * k) / Math.max(12, state.moves.length - 1), y = (v) => 8 + (102 * -Math.max(low, v)) / -low;
    const told = `V after each move, lately ${state.moves.slice(-4).map((one) => `${written(one.value)} after ${one.mover}`).join(", ")}.`;
    return drawn("svg", { viewBox: "0 0 260 134", width: 260, role: "img", "aria-label": told },
      drawn("line", { x1: 36, x2: 252, y1: y(-LOG4), y2: y(-LOG4), stroke: "#999", "stroke-dasharray": "3 3" }),
      drawn("path", { d: "M36,8V110H252", fill: "none", stroke: "#222" }),
      text("0", 30, 13, "end"), text("−log 4", 33, y(-LOG4) + 4, "end", { "font-size": 10 }), text("≤ −3.2", 33, 114, "end", { "font-size": 10 }),
      drawn("polyline", { points: state.moves.map((one, k) => `${x(k)},${y(one.value)}`).join(" "), fill: "none", stroke: "#999" }),
      ...state.moves.map((one, k) => (one.mover === "D" ? drawn("circle", { cx: x(k), cy: y(one.value), r: 4, fill: "#0072b2" })
        : drawn("rect", { x: x(k) - 4, y: y(one.value) - 4, width: 8, height: 8, fill: "#009e73" }))),
      drawn("circle", { cx: 50, cy: 125, r: 4, fill: "#0072b2" }), text("after D moved", 58, 129, "start"),
      drawn("rect", { x: 156, y: 121, width: 8, height: 8, fill: "#009e73" }), text("after G moved", 168, 129, "start"));
  }

  function numbers() {
    const line = (name, v, strong) => make("tr", {}, make("th", { scope: "row" }, name), make("td", { class: strong ? "strong" : "" }, written(v, 3)));
    const now = value(state.role === "G" ? best(state.p) : state.d, state.p);
    if (state.role === "G") readout.replaceChildren(make("table", {}, line("V(D*, G)", criterion(state.p), true), line("JSD(p_data ‖ p_g)", jsd(state.p)), line("−log 4 + 2 JSD", 2 * jsd(state.p) - LOG4)), gauge(criterion(state.p)));
    else readout.replaceChildren(make("table", {}, line("V(D, G) now", now, true), line("with the best D for this p_g", criterion(state.p)), line("with the best G for this D", value(state.d, reply(state.d)))), history());
    for (const [i, [name, , reached, lesson]] of TRY[state.role].entries()) {
      if (state.dragging || state.done.has(name) || !reached()) continue;
      said.textContent = lesson();
      state.done.set(name, said.textContent);
      tasks.children[i].classList.add("done");
      tasks.children[i].append(make("div", { class: "muted" }, said.textContent));
    }
    root.dataset.state = JSON.stringify({ role: state.role, p: state.p, d: state.role === "G" ? best(state.p) : state.d, value: now,
      criterion: criterion(state.p), jsd: jsd(state.p), worst: value(state.d, reply(state.d)), done: [...state.done.keys()], moves: state.moves });
  }

  // What changed since the last frame is drawn once.
  function redraw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; board(); numbers(); });
  }

  function build() {
    const button = (words, act) => make("button", { type: "button", onclick: act }, words);
    tabs.forEach((tab, i) => tab.setAttribute("aria-pressed", "GD"[i] === state.role));
    handles = data.map((_, i) => handle(i));
    over.replaceChildren(...handles);
    if (state.role === "G") {
      heading.textContent = "You are G: move the green bars";
      intro.textContent = "Drag a bar, or reach it with Tab and move it with ↑ and ↓; the others make room. D answers at once, as well as can be. You want V low.";
      const to = (p) => () => { state.p = p; redraw(); };
      buttons.replaceChildren(button("Even", to(even)), button("All on one", to(data.map((_, i) => (i === data.indexOf(Math.max(...data)) ? 1 : 0)))), button("Copy the data", to(data)));
    } else {
      heading.textContent = "You are D: move the blue dots";
      intro.textContent = "D(x) is between 0 and 1; you want V high. Then G answers, and wants it low: it moves to where you believe most. Whoever moves second in such a game is never worse off.";
      const box = make("input", { type: "checkbox", onchange: () => { state.auto = box.checked; } });
      box.checked = state.auto;
      buttons.replaceChildren(button("My best answer", takeBest), button("G goes all the way", () => answered(false)), button("G takes a small step", () => answered(true)), button("Ten rounds", () => rounds(10)), button("D = ½", () => { state.d = Array(n).fill(0.5); noted("D"); redraw(); }),
        make("label", { class: "muted" }, box, " G steps after each move of mine"));
    }
    tasks.replaceChildren(...TRY[state.role].map(([name, words]) => (state.done.has(name)
      ? make("li", { class: "done" }, words, make("div", { class: "muted" }, state.done.get(name))) : make("li", {}, words))));
    said.textContent = "";
    board();
    numbers();
  }

  turn("G");
}

const LOOK_OF_ROLES = `
.roles .right { flex: 1 1 260px; min-width: 240px; }
.roles .strong { font-size: 20px; }
.roles .handle { fill: #d55e00; fill-opacity: 0; stroke: #d55e00; stroke-opacity: 0.25; cursor: ns-resize; touch-action: none; }
.roles .handle:hover, .roles .handle:focus { fill-opacity: 0.08; stroke-opacity: 1; outline: none; }
.roles .tasks { padding-left: 20px; margin: 8px 0; }
.roles .tasks li.done::marker { content: "✓ "; color: #00664b; }
.roles .said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;
