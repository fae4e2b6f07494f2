export { randomFrom } from '../../src/bytes/random.js';
