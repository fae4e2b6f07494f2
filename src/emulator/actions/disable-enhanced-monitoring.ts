import { changeMonitoring } from './enhanced-monitoring.js';

export const disableEnhancedMonitoring = changeMonitoring((current, named) =>
  current.filter((metric) => !named.includes(metric)),
);
