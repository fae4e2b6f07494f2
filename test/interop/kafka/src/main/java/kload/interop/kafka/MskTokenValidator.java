package kload.interop.kafka;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;

import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerExtensionsValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;

/**
 * Looks at a token as Amazon MSK's brokers do, but for the signature itself: that takes the secret key, which only the
 * service has. Each token that is taken is a line on standard output.
 */
public final class MskTokenValidator implements AuthenticateCallbackHandler {
  private static final DateTimeFormatter SIGNED_AT = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final Pattern HOST = Pattern.compile("kafka\\.([a-z0-9-]+)\\.amazonaws\\.com");
  private static final Pattern CREDENTIAL = Pattern.compile("([A-Z0-9]+)/(\\d{8})/([a-z0-9-]+)/kafka-cluster/aws4_request");
  private static final Pattern SIGNATURE = Pattern.compile("[0-9a-f]{64}");
  /** The clocks of a client and a broker differ. */
  private static final long SKEW_MS = 5 * 60_000;
  private static final int LONGEST_LIFE_S = 900;

  @Override
  public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {}

  @Override
  public void close() {}

  @Override
  public void handle(Callback[] callbacks) throws IOException, UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      if (callback instanceof OAuthBearerValidatorCallback asked) validate(asked);
      else if (callback instanceof OAuthBearerExtensionsValidatorCallback asked) asked.inputExtensions().map().keySet().forEach(asked::valid);
      else throw new UnsupportedCallbackException(callback);
    }
  }

  private static void validate(OAuthBearerValidatorCallback asked) {
    try {
      Token token = parse(asked.tokenValue());
      System.out.println("msk-iam: took a token of " + token.principalName());
      asked.token(token);
    } catch (IllegalArgumentException error) {
      System.out.println("msk-iam: refused a token: " + error.getMessage());
      asked.error("invalid_token", null, null);
    }
  }

  private static Token parse(String value) {
    require(!value.contains("="), "it is padded");
    URI url = URI.create(new String(Base64.getUrlDecoder().decode(value), StandardCharsets.UTF_8));
    Matcher host = HOST.matcher(String.valueOf(url.getHost()));
    require("https".equals(url.getScheme()) && host.matches() && "/".equals(url.getPath()), "its address is " + url.getScheme() + "://" + url.getHost() + url.getPath());
    Map<String, String> query = queryOf(url);
    require("kafka-cluster:Connect".equals(query.get("Action")), "its Action is " + query.get("Action"));
    require("AWS4-HMAC-SHA256".equals(query.get("X-Amz-Algorithm")), "its X-Amz-Algorithm is " + query.get("X-Amz-Algorithm"));
    require("host".equals(query.get("X-Amz-SignedHeaders")), "its X-Amz-SignedHeaders are " + query.get("X-Amz-SignedHeaders"));
    require(SIGNATURE.matcher(query.getOrDefault("X-Amz-Signature", "")).matches(), "its X-Amz-Signature is no SHA-256 in hexadecimal");
    require(query.containsKey("User-Agent"), "it has no User-Agent");
    String signedAt = query.getOrDefault("X-Amz-Date", "");
    Matcher credential = CREDENTIAL.matcher(query.getOrDefault("X-Amz-Credential", ""));
    require(credential.matches() && signedAt.startsWith(credential.group(2)) && credential.group(3).equals(host.group(1)), "its X-Amz-Credential is not of its day and region");
    return tokenOf(value, credential.group(1), Instant.from(SIGNED_AT.parse(signedAt)).toEpochMilli(), query.get("X-Amz-Expires"));
  }

  private static Token tokenOf(String value, String keyId, long signedAtMs, String expires) {
    require(expires != null && expires.matches("\\d{1,3}") && Integer.parseInt(expires) <= LONGEST_LIFE_S, "its X-Amz-Expires is " + expires);
    long endMs = signedAtMs + Integer.parseInt(expires) * 1000L;
    long nowMs = System.currentTimeMillis();
    require(signedAtMs <= nowMs + SKEW_MS, "it was signed in the future");
    require(nowMs < endMs, "it is expired");
    return new Token(value, Set.of(), endMs, keyId, signedAtMs);
  }

  private static Map<String, String> queryOf(URI url) {
    Map<String, String> query = new HashMap<>();
    for (String pair : String.valueOf(url.getRawQuery()).split("&")) {
      String[] sides = pair.split("=", 2);
      require(sides.length == 2, "its query has " + pair);
      String before = query.put(decoded(sides[0]), decoded(sides[1]));
      require(before == null, "its query has " + sides[0] + " twice");
    }
    return query;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) throw new IllegalArgumentException(otherwise);
  }

  private record Token(String value, Set<String> scope, long lifetimeMs, String principalName, Long startTimeMs) implements OAuthBearerToken {}
}
