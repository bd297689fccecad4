package io.faultd.fault;

import java.util.Optional;

/** Parameters of a fault that may end what others have in place before it is in place itself. */
public interface Displacing {
  /** The flag that orders so; empty: none does. */
  Optional<String> displacing();
}
