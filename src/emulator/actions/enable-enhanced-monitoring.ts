import { changeMonitoring } from './enhanced-monitoring.js';

export const enableEnhancedMonitoring = changeMonitoring((current, named) => [...new Set([...current, ...named])]);
