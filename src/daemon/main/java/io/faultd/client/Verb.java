package io.faultd.client;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** A command of the client. */
interface Verb {
  /**
   * Its options, and what may follow it.
   *
   * @param words what follows it on the command line: only what they lead to is made in full
   */
  CommandSpec spec(List<String> words);

  /**
   * Does it.
   *
   * @param result of the innermost command
   * @return the exit code
   * @throws ClientException if it cannot
   */
  int execute(ParseResult result, Session session);

  /** The exit code of a failure. */
  default int code(Outcome outcome) {
    return outcome.code();
  }
}
