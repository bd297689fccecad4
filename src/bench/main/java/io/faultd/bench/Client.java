package io.faultd.bench;

/** One connection to a daemon. */
interface Client extends AutoCloseable {
  /** Changes the mode of a file; returns the uid. */
  String create(String file) throws Exception;

  /** Puts it back. */
  void destroy(String uid) throws Exception;

  /** Reads one record by its uid. */
  void read(String uid) throws Exception;

  @Override
  void close();
}
