package io.faultd.experiment;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client wants broken, as it said it.
 *
 * @param uid the client's own; absent: ours
 * @param scope empty or host, cri, docker
 * @param target target or alias
 * @param action action or alias
 * @param flags text by name
 * @param description free text
 * @param labels free, for filters
 * @param permit in whose name it comes
 */
public record Order(
    @Nullable String uid,
    String scope,
    String target,
    String action,
    Map<String, String> flags,
    String description,
    Map<String, String> labels,
    Permit permit) {

  /** An order of the daemon itself. */
  public Order(
      @Nullable String uid,
      String scope,
      String target,
      String action,
      Map<String, String> flags,
      String description,
      Map<String, String> labels) {
    this(uid, scope, target, action, flags, description, labels, Permit.OWN);
  }

  /** The same in somebody's name. */
  public Order by(Permit whose) {
    return new Order(uid, scope, target, action, flags, description, labels, whose);
  }
}
