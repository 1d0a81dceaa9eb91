// A rule that an input breaks.

/** A broken rule: its stable code and, where the input is a text, the byte where it broke. */
export class Fault extends Error {
  constructor(code, offset) {
    super(offset === undefined ? code : `${code} at byte ${offset}`);
    this.code = code;
    this.offset = offset;
  }
}

/** Runs `operation` on `input`: its output, or the code (and offset) of the rule that broke. */
export function outcome(operation, input) {
  try {
    return { output: operation(input) };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    const { code, offset } = fault;
    return { error: offset === undefined ? { code } : { code, offset } };
  }
}
