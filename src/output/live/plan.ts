/** Where a run sends its metrics while it lasts. */
export interface MetricsPlan {
  /** Undefined: nothing is served. */
  readonly listen: MetricsListen | undefined;
  /** Undefined: nothing is exported. */
  readonly otlp: OtlpPlan | undefined;
  /** What the metrics are of, besides what kload knows itself: OpenTelemetry's resource attributes. */
  readonly resource: Readonly<Record<string, string>>;
  /** What a user should know before the run starts. */
  readonly warning: string | undefined;
}

/** Where Prometheus reads the metrics. */
export interface MetricsListen {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** How long the metrics are served after the end of the run. */
  readonly lingerMs: number;
}

/** Where OTLP is sent, by HTTP with bodies in JSON. */
export interface OtlpPlan {
  readonly url: string;
  /** May hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly intervalMs: number;
}
