package io.faultd.callback;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Order;
import io.faultd.experiment.Outbox;
import io.faultd.testing.MemoryExperiments;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** More experiments with something to tell than wait for their turn in memory. */
class CrowdTest {
  private static final int MANY = 2 * Callbacks.MOST + 500;

  private final MemoryExperiments experiments = new MemoryExperiments();
  private final Shelf outbox = new Shelf();
  private final Set<String> heard = ConcurrentHashMap.newKeySet();
  private final CountDownLatch open = new CountDownLatch(1);
  private final AtomicInteger called = new AtomicInteger();
  private final List<HttpServer> listeners = new ArrayList<>();
  private final List<String> good = new ArrayList<>();
  private String dead;

  /** An outbox that remembers how many were asked for at a time. */
  private static final class Shelf implements Outbox {
    private final TreeMap<String, Queue<News>> news = new TreeMap<>();
    private int largestPage;

    synchronized void add(News one) {
      news.computeIfAbsent(one.uid(), absent -> new ArrayDeque<>()).add(one);
    }

    @Override
    public synchronized List<String> uids(String after, int most) {
      largestPage = Math.max(largestPage, most);
      return news.tailMap(after, false).keySet().stream().limit(most).toList();
    }

    @Override
    public synchronized Optional<News> first(String uid) {
      return Optional.ofNullable(news.get(uid)).map(Queue::peek);
    }

    @Override
    public synchronized void remove(News one) {
      news.computeIfPresent(one.uid(), (uid, all) -> all.remove(one) && all.isEmpty() ? null : all);
    }
  }

  @BeforeEach
  void listen() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int i = 0; i < 4; i++) { // each is called by four at once
      listen(loopback);
    }
    try (ServerSocket closed = new ServerSocket(0, 1, loopback)) {
      dead = "http://127.0.0.1:" + closed.getLocalPort() + "/";
    }
  }

  private void listen(InetAddress loopback) throws IOException {
    HttpServer listener = HttpServer.create(new InetSocketAddress(loopback, 0), 100);
    listener.setExecutor(task -> Thread.ofVirtual().start(task));
    listener.createContext(
        "/",
        exchange -> {
          String uid = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          called.incrementAndGet();
          if (exchange.getRequestURI().getPath().equals("/slow")) {
            await(open);
          }
          heard.add(uid);
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    listener.start();
    listeners.add(listener);
    good.add("http://127.0.0.1:" + listener.getAddress().getPort() + "/");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void close() {
    open.countDown();
    listeners.forEach(listener -> listener.stop(0));
  }

  private void add(int number, String address) {
    String uid = "uid-%05d".formatted(number);
    Order order = new Order(uid, "", "file", "chmod", Map.of("endpoint", address), "", Map.of());
    Experiment made =
        experiments
            .create(order, new Experiments.Waiting(null, () -> false, Duration.ZERO))
            .experiment();
    outbox.add(new Outbox.News(made.seq(), uid, address));
  }

  private Callbacks begin() {
    return new Callbacks(
        new Callbacks.Parts(
            outbox, experiments, address -> true, Experiment::uid, Duration.ofMillis(20)));
  }

  @Test
  void allOfThemAreToldPageByPage() throws Exception {
    for (int i = 0; i < MANY; i++) {
      add(i, good.get(i % good.size()));
    }
    try (Callbacks callbacks = begin()) {
      eventually(
          "all are told",
          () -> {
            assertTrue(callbacks.waiting() <= Callbacks.MOST, "waiting: " + callbacks.waiting());
            return heard.size() == MANY;
          });
      eventually("nobody waits any more", () -> callbacks.waiting() == 0);
    }
    assertTrue(outbox.largestPage <= Callbacks.MOST, "a page of " + outbox.largestPage);
    assertEquals(List.of(), outbox.uids("", 1));
  }

  @Test
  void allThatWaitForOneServerAreToldBeforeTheEnd() throws Exception {
    for (int i = 0; i < 20; i++) {
      add(i, good.getFirst() + "slow");
    }
    try (Callbacks callbacks = begin()) {
      eventually("the server has what it may have", () -> called.get() == Lanes.AT_ONCE);
      Thread end = Thread.ofPlatform().start(callbacks::close);
      eventually("it ends", () -> end.getState() == Thread.State.TIMED_WAITING);
      open.countDown();
      end.join();
      assertEquals(20, heard.size());
      assertEquals(List.of(), outbox.uids("", 1));
    }
  }

  @Test
  void thoseForAServerThatIsGoneLeaveTheirPlacesToOthers() throws Exception {
    for (int i = 0; i < MANY; i++) {
      add(i, i < MANY - 100 ? dead : good.getFirst()); // in the order of their uids the last ones
    }
    try (Callbacks callbacks = begin()) {
      eventually(
          "the others are told",
          () -> {
            assertTrue(callbacks.waiting() <= Callbacks.MOST, "waiting: " + callbacks.waiting());
            return heard.size() == 100;
          });
    }
    assertEquals(MANY - 100, outbox.uids("", MANY).size(), "nothing is lost");
  }
}
