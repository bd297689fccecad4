package io.faultd.experiment;

import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A record being changed: begin with the old one, set what is new, build. */
final class Edit {
  private final Experiment old;
  private Status status;
  private @Nullable FaultException failure;
  private boolean failed;
  private @Nullable Instant expires;
  private final List<String> warnings;
  private List<Residue> residue;
  private Effect effect;
  private @Nullable String engine;
  private @Nullable Actor by;

  Edit(Experiment old) {
    this.old = old;
    status = old.status();
    expires = old.expires();
    warnings = new ArrayList<>(old.warnings());
    residue = old.residue();
    effect = old.effect();
    engine = old.engine();
    by = old.by();
  }

  Edit status(Status now) {
    status = now;
    return this;
  }

  Edit failure(@Nullable FaultException why) {
    failure = why;
    failed = true;
    return this;
  }

  Edit expires(@Nullable Instant at) {
    expires = at;
    return this;
  }

  Edit warn(List<String> more) {
    more.stream().filter(warning -> !warnings.contains(warning)).forEach(warnings::add);
    return this;
  }

  Edit residue(List<Residue> left) {
    residue = left;
    return this;
  }

  Edit effect(Effect now) {
    effect = now;
    return this;
  }

  Edit engine(@Nullable String what) {
    engine = what;
    return this;
  }

  Edit by(@Nullable Actor who) {
    by = who;
    return this;
  }

  Experiment at(Instant now) {
    FaultException why = failure;
    return new Experiment(
        old.uid(),
        old.scope(),
        old.target(),
        old.action(),
        old.flags(),
        old.labels(),
        old.description(),
        status,
        failed ? (why == null ? "" : String.valueOf(why.getMessage())) : old.error(),
        failed ? (why == null ? null : why.reason()) : old.failure(),
        failed ? (why == null ? 200 : why.code()) : old.code(),
        failed ? (why == null ? null : why.field().orElse(null)) : old.field(),
        old.created(),
        now,
        expires,
        old.undo(),
        engine,
        List.copyOf(warnings),
        List.copyOf(residue),
        effect,
        old.seq(),
        by);
  }
}
