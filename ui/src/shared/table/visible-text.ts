/**
 * Names and command lines are chosen by whoever starts a process. They are shown as text always
 * (Svelte escapes them); this makes what cannot be seen visible, so that a name cannot pretend to
 * be another one by turning its direction round, hiding characters or breaking its line.
 */

/** Control characters, bidirectional and zero-width ones, byte order mark. */
// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A cell shows no more than this anyway; a command line may hold a hundred kilobytes. */
const LONGEST = 400;

export function visibleText(text: string, longest = LONGEST): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(UNSEEN, (c) => {
    const code = c.charCodeAt(0);
    // The control pictures block has a sign for each of the first 32 and for delete.
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return "\u2421";
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** The same of a whole file, whose lines and tabs stay. */
export const visibleLines = (text: string): string =>
  text.replace(/[^\n\t]+/g, (part) => visibleText(part, Infinity));
