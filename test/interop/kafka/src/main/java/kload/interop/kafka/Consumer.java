package kload.interop.kafka;

import java.io.BufferedWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Writes all that a topic holds, as Kafka's own consumer reads it: with every checksum looked at. */
final class Consumer {
  private static final Duration POLL = Duration.ofSeconds(1);

  private Consumer() {}

  /**
   * Arguments: the brokers, the topic, a file. Of each record, a line: partition, offset, timestamp, key, value and headers,
   * separated by tabs; bytes in base64, `-` for null, a header as `name=value`.
   */
  static void run(List<String> args) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", args.get(0));
    properties.put("isolation.level", "read_committed");
    try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        var writer = Files.newBufferedWriter(Path.of(args.get(2)), StandardCharsets.ISO_8859_1)) {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer.partitionsFor(args.get(1)).forEach(found -> partitions.add(new TopicPartition(found.topic(), found.partition())));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) write(record, writer);
      }
    }
  }

  private static void write(ConsumerRecord<byte[], byte[]> record, BufferedWriter writer) throws Exception {
    StringBuilder line = new StringBuilder();
    line.append(record.partition()).append('\t').append(record.offset()).append('\t').append(record.timestamp());
    line.append('\t').append(base64(record.key())).append('\t').append(base64(record.value()));
    for (Header header : record.headers()) {
      line.append('\t').append(base64(header.key().getBytes(StandardCharsets.UTF_8))).append('=').append(base64(header.value()));
    }
    writer.append(line).append('\n');
  }

  private static String base64(byte[] bytes) {
    return bytes == null ? "-" : Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
