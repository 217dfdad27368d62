// The results of the landscape as a picture: median held-out truth over all calls, one dot an optimizer and budget.

/** @param lines Cells of any tool, in the form of the results file. */
export function picture(lines) {
  const tasks = [...new Set(lines.map(({ taskName }) => taskName))];
  const panels = tasks.map((task, index) =>
    panel(
      lines.filter(({ taskName }) => taskName === task),
      task,
      index,
    ),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 980 ${470 * Math.max(1, tasks.length)}" font-family="system-ui, sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fcfcfb"/>
${panels.join('\n')}
</svg>
`;
}

function panel(lines, task, index) {
  const groups = new Map();
  for (const line of lines) {
    const label = `${line.tool} ${line.name} ${line.budget}`;
    groups.set(label, [...(groups.get(label) ?? []), line]);
  }
  const points = [...groups].map(([label, cells]) => {
    const sorted = cells.map(({ heldOut }) => heldOut).sort((a, b) => a - b);
    const calls = cells.reduce((sum, cell) => sum + cell.task + cell.reflection, 0) / cells.length;
    return { label, calls, median: sorted[Math.floor(sorted.length / 2)], isHone: cells[0].tool === 'Hone' };
  });
  const most = Math.max(100, ...points.map(({ calls }) => calls));
  const x = (calls) => Math.round(60 + (calls / most) * 700);
  const y = (truth) => Math.round(420 - truth * 380);
  const ticks = [0.25, 0.5, 0.75, 1].map(
    (truth) =>
      `<line x1="60" x2="760" y1="${y(truth)}" y2="${y(truth)}" stroke="#dddad3"/><text x="50" y="${y(truth) + 4}" text-anchor="end">${truth}</text>`,
  );
  const dots = points.map(
    ({ label, calls, median, isHone }) =>
      `<circle cx="${x(calls)}" cy="${y(median)}" r="4" fill="${isHone ? '#2458b8' : '#b85a24'}"><title>${label}: ${median.toFixed(2)}</title></circle><text x="${x(calls) + 6}" y="${y(median) + 4}">${label}</text>`,
  );
  return `<g transform="translate(0 ${470 * index})">
<text x="60" y="20" font-size="14">Simulation, ${task}: median held-out truth over task and reflection calls</text>
${ticks.join('\n')}
<text x="760" y="450" text-anchor="end">${Math.round(most)} calls</text>
${dots.join('\n')}
</g>`;
}
