package io.faultd.client;

import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The changes of an experiment as server-sent events, over cuts and restarts: each reading goes on
 * behind the last event that was seen.
 */
final class Events {
  /** Three heartbeats. */
  private static final Duration QUIET = Duration.ofSeconds(45);

  private static final Duration PAUSE = Duration.ofMillis(200);

  private final Rest rest;
  private final String uid;
  private final Duration patience;
  private String last = "";

  Events(Rest rest, String uid, Duration patience) {
    this.rest = rest;
    this.uid = uid;
    this.patience = patience;
  }

  /**
   * Reads until the experiment has ended.
   *
   * @param each gets the record after each change, first as it is now
   * @throws ClientException if there is no such experiment, or no daemon for too long
   */
  void follow(Consumer<JsonObject> each) {
    long deadline = System.nanoTime() + patience.toNanos();
    boolean met = false;
    while (true) {
      try {
        Optional<InputStream> stream = rest.stream("/experiments/" + uid + "/events", last, QUIET);
        met = true;
        if (stream.isEmpty()) {
          return;
        }
        try (InputStream in = stream.get()) {
          read(in, each);
        }
      } catch (UnreachableException e) {
        met |= e.there();
        if (!met || System.nanoTime() > deadline) {
          throw e;
        }
        Daemon.pause(PAUSE);
        continue;
      } catch (IOException cut) {
        Daemon.pause(PAUSE);
      }
      deadline = System.nanoTime() + patience.toNanos();
    }
  }

  private void read(InputStream in, Consumer<JsonObject> each) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    StringBuilder data = new StringBuilder();
    String id = last;
    String name = "";
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("data:")) {
        data.append(data.isEmpty() ? "" : "\n").append(line.substring(5).strip());
      } else if (line.startsWith("id:")) {
        id = line.substring(3).strip();
      } else if (line.startsWith("event:")) {
        name = line.substring(6).strip();
      } else if (line.isEmpty() && !data.isEmpty()) {
        JsonObject document = record(data.toString());
        if (name.equals("error")) {
          throw ended(document);
        }
        each.accept(document);
        // only now: what was cut off before its end is sent again
        last = id;
        data.setLength(0);
      }
    }
  }

  /** Why the daemon sends no more; what may be over in a while is like a cut. */
  private static ClientException ended(JsonObject answer) throws IOException {
    String why = answer.getString("error", "");
    ClientException refused = new ClientException(Outcome.REFUSED, why, answer);
    if (refused.passing()) {
      throw new IOException(why);
    }
    return refused;
  }

  private static JsonObject record(String text) {
    try (JsonReader reader = Rest.JSON.createReader(new StringReader(text))) {
      return reader.readObject();
    } catch (JsonException e) { // it is asked again, but not for ever
      throw new UnreachableException("an event has no record in it: " + e.getMessage(), true);
    }
  }
}
