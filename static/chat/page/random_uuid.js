// crypto.randomUUID exists only on https and localhost, but htmx's websocket extension always needs it.
const RANDOM = "10000000-1000-4000-8000-100000000000"; // each 1, 0 and 8 is replaced by a random digit: 8 by 8, 9, a or b

const draw = (digit) => +digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+digit / 4)));

crypto.randomUUID ??= () => RANDOM.replace(/[018]/g, (digit) => draw(digit).toString(16));
