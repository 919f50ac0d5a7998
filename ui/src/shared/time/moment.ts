// A moment as people type it after "~": "14:05", "14:05:30", "-10m", "-1h30m", "2026-11-24 14:05".

const UNITS_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The moment, or `null` when it is none or not in the past. */
export function parseMoment(typed: string, now_ms: number): number | null {
  const text = typed.trim();
  const found = ago(text, now_ms) ?? clockTime(text, now_ms) ?? full(text);
  return found !== null && found < now_ms ? found : null;
}

function ago(text: string, now_ms: number): number | null {
  if (!/^-(\s*\d+(\.\d+)?\s*[smhd])+$/i.test(text)) return null;
  let total_ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*([smhd])/gi))
    total_ms += Number(amount) * (UNITS_MS[unit?.toLowerCase() ?? ""] ?? 0);
  return now_ms - total_ms;
}

/** The last time the clock showed it: today, or yesterday when today it has not been yet. */
function clockTime(text: string, now_ms: number): number | null {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (!match) return null;
  const [hours, minutes, seconds] = [match[1], match[2], match[3] ?? 0].map(Number);
  if (hours! > 23 || minutes! > 59 || seconds! > 59) return null;
  const day = new Date(now_ms);
  day.setHours(hours!, minutes!, seconds!, 0);
  if (day.getTime() >= now_ms) day.setDate(day.getDate() - 1);
  return day.getTime();
}

function full(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{1,2}:\d{2}(?::\d{2})?))?$/.exec(text);
  if (!match) return null;
  // Without a zone the text is local time, which is how everything here is shown.
  const at_ms = new Date(`${match[1]}T${(match[2] ?? "00:00").padStart(5, "0")}`).getTime();
  return Number.isFinite(at_ms) ? at_ms : null;
}
