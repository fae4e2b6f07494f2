package kload.interop.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import kafka.Kafka;
import kafka.tools.StorageTool;

/** A broker that is its own controller. Its folder is formatted in the same JVM: a second one would take seconds. */
final class Server {
  private static final int ENDED = 1;

  private Server() {}

  /**
   * Arguments: the broker's properties, the folder of its log, and the options of the storage tool's `format`. It runs until
   * it is told to end, or until its standard input ends: with whoever started it.
   */
  static void run(List<String> args) throws Exception {
    endWithStandardInput();
    String properties = args.get(0);
    if (!Files.exists(Path.of(args.get(1), "meta.properties"))) {
      List<String> format = new ArrayList<>(List.of("format", "--config", properties));
      format.addAll(args.subList(2, args.size()));
      int code = StorageTool.execute(format.toArray(String[]::new), System.err);
      if (code != 0) System.exit(code);
    }
    Kafka.main(new String[] {properties});
  }

  private static void endWithStandardInput() {
    Thread watch = new Thread(Server::awaitEndOfInput, "standard-input");
    watch.setDaemon(true);
    watch.start();
  }

  private static void awaitEndOfInput() {
    try {
      while (System.in.read() >= 0) continue;
    } catch (IOException error) {
      System.err.println(error);
    }
    Runtime.getRuntime().halt(ENDED);
  }
}
