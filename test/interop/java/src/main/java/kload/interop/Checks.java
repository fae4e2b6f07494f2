package kload.interop;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** Runs checks one after another and reports each as a line of JSON (see support/checks.ts). */
final class Checks {
  interface Check {
    void run() throws Exception;
  }

  private static final long POLL_MS = 50;
  private static final long WAIT_MAX_MS = 30_000;

  private final Map<String, Check> checks = new LinkedHashMap<>();

  void add(String name, Check check) {
    if (checks.put(name, check) != null) throw new IllegalArgumentException("two checks of one name: " + name);
  }

  void list() {
    System.out.println("[" + String.join(",", checks.keySet().stream().map(Checks::quote).toList()) + "]");
  }

  void run() {
    checks.forEach((name, check) -> {
      String error = "";
      try {
        check.run();
      } catch (Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace, true));
        error = ",\"error\":" + quote(trace.toString());
      }
      System.out.println("{\"check\":" + quote(name) + error + "}");
    });
  }

  static void equal(Object actual, Object expected, String what) {
    if (!Objects.equals(actual, expected))
      throw new AssertionError(what + " is " + actual + " and should be " + expected);
  }

  static void isTrue(boolean condition, String what) {
    if (!condition) throw new AssertionError(what);
  }

  /** The error that the call ends with; it has to be of that class. */
  static <E extends Throwable> E fails(Class<E> kind, Check call) {
    try {
      call.run();
    } catch (Throwable thrown) {
      Throwable cause = thrown instanceof java.util.concurrent.CompletionException ? thrown.getCause() : thrown;
      if (kind.isInstance(cause)) return kind.cast(cause);
      throw new AssertionError("thrown was " + cause + ", not " + kind.getSimpleName(), cause);
    }
    throw new AssertionError(kind.getSimpleName() + " was expected");
  }

  static void until(Supplier<Boolean> look, String what) throws InterruptedException {
    long deadline = System.currentTimeMillis() + WAIT_MAX_MS;
    while (!look.get()) {
      if (System.currentTimeMillis() > deadline) throw new AssertionError(what + ": not within " + WAIT_MAX_MS + " ms");
      Thread.sleep(POLL_MS);
    }
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') quoted.append('\\').append(c);
      else if (c < ' ' || c > '~') quoted.append(String.format("\\u%04x", (int) c));
      else quoted.append(c);
    }
    return quoted.append('"').toString();
  }
}
