"use strict";
// A generator run by the page itself: the steps of layers.py, in plain JavaScript, maps with channels last.
// engine(spec) returns draw(z, label, seed), which returns {height, width, channels, pixels} with pixels in [0, 1].

function engine(spec) {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const floats = (text) => new Float32Array(bytes(text).buffer);

  // Weights are whole numbers of 8 bits, or of 10 or 12 with the low 2 or 4 after all the high 8, times a scale for each
  // output.
  function weights(step) {
    const scale = floats(step.scale), raw = bytes(step.weight), n = step.count, outputs = scale.length;
    const low = step.bits - 8, together = low ? 8 / low : 1, mask = (1 << low) - 1;  // low parts that share a byte
    const weight = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      const high = (raw[i] << 24) >> 24, rest = low ? (raw[n + Math.floor(i / together)] >> (low * (i % together))) & mask : 0;
      weight[i] = (high * (1 << low) + rest) * scale[i % outputs];
    }
    return weight;
  }

  function prepared(steps) {
    return steps.map((step) => {
      const ready = { ...step };
      for (const name of ["bias", "shift"]) if (step[name]) ready[name] = floats(step[name]);
      if (step.op === "affine") ready.scale = floats(step.scale);
      if (step.weight) { ready.weight = weights(step); ready.outputs = floats(step.scale).length; }
      if (step.op === "apart") { ready.first = prepared(step.first); ready.second = prepared(step.second); }
      return ready;
    });
  }

  // Of every pixel the channels that are not zero: a ReLU makes zeros of half, and they add nothing.
  function alive(x) {
    const pixels = x.height * x.width, which = new Int32Array(pixels * x.channels), count = new Int32Array(pixels);
    for (let p = 0, i = 0; p < pixels; p++) for (let c = 0; c < x.channels; c++, i++) {
      if (x.data[i] !== 0) which[p * x.channels + count[p]++] = c;
    }
    return { which, count };
  }

  // sum[to + o] += x[p][c] * weight[from + c * outputs + o] over the channels c of pixel p that are alive, four at a time:
  // a sum is then fetched and put back once for four products.
  function meet(x, living, p, weight, from, outputs, sum, to) {
    const at = p * x.channels, end = at + living.count[p], { which } = living, { data } = x;
    let i = at;
    for (; i + 3 < end; i += 4) {
      const c0 = which[i], c1 = which[i + 1], c2 = which[i + 2], c3 = which[i + 3];
      const v0 = data[at + c0], v1 = data[at + c1], v2 = data[at + c2], v3 = data[at + c3];
      const w0 = from + c0 * outputs, w1 = from + c1 * outputs, w2 = from + c2 * outputs, w3 = from + c3 * outputs;
      for (let o = 0; o < outputs; o++) {
        sum[to + o] += v0 * weight[w0 + o] + v1 * weight[w1 + o] + v2 * weight[w2 + o] + v3 * weight[w3 + o];
      }
    }
    for (; i < end; i++) {
      const v = data[at + which[i]], w = from + which[i] * outputs;
      for (let o = 0; o < outputs; o++) sum[to + o] += v * weight[w + o];
    }
  }

  function filled(pixels, bias) {
    const out = new Float32Array(pixels * bias.length);
    for (let p = 0; p < out.length; p += bias.length) out.set(bias, p);
    return out;
  }

  // Every pixel meets every tap of the kernel, and adds to the pixel of the result at reached(place, tap), in each
  // direction. Taps are outermost: the weights of one are few enough to stay at hand for all pixels.
  function taps(x, step, height, width, reached) {
    const kernel = step.kernel, outputs = step.outputs, living = alive(x), out = filled(height * width, step.bias);
    for (let ky = 0; ky < kernel; ky++) for (let kx = 0; kx < kernel; kx++) {
      const from = (ky * kernel + kx) * x.channels * outputs;
      for (let iy = 0; iy < x.height; iy++) {
        const oy = reached(iy, ky);
        if (oy < 0 || oy >= height) continue;
        for (let ix = 0; ix < x.width; ix++) {
          const ox = reached(ix, kx);
          if (ox < 0 || ox >= width) continue;
          meet(x, living, iy * x.width + ix, step.weight, from, outputs, out, (oy * width + ox) * outputs);
        }
      }
    }
    return { height, width, channels: outputs, data: out };
  }

  // A fractionally strided convolution: pixel i and tap k reach pixel i * stride - padding + k of a larger grid.
  function up(x, step) {
    const size = (n) => (n - 1) * step.stride - 2 * step.padding + step.kernel + step.extra;
    return taps(x, step, size(x.height), size(x.width), (i, k) => i * step.stride - step.padding + k);
  }

  function conv(x, step) {
    const size = (n) => n + 2 * step.padding - step.kernel + 1;
    return taps(x, step, size(x.height), size(x.width), (i, k) => i + step.padding - k);
  }

  function dense(x, step) {
    const flat = vector(x.data), out = filled(1, step.bias);
    meet(flat, alive(flat), 0, step.weight, 0, step.outputs, out, 0);
    return vector(out);
  }

  const vector = (data) => ({ height: 1, width: 1, channels: data.length, data });

  function resize(x, by) {
    const height = x.height * by, width = x.width * by, out = new Float32Array(height * width * x.channels);
    for (let y = 0; y < height; y++) for (let column = 0; column < width; column++) {
      const from = (Math.floor(y / by) * x.width + Math.floor(column / by)) * x.channels;
      out.set(x.data.subarray(from, from + x.channels), (y * width + column) * x.channels);
    }
    return { height, width, channels: x.channels, data: out };
  }

  // To every pixel of x the numbers of a vector as further channels.
  function joined(x, more) {
    const channels = x.channels + more.length, out = new Float32Array(x.height * x.width * channels);
    for (let p = 0; p < x.height * x.width; p++) {
      out.set(x.data.subarray(p * x.channels, (p + 1) * x.channels), p * channels);
      out.set(more, p * channels + x.channels);
    }
    return { ...x, channels, data: out };
  }

  function each(x, change) {
    const out = x.data;
    for (let i = 0; i < out.length; i++) out[i] = change(out[i], i);
    return x;
  }

  // The random numbers of dropout that is noise: mulberry32, the same for the same seed.
  function kept(seed, n, p) {
    let state = seed >>> 0;
    return Array.from({ length: n }, () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296 >= p ? 1 / (1 - p) : 0;
    });
  }

  function take(steps, x, label, seed) {
    steps.forEach((step, number) => { x = one(step, x, label, seed + number); });
    return x;
  }

  function one(step, x, label, seed) {
    switch (step.op) {
      case "dense": return dense(x, step);
      case "up": return up(x, step);
      case "conv": return conv(x, step);
      case "resize": return resize(x, step.by);
      case "affine": return each(x, (v, i) => v * step.scale[i % x.channels] + step.shift[i % x.channels]);
      case "shape": return { height: step.height, width: step.width, channels: step.channels, data: x.data };
      case "relu": return each(x, (v) => (v > 0 ? v : 0));
      case "leaky": return each(x, (v) => (v > 0 ? v : step.slope * v));
      case "tanh": return each(x, Math.tanh);
      case "sigmoid": return each(x, (v) => 1 / (1 + Math.exp(-v)));
      case "label": return joined(x, label);
      case "apart": return joined(take(step.first, x, label, seed), take(step.second, vector(label.slice()), label, seed).data);
      case "dropout": {
        const keep = kept(seed, x.channels, step.p);
        return each(x, (v, i) => v * keep[i % x.channels]);
      }
    }
    throw new Error(`There is no step ${step.op}.`);
  }

  const steps = prepared(spec.steps);
  return function draw(z, label = 0, seed = 0) {
    if (z.length !== spec.noise.dim) throw new Error(`z has ${z.length} numbers; this generator takes ${spec.noise.dim}.`);
    const hot = new Float32Array(spec.classes);
    if (spec.classes) hot[label] = 1;
    const made = take(steps, vector(Float32Array.from(z)), hot, seed);
    const pixels = made.data.map((v) => Math.min(1, Math.max(0, (v - spec.low) / (1 - spec.low))));
    return { height: made.height, width: made.width, channels: made.channels, pixels };
  };
}
