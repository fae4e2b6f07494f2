#!/usr/bin/env node
// Where Node has it (22.8): what was compiled is kept for the next start.
require('node:module').enableCompileCache?.();
require('../dist/bundle/cli.cjs');
