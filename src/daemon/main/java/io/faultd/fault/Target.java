package io.faultd.fault;

/** The place that a fault works on. */
public sealed interface Target {
  /** Folder under which this place's files are seen from the daemon. */
  String root();

  /** The nsfs file that is this place's network namespace; see namespaces(7). */
  String network();

  /** This node itself. */
  record Host() implements Target {
    @Override
    public String root() {
      return "/";
    }

    @Override
    public String network() {
      return "/proc/self/ns/net";
    }
  }
}
