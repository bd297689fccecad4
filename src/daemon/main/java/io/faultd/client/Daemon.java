package io.faultd.client;

import io.faultd.client.Rest.Answer;
import io.faultd.client.Rest.Request;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The daemon as its clients see it.
 *
 * <p>What changes something is asked again when the connection breaks: orders have keys, and the
 * daemon answers one whose key it knows as it did the first time. A key is of one order only: the
 * same uid later is another order, whose answer must not be one of before.
 */
final class Daemon {
  /**
   * How long orders are repeated while the daemon does not answer: it may be starting again. All
   * that are made meanwhile have this time together.
   */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * The longest that a daemon takes to put a fault in place, and to take it back, and some; with an
   * {@code inject.limit} of its own it may take longer to put it in place.
   */
  private static final Duration USUAL = Duration.ofSeconds(90);

  /** An order that takes longer, while others are answered, will never end. */
  private static final Duration LONGEST_ORDER = Duration.ofMinutes(30);

  /** How long a daemon that is at work may take for what is no work. */
  private static final Duration GLANCE = Duration.ofSeconds(5);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
  private static final String EXPERIMENTS = "/experiments";
  private static final int ACCEPTED = 202;

  private final Rest rest;
  private final Duration patience;
  private final Duration usual;
  private final Duration longest;

  /** Whether somebody was there once. */
  private volatile boolean met;

  /** Whether an order may have been taken: its answer told so, or did not arrive. */
  private volatile boolean ordered;

  /** Since when nobody answers; 0: somebody did. */
  private long silent;

  /**
   * A daemon.
   *
   * @param patience for how long one is asked again that has answered before
   */
  Daemon(Rest rest, Duration patience) {
    this(rest, patience, USUAL, LONGEST_ORDER);
  }

  /**
   * The same.
   *
   * @param usual how long its answers take at most, unless a node takes longer
   * @param longest how long an order is waited for by which others are answered
   */
  Daemon(Rest rest, Duration patience, Duration usual, Duration longest) {
    this.rest = rest;
    this.patience = patience;
    this.usual = usual;
    this.longest = longest;
  }

  /** Whether it has answered once, or may have taken a request. */
  boolean met() {
    return met;
  }

  /** Whether an experiment of ours may exist. */
  boolean ordered() {
    return ordered;
  }

  /** Asks once. */
  Answer get(String path, Map<String, String> query) {
    return rest.call(request("GET", path + query(query), null));
  }

  Answer post(String path, JsonObject body) {
    return rest.call(request("POST", path, body));
  }

  Answer delete(String path) {
    return rest.call(request("DELETE", path, null));
  }

  /** The changes of an experiment. */
  Events events(String uid) {
    return new Events(rest, uid, patience);
  }

  /**
   * Injects.
   *
   * @param order with a uid
   * @param settle how long to wait for a settled effect; absent: not at all
   * @return the answer and the record
   */
  JsonObject create(JsonObject order, @Nullable Duration settle) {
    String uid = order.getString("uid");
    Map<String, String> query =
        settle == null
            ? Map.of()
            : Map.of("wait", "settled", "waitTimeout", settle.toMillis() + "ms");
    Request request =
        new Request(
            "POST",
            EXPERIMENTS + query(query),
            order,
            settle == null ? usual : usual.plus(settle),
            Order.random());
    JsonObject answer = ordered(request).object();
    return answer.containsKey("record")
        ? answer
        : Rest.JSON.createObjectBuilder(answer).add("record", experiment(uid)).build();
  }

  private Answer ordered(Request order) {
    try {
      Answer answer = repeated(order);
      ordered = true;
      return answer;
    } catch (ClientException e) {
      ordered |= !e.unrecorded();
      throw e;
    } catch (RuntimeException e) {
      // nobody knows how far it came
      ordered = true;
      throw e;
    }
  }

  /** The record of an experiment. */
  JsonObject experiment(String uid) {
    return repeated(request("GET", EXPERIMENTS + "/" + uid, null)).object();
  }

  /**
   * Undoes, and waits until that is over.
   *
   * @return the answer
   * @throws ClientException RESIDUE also if it takes too long
   */
  JsonObject destroy(String uid, boolean force) {
    return destroy(uid, force, null);
  }

  /**
   * The same.
   *
   * @param what it was, for when no record is left; absent: nobody knows
   */
  JsonObject destroy(String uid, boolean force, @Nullable JsonObject what) {
    Request request =
        request("DELETE", EXPERIMENTS + "/" + uid + (force ? "?force=true" : ""), what);
    return finished(request, uid);
  }

  /** Undoes all, or all with these labels. */
  JsonObject destroyAll(List<String> labels) {
    String query =
        labels.stream().map(label -> "label=" + encoded(label)).collect(Collectors.joining("&"));
    Request request = request("DELETE", EXPERIMENTS + (query.isEmpty() ? "" : "?" + query), null);
    Answer answer = repeated(request);
    return answer.status() == ACCEPTED ? finished(answer.object()) : answer.object();
  }

  /** Waits for each that is being undone; asked for all once more, others would end, too. */
  private JsonObject finished(JsonObject answer) {
    JsonArrayBuilder ended = Rest.JSON.createArrayBuilder();
    List<String> failures = new ArrayList<>();
    for (JsonObject each : Records.objects(answer, "result")) {
      String uid = Records.text(each, "uid");
      JsonObject last = each;
      if (!Records.status(each).equals("Destroyed")) {
        try {
          last = Records.object(destroy(uid, false), "result");
        } catch (ClientException e) {
          failures.add(uid + ": " + e.getMessage());
          last = e.answer().map(told -> Records.object(told, "result")).orElse(each);
        }
      }
      ended.add(Rest.JSON.createObjectBuilder(each).addAll(Rest.JSON.createObjectBuilder(last)));
    }
    JsonObject all = Rest.JSON.createObjectBuilder(answer).add("result", ended).build();
    if (!failures.isEmpty()) {
      throw new ClientException(Outcome.RESIDUE, String.join("; ", failures), all);
    }
    return all;
  }

  private JsonObject finished(Request request, String what) {
    long deadline = System.nanoTime() + usual.toNanos();
    while (true) {
      Answer answer = repeated(request);
      if (answer.status() != ACCEPTED) {
        return answer.object();
      }
      if (System.nanoTime() > deadline) {
        JsonObject left = answer.object();
        throw new ClientException(Outcome.RESIDUE, what + ": still being undone", left);
      }
      pause(FIRST_PAUSE);
    }
  }

  /** Asks until there is an answer; gives up at once on who was never there. */
  private Answer repeated(Request request) {
    long first = System.nanoTime();
    long begin = first;
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        Answer answer = rest.call(request);
        answered();
        return answer;
      } catch (UnreachableException e) {
        met |= e.there();
        ordered |= e.there() && request.key() != null;
        boolean early = System.nanoTime() - first < longest.toNanos();
        if (e.pending() && request.key() != null && early && isAtWork()) {
          // an order that is asked for again waits for the one that is being done
          begin = System.nanoTime();
          answered();
          continue;
        }
        if (!met || silence(begin).compareTo(patience) > 0) {
          throw e;
        }
      } catch (ClientException e) {
        answered();
        throw e;
      }
      pause(pause);
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
    }
  }

  /** Whether a daemon whose answer takes long still answers others. */
  private boolean isAtWork() {
    try {
      rest.call(new Request("GET", "/status?type=create&limit=1", null, GLANCE, null));
      return true;
    } catch (UnreachableException e) {
      return false;
    } catch (ClientException refused) {
      return true;
    }
  }

  private synchronized void answered() {
    met = true;
    silent = 0;
  }

  /** For how long nobody has answered, at least since then. */
  private synchronized Duration silence(long begin) {
    silent = silent == 0 ? begin : silent;
    return Duration.ofNanos(System.nanoTime() - silent);
  }

  private Request request(String method, String path, @Nullable JsonObject body) {
    return new Request(method, path, body, usual, null);
  }

  private static String query(Map<String, String> query) {
    return query.isEmpty()
        ? ""
        : query.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + encoded(entry.getValue()))
            .collect(Collectors.joining("&", "?", ""));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  static void pause(Duration pause) {
    try {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
