"use strict";
// A generator run by the page itself: the steps of layers.py, in plain JavaScript, maps with channels last.
// engine(spec) returns draw(z, label, seed), which returns {height, width, channels, pixels} with pixels in [0, 1].

function engine(spec) {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const floats = (text) => new Float32Array(bytes(text).buffer);

  // Weights are whole numbers of 8 bits, or of 12 with the low 4 after all the high 8, times a scale for each output.
  function weights(step) {
    const scale = floats(step.scale), raw = bytes(step.weight), n = step.count, outputs = scale.length;
    const weight = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      const high = (raw[i] << 24) >> 24, low = step.bits === 12 ? (raw[n + (i >> 1)] >> (4 * (i & 1))) & 15 : 0;
      weight[i] = (step.bits === 12 ? 16 * high + low : high) * scale[i % outputs];
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

  // sum[o] += x[i] * weight[i][o] over the inputs from `at` on; zeros, which a ReLU makes of half, are passed over.
  function meet(x, at, inputs, weight, from, outputs, sum, to) {
    for (let i = 0; i < inputs; i++) {
      const v = x[at + i];
      if (v === 0) continue;
      const row = from + i * outputs;
      for (let o = 0; o < outputs; o++) sum[to + o] += v * weight[row + o];
    }
  }

  function filled(pixels, bias) {
    const out = new Float32Array(pixels * bias.length);
    for (let p = 0; p < out.length; p += bias.length) out.set(bias, p);
    return out;
  }

  // A convolution and a fractionally strided one are the same visits, of taps of a kernel between two grids:
  // a pixel i of the smaller grid and tap k meet at pixel i * stride - padding + k of the larger.
  function up(x, step) {
    const kernel = step.kernel, inputs = x.channels, outputs = step.outputs;
    const size = (n) => (n - 1) * step.stride - 2 * step.padding + kernel + step.extra;
    const height = size(x.height), width = size(x.width), out = filled(height * width, step.bias);
    for (let iy = 0; iy < x.height; iy++) for (let ky = 0; ky < kernel; ky++) {
      const oy = iy * step.stride - step.padding + ky;
      if (oy < 0 || oy >= height) continue;
      for (let ix = 0; ix < x.width; ix++) for (let kx = 0; kx < kernel; kx++) {
        const ox = ix * step.stride - step.padding + kx;
        if (ox < 0 || ox >= width) continue;
        meet(x.data, (iy * x.width + ix) * inputs, inputs, step.weight, (ky * kernel + kx) * inputs * outputs,
          outputs, out, (oy * width + ox) * outputs);
      }
    }
    return { height, width, channels: outputs, data: out };
  }

  function conv(x, step) {
    const kernel = step.kernel, inputs = x.channels, outputs = step.outputs;
    const height = x.height + 2 * step.padding - kernel + 1, width = x.width + 2 * step.padding - kernel + 1;
    const out = filled(height * width, step.bias);
    for (let oy = 0; oy < height; oy++) for (let ky = 0; ky < kernel; ky++) {
      const iy = oy - step.padding + ky;
      if (iy < 0 || iy >= x.height) continue;
      for (let ox = 0; ox < width; ox++) for (let kx = 0; kx < kernel; kx++) {
        const ix = ox - step.padding + kx;
        if (ix < 0 || ix >= x.width) continue;
        meet(x.data, (iy * x.width + ix) * inputs, inputs, step.weight, (ky * kernel + kx) * inputs * outputs,
          outputs, out, (oy * width + ox) * outputs);
      }
    }
    return { height, width, channels: outputs, data: out };
  }

  function dense(x, step) {
    const out = filled(1, step.bias);
    meet(x.data, 0, x.data.length, step.weight, 0, step.outputs, out, 0);
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
    const hot = new Float32Array(spec.classes);
    if (spec.classes) hot[label] = 1;
    const made = take(steps, vector(Float32Array.from(z)), hot, seed);
    const pixels = made.data.map((v) => Math.min(1, Math.max(0, (v - spec.low) / (1 - spec.low))));
    return { height: made.height, width: made.width, channels: made.channels, pixels };
  };
}
