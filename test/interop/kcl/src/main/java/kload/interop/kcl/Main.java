package kload.interop.kcl;

import java.net.URI;
import java.util.List;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.common.KinesisClientUtil;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.leases.LeaseManagementConfig;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.retrieval.RetrievalSpecificConfig;
import software.amazon.kinesis.retrieval.fanout.FanOutConfig;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/**
 * A worker of two applications that read the stream $KLOAD_STREAM with the KCL's scheduler, one by polling, one by enhanced
 * fan-out. It tells what it is given, a line of JSON each (see Output), until it is killed.
 */
public final class Main {
  private static final InitialPositionInStreamExtended FROM_THE_START =
      InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON);
  /** How long a lease outlives its worker: long enough for a busy machine, short enough for a test. */
  private static final long FAILOVER_MS = 5000;

  public static void main(String[] args) {
    String stream = System.getenv("KLOAD_STREAM");
    KinesisAsyncClient kinesis = KinesisClientUtil.createKinesisAsyncClient(
        KinesisAsyncClient.builder().endpointOverride(URI.create(System.getenv("KLOAD_ENDPOINT"))));
    for (String application : List.of("polling", "fan-out")) {
      RetrievalSpecificConfig retrieval = application.equals("polling")
          ? new PollingConfig(stream, kinesis).idleTimeBetweenReadsInMillis(250)
          : new FanOutConfig(kinesis).streamName(stream).applicationName(application);
      Scheduler scheduler = scheduler(application, stream, args[0], kinesis, retrieval);
      new Thread(() -> runForEver(scheduler), application).start();
    }
  }

  /** A scheduler ends by itself only where it could not begin. */
  private static void runForEver(Scheduler scheduler) {
    scheduler.run();
    System.exit(1);
  }

  private static Scheduler scheduler(
      String application, String stream, String worker, KinesisAsyncClient kinesis, RetrievalSpecificConfig retrieval) {
    DynamoDbAsyncClient tables =
        DynamoDbAsyncClient.builder().endpointOverride(URI.create(System.getenv("KLOAD_TABLES"))).build();
    // Nothing is there: with the null factory for metrics it is never called.
    CloudWatchAsyncClient metrics =
        CloudWatchAsyncClient.builder().endpointOverride(URI.create("http://127.0.0.1:1")).build();
    ConfigsBuilder configs = new ConfigsBuilder(
        stream, application, kinesis, tables, metrics, worker, () -> new Processor(new Output(application, worker)));
    return new Scheduler(
        configs.checkpointConfig(),
        configs.coordinatorConfig()
            .parentShardPollIntervalMillis(250)
            .shardConsumerDispatchPollIntervalMillis(100)
            .schedulerInitializationBackoffTimeMillis(250),
        leases(configs.leaseManagementConfig()),
        configs.lifecycleConfig(),
        configs.metricsConfig().metricsFactory(new NullMetricsFactory()),
        configs.processorConfig(),
        configs.retrievalConfig()
            .retrievalSpecificConfig(retrieval)
            .initialPositionInStreamExtended(FROM_THE_START));
  }

  /** Everything that takes minutes by default happens within seconds, and leases of shards that have ended stay to be seen. */
  private static LeaseManagementConfig leases(LeaseManagementConfig config) {
    config.workerUtilizationAwareAssignmentConfig()
        .disableWorkerMetrics(true)
        .inMemoryWorkerMetricsCaptureFrequencyMillis(500)
        .workerMetricsReporterFreqInMillis(1000)
        .varianceBalancingFrequency(1);
    return config
        .failoverTimeMillis(FAILOVER_MS)
        .leaseAssignmentIntervalMillis(1000L)
        .dynamoDbLockBasedLeaderLeaseDurationInMillis(FAILOVER_MS)
        .dynamoDbLockBasedLeaderHeartbeatPeriodInMillis(1000)
        .shardSyncIntervalMillis(1000)
        .cleanupLeasesUponShardCompletion(false);
  }
}
