package kload.interop.flink;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.kinesis.source.KinesisStreamsSource;
import org.apache.flink.connector.kinesis.source.config.KinesisStreamsSourceConfigConstants;
import org.apache.flink.connector.kinesis.source.config.KinesisStreamsSourceConfigConstants.InitialPosition;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;

/**
 * A job in a mini cluster that reads the stream $KLOAD_STREAM_ARN with Flink's KinesisStreamsSource, and reports each record
 * with its shard as a line of JSON, until it is killed. It ends at the first failure.
 */
public final class Main {
  private static final int PARALLELISM = 2;

  public static void main(String[] args) throws Exception {
    Configuration cluster = new Configuration();
    cluster.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment job = StreamExecutionEnvironment.createLocalEnvironment(PARALLELISM, cluster);
    KinesisStreamsSource<String> source = KinesisStreamsSource.<String>builder()
        .setStreamArn(System.getenv("KLOAD_STREAM_ARN"))
        .setSourceConfig(sourceConfig())
        .setDeserializationSchema(new LineSchema())
        .build();
    try (CloseableIterator<String> lines =
        job.fromSource(source, WatermarkStrategy.noWatermarks(), "kinesis", Types.STRING).executeAndCollect()) {
      lines.forEachRemaining(System.out::println);
    }
  }

  private static Configuration sourceConfig() {
    Configuration config = new Configuration();
    config.setString("aws.endpoint", System.getenv("KLOAD_ENDPOINT"));
    config.setString("aws.region", System.getenv("AWS_REGION"));
    config.set(KinesisStreamsSourceConfigConstants.STREAM_INITIAL_POSITION, InitialPosition.TRIM_HORIZON);
    config.set(
        KinesisStreamsSourceConfigConstants.SHARD_DISCOVERY_INTERVAL_MILLIS, Duration.ofMillis(500).toMillis());
    return config;
  }
}
