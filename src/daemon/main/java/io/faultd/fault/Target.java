package io.faultd.fault;

/** The place that a fault works on. */
public sealed interface Target {
  /** Folder under which this place's files are seen from the daemon. */
  String root();

  /** This node itself. */
  record Host() implements Target {
    @Override
    public String root() {
      return "/";
    }
  }
}
