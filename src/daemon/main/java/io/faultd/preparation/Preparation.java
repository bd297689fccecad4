package io.faultd.preparation;

import io.faultd.experiment.Actor;
import io.faultd.experiment.AuditLine;
import io.faultd.fault.Reason;
import io.faultd.linux.proc.ProcessIdentity;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A preparation as it is at one instant.
 *
 * @param uid names it
 * @param programType jvm
 * @param process by what its JVM was found, or its command name
 * @param jvm which process
 * @param port as given, which means nothing any more; empty: none
 * @param status where it is in its life
 * @param error why it failed or ended by itself, or what cannot be taken out of its JVM while it
 *     runs; else empty
 * @param failure the reason behind {@code error} of one that failed
 * @param code the code behind it; 200 without one
 * @param created when it came
 * @param updated when it last changed
 * @param by who brought it into its status; absent in records of old
 */
public record Preparation(
    String uid,
    String programType,
    String process,
    ProcessIdentity jvm,
    String port,
    PreparationStatus status,
    String error,
    @Nullable Reason failure,
    int code,
    Instant created,
    Instant updated,
    @Nullable Actor by) {

  /** Refuses what is no record. */
  public Preparation {
    Stream.of(uid, programType, process, jvm, port, status, error, created, updated)
        .forEach(Objects::requireNonNull);
  }

  /** The pid of its JVM, as the daemon sees it. */
  public int pid() {
    return jvm.pid();
  }

  /** The line that tells of its status. */
  public AuditLine audit() {
    return new AuditLine(
        0,
        updated,
        AuditLine.somebody(by),
        "prepare " + programType + " " + pid(),
        uid,
        status.text(),
        error);
  }

  Preparation now(PreparationStatus newStatus, String newError, @Nullable Actor who, Instant at) {
    return new Preparation(
        uid, programType, process, jvm, port, newStatus, newError, failure, code, created, at, who);
  }

  Preparation failed(Reason why, int newCode, String newError, Instant at) {
    return new Preparation(
        uid,
        programType,
        process,
        jvm,
        port,
        PreparationStatus.ERROR,
        newError,
        why,
        newCode,
        created,
        at,
        by);
  }
}
