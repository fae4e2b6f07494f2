package kload.interop.kafka;

import java.util.Arrays;
import java.util.List;

/** What the tests have done by Kafka's own code. */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    List<String> rest = Arrays.asList(args).subList(1, args.length);
    switch (args[0]) {
      case "serve" -> Server.run(rest);
      case "consume" -> Consumer.run(rest);
      case "partitions" -> Partitions.run(rest);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }
}
