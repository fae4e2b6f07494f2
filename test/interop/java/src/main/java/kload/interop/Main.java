package kload.interop;

/** The AWS SDK for Java, with its default settings, against the emulator at $KLOAD_ENDPOINT. */
public final class Main {
  public static void main(String[] args) {
    Checks checks = new Checks();
    if (args.length > 0 && args[0].equals("--list")) {
      addAll(checks, null);
      checks.list();
      return;
    }
    try (Clients clients = new Clients()) {
      addAll(checks, clients);
      checks.run();
    }
  }

  private static void addAll(Checks checks, Clients clients) {
    new RecordChecks(clients).addTo(checks);
    new StreamChecks(clients).addTo(checks);
    new SubscriptionChecks(clients).addTo(checks);
    new KclChecks(clients).addTo(checks);
  }
}
