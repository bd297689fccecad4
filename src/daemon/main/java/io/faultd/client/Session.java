package io.faultd.client;

import jakarta.json.JsonValue;
import java.io.PrintWriter;
import java.util.Map;

/**
 * What a command works with.
 *
 * @param out for what was asked for
 * @param err for what people should know
 * @param environment of this process
 * @param relay passes signals on
 */
record Session(PrintWriter out, PrintWriter err, Map<String, String> environment, Relay relay) {
  /** Tells people something, on one line. */
  void tell(String text) {
    err.println("faultd: " + Visible.text(text));
    err.flush();
  }

  /** Answers with one line. */
  void line(String text) {
    out.println(Visible.text(text));
  }

  /** Answers with a document: the same to programs, though nothing in it acts on a terminal. */
  void document(JsonValue document) {
    out.println(Visible.json(document.toString()));
  }

  /**
   * Has written what was asked for until now.
   *
   * @throws ClientException UNWRITTEN, if it cannot be: a full disk, or nobody who reads
   */
  void written() {
    if (out.checkError()) {
      throw new ClientException(
          Outcome.UNWRITTEN, "standard output cannot be written: it is full, or nobody reads it");
    }
  }
}
