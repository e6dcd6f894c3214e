// SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Lets people filter the tables of the page. Without it, and on paper, they are whole.
import DataTable from "itables";

const byId = (id) => document.getElementById(id);
const tables = [];

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark", dark.matches);
dark.addEventListener("change", follow);
follow();

for (const table of document.querySelectorAll("table.report")) {
  const grouped = table.id === "access" || table.id === "domains";
  tables.push(
    new DataTable(table, {
      autoWidth: false,
      layout: { topStart: null, topEnd: null, bottomStart: "info", bottomEnd: "paging" },
      order: [],
      orderFixed: grouped ? [[0, "asc"]] : null,
      pageLength: 50,
      rowGroup: grouped ? { dataSrc: 0 } : false,
      columnDefs: grouped ? [{ targets: 0, visible: false }] : [],
      language: { emptyTable: "Nothing", zeroRecords: "Nothing that matches", info: "_START_ to _END_ of _TOTAL_", infoEmpty: "", infoFiltered: "among _MAX_" },
      drawCallback() {
        const { pages, recordsTotal, recordsDisplay } = this.api().page.info();
        const container = this.api().table().container();
        container.querySelector(".dt-paging").hidden = pages < 2;
        container.querySelector(".dt-info").hidden = pages < 2 && (recordsDisplay === 0 || recordsDisplay === recordsTotal);
      },
    }),
  );
}
const tableOf = (id) => tables.find((table) => table.table().node().id === id);

const hash = new URLSearchParams(location.hash.slice(1));
byId("find").value = hash.get("find") ?? "";
const find = () => tables.forEach((table) => table.search(byId("find").value).draw());
byId("find").addEventListener("input", find);
if (byId("find").value) find();

byId("may")?.addEventListener("change", ({ target }) => {
  const table = tableOf("access");
  table.search.fixed("may", target.value ? (_text, _data, row) => may(table, row).includes(target.value) : null);
  table.columns("[data-kind]").every(function () {
    this.visible(!target.value || this.header().dataset.kind === target.value);
  });
  table.draw();
});
const may = (table, row) => table.row(row).node().dataset.may.split(" ");

for (const button of document.querySelectorAll("button.severity")) {
  button.addEventListener("click", () => {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    for (const each of document.querySelectorAll("button.severity")) each.setAttribute("aria-pressed", each === button && pressed);
    const table = tableOf("findings");
    const wanted = (_text, _data, row) => table.row(row).node().dataset.severity === button.dataset.severity;
    table.search.fixed("severity", pressed ? wanted : null).draw();
    byId("findings-heading").scrollIntoView();
  });
}

document.addEventListener("click", async ({ target }) => {
  if (!target.matches("button.copy")) return;
  await navigator.clipboard.writeText(target.nextElementSibling.textContent);
  target.textContent = "Copied";
});

const days = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
for (const row of tableOf("tokens")?.rows().nodes().toArray() ?? []) {
  for (const time of row.querySelectorAll("time")) {
    time.after(` (${days.format(-Math.floor((Date.now() - new Date(time.dateTime)) / 86400000), "day")})`);
  }
}

// Where a table or a graph is wider than its place, it says so: phones show no scroll bar.
for (const place of document.querySelectorAll(".scroll")) {
  const hint = Object.assign(document.createElement("p"), { className: "sideways", textContent: "Scroll sideways to see all columns." });
  place.before(hint);
  const wide = place.querySelector("table.report, svg.graph");
  const sizes = new ResizeObserver(() => (hint.hidden = Math.round(wide.getBoundingClientRect().width) <= place.clientWidth));
  sizes.observe(place);
  sizes.observe(wide);
}

// On paper: all rows that match, and all that can be opened.
let closed = [];
addEventListener("beforeprint", () => {
  for (const table of tables) table.page.len(-1).draw();
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const one of closed) one.open = true;
});
addEventListener("afterprint", () => {
  for (const table of tables) table.page.len(50).draw();
  for (const one of closed) one.open = false;
});
document.documentElement.dataset.ready = "true";
