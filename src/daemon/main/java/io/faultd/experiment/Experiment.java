package io.faultd.experiment;

import io.faultd.fault.Effect;
import io.faultd.fault.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An experiment as it is at one instant.
 *
 * @param uid names it
 * @param scope host or cri
 * @param target canonical
 * @param action canonical
 * @param flags as given
 * @param labels as given
 * @param description as given
 * @param status where it is in its life
 * @param error why it is {@link Status#ERROR}; else empty
 * @param failure the reason behind {@code error}
 * @param code the code behind {@code error}; 200 without one
 * @param field the flag behind {@code error}
 * @param created when it came
 * @param updated when it last changed
 * @param expires when it ends by itself
 * @param undo exact or none
 * @param engine what does the work, where there is a choice
 * @param warnings for people
 * @param residue what could not be undone yet
 * @param effect what it does
 * @param seq number of the last change, durable and ever growing over all experiments
 * @param by who brought it into its status; absent in records of old
 */
public record Experiment(
    String uid,
    String scope,
    String target,
    String action,
    Map<String, String> flags,
    Map<String, String> labels,
    String description,
    Status status,
    String error,
    @Nullable Reason failure,
    int code,
    @Nullable String field,
    Instant created,
    Instant updated,
    @Nullable Instant expires,
    String undo,
    @Nullable String engine,
    List<String> warnings,
    List<Residue> residue,
    Effect effect,
    long seq,
    @Nullable Actor by) {

  /**
   * Refuses what is no record. A component that is added later may be absent from records on disk,
   * and is not asked for here.
   */
  public Experiment {
    Stream.of(uid, scope, target, action, description, status, error, created, updated, undo)
        .forEach(Objects::requireNonNull);
    Stream.of(flags, labels, warnings, residue, effect.state(), effect.since())
        .forEach(Objects::requireNonNull);
  }

  /** The same with the number of its last change. */
  public Experiment numbered(long number) {
    return new Experiment(
        uid,
        scope,
        target,
        action,
        flags,
        labels,
        description,
        status,
        error,
        failure,
        code,
        field,
        created,
        updated,
        expires,
        undo,
        engine,
        warnings,
        residue,
        effect,
        number,
        by);
  }

  /**
   * Whether nothing changes any more unless somebody asks for it; what cannot be taken back is
   * finished when it is made.
   */
  public boolean over() {
    return switch (status) {
      case CREATED -> false;
      case SUCCESS -> undo.equals("none");
      case ERROR, DESTROYED -> residue.isEmpty();
    };
  }

  /** Whom its client wants to be told of each status that it comes to. */
  public Optional<String> endpoint() {
    return Optional.ofNullable(flags.get("endpoint"));
  }

  /** Upstream's {@code command}: the target on this host, else the scope. */
  public String command() {
    return scope.equals("host") ? target : scope;
  }

  /** Upstream's {@code subCommand}: the action on this host, else target and action. */
  public String subCommand() {
    return scope.equals("host") ? action : target + " " + action;
  }

  /** Upstream's {@code flag}: {@code --k=v} sorted by name, blanks as {@code @@##}. */
  public String flag() {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(flags)
        .forEach((k, v) -> text.append(" --").append(k).append('=').append(v.replace(" ", "@@##")));
    return text.toString();
  }
}
