/**
 * Draws the screen of a terminal as SVG. Blocks and lines are drawn as shapes, so that they meet in every font. Each
 * piece of text says where it begins and how wide it is, so that columns stay aligned.
 *
 * @typedef {import('@xterm/headless').Terminal} Terminal
 * @typedef {import('@xterm/headless').IBufferCell} BufferCell
 * @typedef {readonly [left: number, top: number, right: number, bottom: number]} Box inside a cell
 * @typedef {object} Cell
 * @property {string} chars
 * @property {string} color
 * @property {string | undefined} background
 * @property {string} font attributes of bold, italic and underlined text
 */

const WIDTH = 8;
const HEIGHT = 16;
const BASELINE = 12;
/** The usual fonts are 0.6 times as wide as they are high. */
const FONT_SIZE = WIDTH / 0.6;
const FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";
const PADDING = 12;
const TITLE_HEIGHT = 32;

const FOREGROUND = '#d6dbe3';
const BACKGROUND = '#14171c';
const TITLE_BACKGROUND = '#22272e';
const TITLE_COLOR = '#9aa4b1';
const FRAME = '#444c56';
const BUTTONS = ['#f0655b', '#e9b83f', '#57c254'];
/** The colours that are a terminal's own choice. */
const THEME = [
  ...['#3b424c', '#f0655b', '#57c254', '#e0b040', '#5fa8f5', '#c586e8', '#3fc1c9', '#c3c9d2'],
  ...['#7d8794', '#ff8b82', '#7fdc7c', '#f5d06f', '#8cc4ff', '#dba6f5', '#72dde3', '#ffffff'],
];
const CUBE = [0, 95, 135, 175, 215, 255];
/** How much remains of the colour of dim text. */
const DIM = 0.6;

/** Characters from here on (arrows, symbols) often come from another font, with another width. */
const SYMBOLS = 0x2190;

const BLOCKS = blocks();
const LINES = lines();
/** @type {Readonly<Record<string, number>>} */
const SHADES = { '░': 0.25, '▒': 0.5, '▓': 0.75 };
/** @type {Readonly<Record<string, string>>} */
const ROUND = {
  '╭': 'm4.5 16v-4a3.5 3.5 0 0 1 3.5-3.5',
  '╮': 'm0 8.5h1a3.5 3.5 0 0 1 3.5 3.5v4',
  '╰': 'm4.5 0v5a3.5 3.5 0 0 0 3.5 3.5',
  '╯': 'm4.5 0v5a3.5 3.5 0 0 1-3.5 3.5h-1',
};

/**
 * @param {Terminal} terminal
 * @param {object} options
 * @param {string} options.title of the window
 * @param {string} options.name what the picture shows, for readers who don't see it
 */
export function screenAsSvg(terminal, { title, name }) {
  const drawing = new Drawing();
  for (let row = 0; row < terminal.rows; row++) drawing.addRow(cellsOf(terminal, row), row * HEIGHT);
  const width = terminal.cols * WIDTH + 2 * PADDING;
  const height = terminal.rows * HEIGHT + 2 * PADDING + TITLE_HEIGHT;
  const bar = `M.5 ${TITLE_HEIGHT}V8.5a8 8 0 0 1 8-8H${width - 8.5}a8 8 0 0 1 8 8V${TITLE_HEIGHT}z`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">`,
    `<title>${escaped(name)}</title>`,
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="${BACKGROUND}"/>`,
    `<path d="${bar}" fill="${TITLE_BACKGROUND}"/>`,
    ...BUTTONS.map((color, i) => `<circle cx="${20 + 18 * i}" cy="${TITLE_HEIGHT / 2}" r="5.5" fill="${color}"/>`),
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="none" stroke="${FRAME}"/>`,
    `<g font-family="${FONTS}" font-size="${FONT_SIZE.toFixed(2)}">`,
    `<text x="${width / 2}" y="21" text-anchor="middle" fill="${TITLE_COLOR}">${escaped(title)}</text>`,
    `<g transform="translate(${PADDING} ${TITLE_HEIGHT + PADDING})">`,
    ...drawing.elements(),
    '</g>',
    '</g>',
    '</svg>',
  ];
  return `${svg.join('\n')}\n`;
}

/** What has the same colour is written together. */
class Drawing {
  #backgrounds = new Groups();
  #blocks = new Groups();
  #lines = new Groups();
  #corners = new Groups();
  #texts = new Groups();

  /** @param {readonly Cell[]} cells @param {number} y */
  addRow(cells, y) {
    for (const { x, width, cell } of runs(cells, ({ background }) => background)) {
      this.#backgrounds.add(cell.background ?? '', `M${x} ${y}h${width}v${HEIGHT}h-${width}z`);
    }
    for (const run of runs(cells, ({ chars, color }) => (isShape(chars) ? chars + color : undefined))) {
      this.#addShapes(run, y);
    }
    for (const run of runs(cells, textStyle)) {
      for (const piece of pieces(run.cells)) this.#addText(piece, run, y);
    }
  }

  /** @param {Run} run @param {number} y */
  #addShapes({ x, width, cell: { chars, color } }, y) {
    const shade = SHADES[chars];
    const round = ROUND[chars];
    if (shade !== undefined) this.#blocks.add(mixed(color, shade), boxes([[0, 0, WIDTH, HEIGHT]], x, y, width));
    else if (round !== undefined)
      this.#corners.add(
        color,
        each(x, width, (left) => `M${left} ${y}${round}`),
      );
    else if (LINES.has(chars)) this.#lines.add(color, boxes(LINES.get(chars) ?? [], x, y, width));
    else this.#blocks.add(color, boxes(BLOCKS.get(chars) ?? dots(chars), x, y, width));
  }

  /** @param {Piece} piece @param {Run} run @param {number} y */
  #addText({ text, at, length }, { x, cell }, y) {
    const width = length > 1 ? ` textLength="${length * WIDTH}"` : '';
    const element = `<text x="${x + at * WIDTH}" y="${y + BASELINE}"${width}>${escaped(text)}</text>`;
    this.#texts.add(`fill="${cell.color}"${cell.font}`, element);
  }

  elements() {
    const filled = (/** @type {[string, string[]]} */ [color, paths]) =>
      `<path fill="${color}" d="${paths.join('')}"/>`;
    return [
      '<g shape-rendering="crispEdges">',
      ...this.#backgrounds.entries(filled),
      ...this.#blocks.entries(filled),
      '</g>',
      ...this.#lines.entries(filled),
      ...this.#corners.entries(([color, paths]) => `<path fill="none" stroke="${color}" d="${paths.join('')}"/>`),
      ...this.#texts.entries(([style, texts]) => `<g ${style}>${texts.join('')}</g>`),
    ];
  }
}

/** Lists by a key. */
class Groups {
  /** @type {Map<string, string[]>} */
  #lists = new Map();

  /** @param {string} key @param {string} value */
  add(key, value) {
    const list = this.#lists.get(key);
    if (list === undefined) this.#lists.set(key, [value]);
    else list.push(value);
  }

  /** @param {(entry: [string, string[]]) => string} element */
  entries(element) {
    return [...this.#lists].map(element);
  }
}

/**
 * Neighbouring cells with the same key. Cells without a key belong to none.
 * @typedef {object} Run
 * @property {number} x
 * @property {number} width
 * @property {Cell} cell the first
 * @property {readonly Cell[]} cells
 *
 * @param {readonly Cell[]} cells
 * @param {(cell: Cell) => string | undefined} keyOf
 * @returns {Run[]}
 */
function runs(cells, keyOf) {
  const keys = cells.map(keyOf);
  const found = [];
  for (let from = 0, to = 0; from < cells.length; from = to) {
    while (to < cells.length && keys[to] === keys[from]) to++;
    const run = cells.slice(from, to);
    if (keys[from] !== undefined) {
      found.push({ x: from * WIDTH, width: run.length * WIDTH, cell: /** @type {Cell} */ (run[0]), cells: run });
    }
  }
  return found;
}

/**
 * Splits text where spaces follow each other, which XML would join, and around symbols.
 * @typedef {{ readonly text: string, readonly at: number, readonly length: number }} Piece
 *
 * @param {readonly Cell[]} cells
 */
function pieces(cells) {
  /** @type {Piece[]} */
  const found = [];
  let piece = { text: '', at: 0, length: 0 };
  const end = () => {
    const text = piece.text.trimEnd();
    if (text !== '') found.push({ ...piece, text, length: piece.length - (piece.text.length - text.length) });
  };
  for (const [at, { chars }] of cells.entries()) {
    const isSymbol = (chars.codePointAt(0) ?? 0) >= SYMBOLS;
    if (isSymbol || piece.text === '' || piece.text === ' ' || (chars === ' ' && piece.text.endsWith(' '))) {
      end();
      piece = { text: '', at, length: 0 };
    }
    piece.text += chars;
    piece.length++;
    if (isSymbol) {
      end();
      piece = { text: '', at: at + 1, length: 0 };
    }
  }
  end();
  return found;
}

/** @param {Cell} cell */
function textStyle({ chars, color, font }) {
  return isShape(chars) ? undefined : color + font;
}

/** @param {string} chars */
function isShape(chars) {
  return BLOCKS.has(chars) || LINES.has(chars) || chars in SHADES || chars in ROUND || isBraille(chars);
}

/** @param {string} chars */
function isBraille(chars) {
  return chars >= '\u2800' && chars <= '\u28ff';
}

/** @param {Terminal} terminal @param {number} row @returns {Cell[]} */
function cellsOf(terminal, row) {
  const { active } = terminal.buffer;
  const line = active.getLine(active.viewportY + row);
  const cells = [];
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line?.getCell(column);
    if (cell !== undefined) cells.push(cellOf(cell));
  }
  return cells;
}

/** @param {BufferCell} cell @returns {Cell} */
function cellOf(cell) {
  let color = cell.isFgDefault() ? FOREGROUND : colorOf(cell.getFgColor(), cell.isFgRGB());
  let background = cell.isBgDefault() ? undefined : colorOf(cell.getBgColor(), cell.isBgRGB());
  if (cell.isInverse()) [color, background] = [background ?? BACKGROUND, color];
  if (cell.isDim()) color = mixed(color, DIM);
  const bold = cell.isBold() ? ' font-weight="bold"' : '';
  const italic = cell.isItalic() ? ' font-style="italic"' : '';
  const underline = cell.isUnderline() ? ' text-decoration="underline"' : '';
  // The second half of a wide character has no characters of its own.
  const chars = cell.getWidth() === 0 ? '' : cell.getChars() || ' ';
  return { chars: cell.isInvisible() ? ' ' : chars, color, background, font: bold + italic + underline };
}

/** @param {number} color a number of 24 bits, or of the palette of 256 @param {boolean} isRgb */
function colorOf(color, isRgb) {
  if (isRgb) return hex([color >> 16, (color >> 8) & 255, color & 255]);
  if (color < 16) return THEME[color] ?? FOREGROUND;
  if (color >= 232) return hex(Array(3).fill(8 + 10 * (color - 232)));
  const index = color - 16;
  return hex([Math.floor(index / 36), Math.floor(index / 6) % 6, index % 6].map((level) => CUBE[level] ?? 0));
}

/** Mixes a colour with the background. @param {string} color @param {number} share of the colour */
function mixed(color, share) {
  const behind = channels(BACKGROUND);
  return hex(channels(color).map((channel, i) => Math.round(channel * share + (behind[i] ?? 0) * (1 - share))));
}

/** @param {string} color */
function channels(color) {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

/** @param {readonly number[]} channels */
function hex(channels) {
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/**
 * The path of boxes in each cell of a run. Those as wide as a cell are joined.
 * @param {readonly Box[]} shape @param {number} x @param {number} y @param {number} width of the run
 */
function boxes(shape, x, y, width) {
  return shape
    .map(([left, top, right, bottom]) => {
      const isWide = left === 0 && right === WIDTH;
      const size = isWide ? width : right - left;
      const path = `h${size}v${bottom - top}h-${size}z`;
      return isWide ? `M${x} ${y + top}${path}` : each(x, width, (cell) => `M${cell + left} ${y + top}${path}`);
    })
    .join('');
}

/** @param {number} x @param {number} width @param {(x: number) => string} path of one cell */
function each(x, width, path) {
  return Array.from({ length: width / WIDTH }, (_, i) => path(x + i * WIDTH)).join('');
}

function blocks() {
  /** @type {Map<string, Box[]>} */
  const found = new Map();
  const eighths = [1, 2, 3, 4, 5, 6, 7, 8];
  for (const n of eighths) found.set(String.fromCodePoint(0x2580 + n), [[0, HEIGHT - 2 * n, WIDTH, HEIGHT]]);
  for (const n of eighths) found.set(String.fromCodePoint(0x2590 - n), [[0, 0, n, HEIGHT]]);
  found.set('█', [[0, 0, WIDTH, HEIGHT]]);
  found.set('▀', [[0, 0, WIDTH, 8]]);
  found.set('▐', [[4, 0, WIDTH, HEIGHT]]);
  found.set('▔', [[0, 0, WIDTH, 2]]);
  found.set('▕', [[7, 0, WIDTH, HEIGHT]]);
  /** @type {Box[]} the upper left, upper right, lower left and lower right quarters */
  const quarters = [
    [0, 0, 4, 8],
    [4, 0, 8, 8],
    [0, 8, 4, 16],
    [4, 8, 8, 16],
  ];
  const quadrants = { '▖': [2], '▗': [3], '▘': [0], '▙': [0, 2, 3], '▚': [0, 3] };
  const others = { '▛': [0, 1, 2], '▜': [0, 1, 3], '▝': [1], '▞': [1, 2], '▟': [1, 2, 3] };
  for (const [chars, filled] of Object.entries({ ...quadrants, ...others })) {
    found.set(
      chars,
      quarters.filter((_, i) => filled.includes(i)),
    );
  }
  return found;
}

/** Lines by their arms: left, right, up and down. */
function lines() {
  /** @type {Map<string, Box[]>} */
  const found = new Map();
  const arms = ['lr', 'ud', 'rd', 'ld', 'ru', 'lu', 'rud', 'lud', 'lrd', 'lru', 'lrud', 'l', 'u', 'r', 'd'];
  for (const [i, chars] of [...'─│┌┐└┘├┤┬┴┼╴╵╶╷'].entries()) found.set(chars, armBoxes(arms[i] ?? '', 4, 8));
  for (const [i, chars] of [...'━┃┏┓┗┛┣┫┳┻╋╸╹╺╻'].entries()) found.set(chars, armBoxes(arms[i] ?? '', 3, 7));
  for (const [chars, dashes] of Object.entries({ '╌': 2, '┄': 3, '┈': 4, '╍': 2, '┅': 3, '┉': 4 })) {
    const top = '╍┅┉'.includes(chars) ? 7 : 8;
    const step = WIDTH / dashes;
    found.set(
      chars,
      Array.from({ length: dashes }, (_, i) => [i * step + 0.5, top, (i + 1) * step - 0.5, 9]),
    );
  }
  for (const [chars, dashes] of Object.entries({ '╎': 2, '┆': 3, '┊': 4 })) {
    const step = HEIGHT / dashes;
    found.set(
      chars,
      Array.from({ length: dashes }, (_, i) => [4, Math.round(i * step) + 1, 5, Math.round((i + 1) * step) - 1]),
    );
  }
  return found;
}

/** @param {string} arms @param {number} left @param {number} top of the line, which ends at 5 and 9 @returns {Box[]} */
function armBoxes(arms, left, top) {
  const has = (/** @type {string} */ arm) => arms.includes(arm);
  /** @type {Box} */
  const across = [has('l') ? 0 : left, top, has('r') ? WIDTH : 5, 9];
  /** @type {Box} */
  const upright = [left, has('u') ? 0 : top, 5, has('d') ? HEIGHT : 9];
  return [...(/[lr]/.test(arms) ? [across] : []), ...(/[ud]/.test(arms) ? [upright] : [])];
}

/** The dots of a Braille character. @param {string} chars @returns {Box[]} */
function dots(chars) {
  const bits = (chars.codePointAt(0) ?? 0) - 0x2800;
  const columns = [
    [0, 1, 2, 6],
    [3, 4, 5, 7],
  ];
  return columns.flatMap((column, x) =>
    column.flatMap((bit, y) =>
      bits & (1 << bit) ? [/** @type {Box} */ ([1 + 4 * x, 1 + 4 * y, 3 + 4 * x, 3 + 4 * y])] : [],
    ),
  );
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
