package kload.interop.kafka;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

/** Says to which partition Kafka's own producer sends a key. */
final class Partitions {
  private Partitions() {}

  /** Argument: how many partitions there are. Standard input: keys in base64, one a line; of each, the partition in a line. */
  static void run(List<String> args) throws Exception {
    int partitions = Integer.parseInt(args.get(0));
    StringBuilder answers = new StringBuilder();
    try (var reader = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.ISO_8859_1))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        answers.append(BuiltInPartitioner.partitionForKey(Base64.getUrlDecoder().decode(line), partitions)).append('\n');
      }
    }
    System.out.print(answers);
  }
}
