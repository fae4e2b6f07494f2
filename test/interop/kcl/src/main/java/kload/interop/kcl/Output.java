package kload.interop.kcl;

import java.util.List;

/**
 * Lines of JSON on standard output. Each has a time of the clock that all processes of the machine share, taken before what
 * it tells of is checkpointed: whoever goes on from a checkpoint is later.
 */
record Output(String application, String worker) {
  /** @param records in JSON */
  void records(String shard, List<String> records) {
    line(shard, "\"records\":[" + String.join(",", records) + "]");
  }

  /** The worker has read the shard to its end, and its lease says so. */
  void ended(String shard) {
    line(shard, "\"ended\":true");
  }

  private void line(String shard, String what) {
    String line = String.format(
        "{\"at\":%d,\"application\":\"%s\",\"worker\":\"%s\",\"shard\":\"%s\",%s}%n",
        System.nanoTime(), application, worker, shard, what);
    synchronized (System.out) {
      System.out.print(line);
      System.out.flush();
    }
  }
}
