import { DELETE_STREAM_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';

export const deleteStream = operation(DELETE_STREAM_INPUT, (input, { world, caller, now }) => {
  world.deleteStream(world.stream(caller, input, now), now);
  return undefined;
});
