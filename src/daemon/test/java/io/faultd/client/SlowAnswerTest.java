package io.faultd.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A daemon that takes longer than usual to put a fault in place. */
class SlowAnswerTest {
  private static final Duration USUAL = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(3);
  private static final int SLOW = 3;

  private final AtomicInteger orders = new AtomicInteger();
  private final Set<String> keys = Collections.synchronizedSet(new HashSet<>());
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;
  private volatile boolean frozen;
  private volatile boolean endless;

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  @AfterEach
  void end() {
    over.countDown();
    server.stop(0);
    threads.shutdown();
  }

  private Daemon daemon(Duration longest) {
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    return new Daemon(new Rest(address, null, null), PATIENCE, USUAL, longest);
  }

  private static JsonObject order() {
    return Json.createObjectBuilder().add("uid", "slow").build();
  }

  @Test
  void anOrderThatTakesLongIsWaitedForWhileOthersAreAnswered() {
    JsonObject answer = daemon(Duration.ofMinutes(1)).create(order(), null);
    assertEquals("Success", Records.status(Records.object(answer, "record")));
    assertTrue(orders.get() >= SLOW, orders + " orders");
    assertEquals(1, keys.size(), "it is one order all the time");
  }

  @Test
  void whoAnswersNobodyIsGivenUp() {
    frozen = true;
    Daemon daemon = daemon(Duration.ofMinutes(1));
    assertThrows(UnreachableException.class, () -> daemon.create(order(), null));
    assertEquals(1, orders.get());
  }

  @Test
  void anOrderThatNeverEndsIsGivenUpThoughOthersAreAnswered() {
    endless = true;
    Daemon daemon = daemon(LONGEST);
    long begin = System.nanoTime();
    assertThrows(UnreachableException.class, () -> daemon.create(order(), null));
    assertTrue(System.nanoTime() - begin >= LONGEST.toNanos(), "it was waited for");
    assertTrue(orders.get() > 1, "asked for again");
    assertEquals(1, keys.size(), "it is one order all the time");
  }

  private void handle(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    boolean order = exchange.getRequestMethod().equals("POST");
    if (order) {
      keys.add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
    }
    if (order && (orders.incrementAndGet() < SLOW || endless) || frozen) {
      await();
    }
    byte[] body = "{\"record\":{\"status\":\"Success\"}}".getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void await() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
