import { invalidArgument } from '../protocol/service-error.js';
import type { Tags } from '../store/stream-state.js';
import type { Call } from './operation.js';
import type { Resource } from './resources.js';

/** Adds tags to a stream or a consumer, which must be ACTIVE. */
export function addTags(resource: Resource, added: Tags, { accounts }: Call): undefined {
  resource.requireActive();
  resource.update({ tags: withTags(resource.tags, added, resource.description, accounts.limits.tagsPerResource) });
}

/** Removes tags from a stream or a consumer, which must be ACTIVE. Ignores keys that have no tag. */
export function removeTags(resource: Resource, keys: readonly string[]): undefined {
  resource.requireActive();
  const removed = new Set(keys);
  resource.update({ tags: Object.fromEntries(Object.entries(resource.tags).filter(([key]) => !removed.has(key))) });
}

/** @param owner the tagged stream or consumer, for messages: 'stream s under account 000000000000' */
export function withTags(tags: Tags, added: Tags, owner: string, tagsMax: number): Tags {
  const texts = Object.entries(added).flat();
  // A percent sign is not allowed either, but the service has another message for it.
  if (texts.some((text) => !/^[\p{L}\p{N}\p{Z}_.:/=+\-%@]*$/u.test(text))) {
    throw invalidArgument(
      'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.',
    );
  }
  const failed = `Failed to add tags to ${owner} because`;
  if (texts.some((text) => text.includes('%'))) {
    throw invalidArgument(
      `${failed} some tags contained illegal characters. The allowed characters are ` +
        "Unicode letters, white-spaces, '_',',','/','=','+','-','@'.",
    );
  }
  if (Object.keys(added).some((key) => key.toLowerCase().startsWith('aws:'))) {
    throw invalidArgument(`${failed} tag keys that begin with aws: are reserved.`);
  }
  // Not by spread: a key may be '__proto__'.
  const all = new Map([...Object.entries(tags), ...Object.entries(added)]);
  if (all.size > tagsMax) {
    const kind = owner.split(' ', 1)[0];
    throw invalidArgument(`${failed} a given ${kind} cannot have more than ${tagsMax} tags associated with it.`);
  }
  return Object.fromEntries(all);
}

/** Sorted by key. */
export function describeTags(tags: Tags) {
  return Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}
