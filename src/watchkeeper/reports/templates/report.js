"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const night = matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map();
  const parsed = new Map();
  const tip = document.getElementById("tip");
  let printing = false;
  let loading;

  function library() {
    loading ??= (async () => {
      const bytes = Uint8Array.from(atob(document.getElementById("vega-code").textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
      const script = document.createElement("script");
      script.textContent = await new Response(stream).text();
      document.head.append(script);
    })();
    return loading;
  }

  function column(packed) {
    if (Array.isArray(packed)) return (i) => packed[i];
    if (packed === null || typeof packed !== "object") return () => packed;
    if (packed.shared) return (i) => data.shared[packed.shared][i];
    const at = new Set(packed.at);
    return (i) => (at.has(i) ? 1 : 0);
  }

  function rowsOf(chart) {
    if (chart.names) return cellsOf(chart);
    const columns = Object.entries(chart.columns).map(([name, packed]) => [name, column(packed)]);
    return Array.from({ length: chart.count }, (_, i) => Object.fromEntries(columns.map(([name, at]) => [name, at(i)])));
  }

  function cellsOf(chart) {
    const cells = [];
    chart.names.forEach((name, order) => {
      const value = column(chart.values[order]);
      const allowed = column(chart.allowed[order]);
      const alarm = new Set(chart.alarms[order]);
      data.shared.t.forEach((t, i) => {
        const v = value(i);
        if (v !== null) cells.push({ t, e: data.shared.e[i], name, order, v, f: v / allowed(i), a: alarm.has(i) ? 1 : 0 });
      });
    });
    return cells;
  }

  function runtime(name, dark) {
    const key = name + dark;
    if (!parsed.has(key)) {
      const text = JSON.stringify(data.specs[name]);
      const spec = dark ? text.replace(/#[0-9a-f]{6}/g, (colour) => data.dark[colour] ?? colour) : text;
      parsed.set(key, vega.parse(JSON.parse(spec)));
    }
    return parsed.get(key);
  }

  function draw(element) {
    const chart = data.charts[Number(element.dataset.chart)];
    const dark = night.matches && !printing;
    drawn.get(element)?.finalize();
    const renderer = "canvas" in element.dataset ? "canvas" : "svg";
    const view = new vega.View(runtime(chart.spec, dark), { renderer, tooltip: show });
    drawn.set(element, view.initialize(element).data("rows", rowsOf(chart)).run());
    element.style.minHeight = "";
  }

  function show(_, event, __, value) {
    tip.hidden = !value || typeof value !== "object";
    if (tip.hidden) return;
    const table = document.createElement("table");
    for (const [name, text] of Object.entries(value)) {
      const row = table.insertRow();
      row.insertCell().textContent = name;
      row.insertCell().textContent = String(text);
    }
    tip.replaceChildren(table);
    const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    const above = event.clientY + tip.offsetHeight + 20 > innerHeight;
    tip.style.left = `${Math.max(left, 8)}px`;
    tip.style.top = `${above ? event.clientY - tip.offsetHeight - 12 : event.clientY + 14}px`;
  }
  addEventListener("scroll", () => (tip.hidden = true), { passive: true });

  const queue = [];
  let busy = false;
  async function work() {
    if (busy) return;
    busy = true;
    await library();
    while (queue.length) {
      const element = queue.shift();
      if (!drawn.has(element)) draw(element);
      await new Promise((next) => setTimeout(next));
    }
    busy = false;
  }

  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        queue.push(entry.target);
      }
      work();
    },
    { rootMargin: "500px 0px" },
  );
  const start = () => document.querySelectorAll(".chart").forEach((element) => seen.observe(element));
  // The first screen is on the screen before any chart is thought of; who prints without scrolling has charts too.
  requestAnimationFrame(() => setTimeout(() => (start(), setTimeout(library, 200))));

  const redraw = () => drawn.forEach((_, element) => draw(element));
  night.addEventListener("change", redraw);
  addEventListener("beforeprint", () => {
    printing = true;
    if (!window.vega) return;
    document.querySelectorAll(".chart").forEach((element) => element.offsetParent && draw(element));
  });
  addEventListener("afterprint", () => {
    printing = false;
    redraw();
  });

  const titles = {
    t: "window", v: "value", lo: "from", hi: "to", bl: "band from", bh: "band to", n: "rows", a: "alarm", name: "name",
    x: "from", x2: "to", r: "reference", c: "current", who: "rows of", p: "predicted", true: "happened", said: "predicted",
    share: "share", all: "all rows", e: "estimated", el: "from", eh: "to",
  };
  const timed = data.shared.t[0] > 1e6 || data.shared.t[0] < -1e6;
  function written(name, value) {
    if (value === null || value === undefined) return "–";
    if (name === "a") return value ? "alarm" : "";
    if (name === "t" && timed) return new Date(value).toISOString().slice(0, 16).replace("T00:00", "").replace("T", " ");
    return typeof value === "number" ? String(Number(value.toPrecision(4))) : value;
  }
  function table(chart) {
    const rows = chart.names ? summary(chart) : rowsOf(chart);
    const names = Object.keys(rows[0] ?? {}).filter((n) => (n in titles || chart.names) && rows.some((r) => r[n] !== null));
    const built = document.createElement("table");
    const head = built.createTHead().insertRow();
    for (const name of names) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = titles[name] ?? name;
      head.append(cell);
    }
    const body = built.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      for (const name of names) line.insertCell().textContent = written(name, row[name]);
    }
    return built;
  }
  function summary(chart) {
    return chart.names.map((name, i) => {
      const values = data.shared.t.map((_, w) => column(chart.values[i])(w)).filter((v) => v !== null);
      return { name, alarms: chart.alarms[i].length, least: Math.min(...values), greatest: Math.max(...values), last: values.at(-1) };
    });
  }
  document.querySelectorAll(".numbers").forEach((details) =>
    details.addEventListener("toggle", () => {
      if (!details.open || details.children.length > 1) return;
      const scroll = document.createElement("div");
      scroll.className = "scroll";
      scroll.tabIndex = 0;
      scroll.append(table(data.charts[Number(details.dataset.table)]));
      details.append(scroll);
    }),
  );
})();
