package kload.interop.flink;

import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.kinesis.source.serialization.KinesisDeserializationSchema;
import org.apache.flink.kinesis.shaded.software.amazon.awssdk.services.kinesis.model.Record;
import org.apache.flink.util.Collector;

/** A record, which is JSON, and its shard as a line of JSON. */
final class LineSchema implements KinesisDeserializationSchema<String> {
  private static final long serialVersionUID = 1;

  @Override
  public void deserialize(Record record, String stream, String shard, Collector<String> output) {
    String data = StandardCharsets.UTF_8.decode(record.data().asByteBuffer()).toString();
    output.collect(
        String.format("{\"at\":%d,\"shard\":\"%s\",\"records\":[%s]}", System.nanoTime(), shard, data));
  }

  @Override
  public TypeInformation<String> getProducedType() {
    return Types.STRING;
  }
}
