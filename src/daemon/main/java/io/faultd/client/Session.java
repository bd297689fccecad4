package io.faultd.client;

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
    err.println("faultd: " + text.replaceAll("\\p{Cntrl}+", " "));
    err.flush();
  }
}
