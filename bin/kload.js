#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// Before any thread starts: young generations stay small, in all threads (the first flag reaches those to come, the
// second also the one that runs). What kload holds is bounded by its own queues; left to itself, V8 takes some 40 MiB
// more the longer a run lasts, and sends no faster for it.
setFlagsFromString('--max-semi-space-size=4');
setFlagsFromString('--semi-space-growth-factor=1');
await import('../dist/bundle/cli.js');
