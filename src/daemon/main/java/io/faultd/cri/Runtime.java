package io.faultd.cri;

import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/** A container runtime, one connection to it. */
interface Runtime extends AutoCloseable {
  /** All its containers, also those that have ended. */
  List<Listed> containers() throws IOException;

  /** The pid of a container's first process, as the runtime sees it; empty if it has none now. */
  OptionalInt pid(String id) throws IOException;

  /** Ends a container and forgets it, for good. */
  void remove(String id) throws IOException;

  @Override
  void close();
}
