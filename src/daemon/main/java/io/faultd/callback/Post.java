package io.faultd.callback;

import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * One POST to somebody else's server. It goes where the address says and nowhere else: no redirects
 * and no proxy, and not to this node by way of a name.
 */
final class Post {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** For all of it: an answer that comes byte by byte is none. */
  private static final Duration WHOLE = Duration.ofSeconds(20);

  /** Where clouds keep what only this node may ask, besides link-local addresses. */
  private static final String METADATA = "fd00:ec2:0:0:0:0:0:254";

  /** An address, or the one name that means this node: who has allowed that has meant it. */
  private static final Pattern PLAIN = Pattern.compile("localhost|[0-9.]+|\\[.*]");

  private Post() {}

  /**
   * Sends JSON.
   *
   * @param key tells a repetition from something new
   * @throws IOException unless the answer is 2xx
   */
  static void send(URI address, byte[] body, String key) throws IOException {
    FutureTask<Void> exchange =
        new FutureTask<>(() -> {
          exchange(address, body, key);
          return null;
        });
    Thread.ofVirtual().name("callback-post").start(exchange);
    try {
      exchange.get(WHOLE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new IOException(
          address.getRawAuthority() + " took more than " + WHOLE.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      // the interrupt closes the socket of a virtual thread
      exchange.cancel(true);
    }
  }

  private static void exchange(URI address, byte[] body, String key) throws IOException {
    // the JDK remembers what a name stands for, so that the connection goes where was looked
    check(address.getHost(), List.of(InetAddress.getAllByName(address.getHost())));
    HttpURLConnection connection =
        (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
    try {
      connection.setRequestMethod("POST");
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setConnectTimeout((int) CONNECT.toMillis());
      connection.setReadTimeout((int) ANSWER.toMillis());
      connection.setRequestProperty("Content-Type", "application/json");
      connection.setRequestProperty("Idempotency-Key", key);
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(body.length);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body);
      }
      int status = connection.getResponseCode();
      if (status / 100 != 2) {
        throw new IOException(address.getRawAuthority() + " answers " + status);
      }
    } finally {
      connection.disconnect();
    }
  }

  /**
   * Whoever rules over a name can let it stand for this node, or for what only this node may ask.
   */
  static void check(String host, List<InetAddress> addresses) throws IOException {
    for (InetAddress each : addresses) {
      boolean ours =
          each.isLoopbackAddress()
              || each.isLinkLocalAddress()
              || each.isAnyLocalAddress()
              || each.isMulticastAddress()
              || each.getHostAddress().equals(METADATA)
              || NetworkInterface.getByInetAddress(each) != null;
      if (ours && !PLAIN.matcher(host).matches()) {
        throw new IOException(
            "%s stands for %s, which is never called by a name"
                .formatted(host, each.getHostAddress()));
      }
    }
  }
}
