package io.faultd.grpc;

import com.google.protobuf.Timestamp;
import io.faultd.dispatch.ActionView;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Status;
import io.faultd.fault.Aim;
import io.faultd.spec.FlagSpec;
import io.faultd.spec.FlagType;
import io.faultd.v1.Action;
import io.faultd.v1.Effect;
import io.faultd.v1.EffectState;
import io.faultd.v1.ExperimentRecord;
import io.faultd.v1.ExperimentStatus;
import io.faultd.v1.Flag;
import io.faultd.v1.Plan;
import io.faultd.v1.PlannedTarget;
import io.faultd.v1.Residue;
import io.faultd.v1.Undo;
import java.time.Instant;
import java.util.Objects;

/** From our own records to messages. */
final class Messages {

  private Messages() {}

  static ExperimentRecord of(Experiment experiment) {
    ExperimentRecord.Builder record =
        ExperimentRecord.newBuilder()
            .setUid(experiment.uid())
            .setScope(experiment.scope())
            .setTarget(experiment.target())
            .setAction(experiment.action())
            .putAllFlags(experiment.flags())
            .putAllLabels(experiment.labels())
            .setCommand(experiment.command())
            .setSubCommand(experiment.subCommand())
            .setFlag(experiment.flag())
            .setStatus(of(experiment.status()))
            .setError(experiment.error())
            .setDescription(experiment.description())
            .setCreateTime(of(experiment.created()))
            .setUpdateTime(of(experiment.updated()))
            .setUndo(undo(experiment.undo()))
            .addAllWarnings(experiment.warnings())
            .setEffect(of(experiment.effect()));
    if (experiment.expires() != null) {
      record.setExpireTime(of(experiment.expires()));
    }
    if (experiment.engine() != null) {
      record.setEngine(experiment.engine());
    }
    experiment.residue().forEach(residue -> record.addResidue(of(residue)));
    return record.build();
  }

  static Plan of(io.faultd.experiment.Plan plan) {
    Plan.Builder message =
        Plan.newBuilder()
            .addAllSteps(plan.steps())
            .addAllConflicts(plan.conflicts())
            .setUndo(undo(plan.undo()));
    for (Aim aim : plan.targets()) {
      message.addTargets(
          PlannedTarget.newBuilder().setKind(aim.kind()).setId(aim.id()).setName(aim.name()));
    }
    return message.build();
  }

  static Action of(ActionView view) {
    Action.Builder action =
        Action.newBuilder()
            .setScope(view.scope())
            .setTarget(view.spec().target())
            .setAction(view.spec().action())
            .addAllAliases(view.spec().aliases())
            .setDesc(view.spec().desc())
            .setUndo(undo(view.spec().undo()))
            .setAvailable(view.missing() == null)
            .setMissing(Objects.requireNonNullElse(view.missing(), ""))
            .setEngine(Objects.requireNonNullElse(view.engine(), ""))
            .setImplemented(view.implemented());
    view.flags().forEach(flag -> action.addFlags(of(flag)));
    return action.build();
  }

  private static Flag of(FlagSpec spec) {
    Flag.Builder flag =
        Flag.newBuilder()
            .setName(spec.name())
            .setDesc(spec.desc())
            .setType(of(spec.type()))
            .setUnit(Objects.requireNonNullElse(spec.unit(), ""))
            .addAllValues(spec.values())
            .setRequired(spec.required());
    if (spec.min() != null) {
      flag.setMin(spec.min());
    }
    if (spec.max() != null) {
      flag.setMax(spec.max());
    }
    if (spec.initial() != null) {
      flag.setDefault(spec.initial());
    }
    return flag.build();
  }

  private static Residue of(io.faultd.experiment.Residue residue) {
    return Residue.newBuilder()
        .setStep(residue.step())
        .setSince(of(residue.since()))
        .setTries(residue.tries())
        .setError(residue.error())
        .build();
  }

  private static Effect of(io.faultd.fault.Effect effect) {
    Effect.Builder message =
        Effect.newBuilder()
            .setState(of(effect.state()))
            .setUnit(Objects.requireNonNullElse(effect.unit(), ""))
            .setSince(of(effect.since()))
            .setDetail(Objects.requireNonNullElse(effect.detail(), ""));
    if (effect.asked() != null) {
      message.setAsked(effect.asked());
    }
    if (effect.achieved() != null) {
      message.setAchieved(effect.achieved());
    }
    if (effect.hits() != null) {
      message.setHits(effect.hits());
    }
    if (effect.bytes() != null) {
      message.setBytes(effect.bytes());
    }
    return message.build();
  }

  static ExperimentStatus of(Status status) {
    return switch (status) {
      case CREATED -> ExperimentStatus.EXPERIMENT_STATUS_CREATED;
      case SUCCESS -> ExperimentStatus.EXPERIMENT_STATUS_SUCCESS;
      case ERROR -> ExperimentStatus.EXPERIMENT_STATUS_ERROR;
      case DESTROYED -> ExperimentStatus.EXPERIMENT_STATUS_DESTROYED;
    };
  }

  private static EffectState of(io.faultd.fault.Effect.State state) {
    return switch (state) {
      case RAMPING -> EffectState.EFFECT_STATE_RAMPING;
      case SETTLED -> EffectState.EFFECT_STATE_SETTLED;
      case DEGRADED -> EffectState.EFFECT_STATE_DEGRADED;
      case GONE -> EffectState.EFFECT_STATE_GONE;
    };
  }

  private static io.faultd.v1.FlagType of(FlagType type) {
    return switch (type) {
      case TEXT -> io.faultd.v1.FlagType.FLAG_TYPE_TEXT;
      case SWITCH -> io.faultd.v1.FlagType.FLAG_TYPE_SWITCH;
      case INTEGER -> io.faultd.v1.FlagType.FLAG_TYPE_INTEGER;
      case NUMBER -> io.faultd.v1.FlagType.FLAG_TYPE_NUMBER;
      case DURATION -> io.faultd.v1.FlagType.FLAG_TYPE_DURATION;
      case SIZE -> io.faultd.v1.FlagType.FLAG_TYPE_SIZE;
      case PATH -> io.faultd.v1.FlagType.FLAG_TYPE_PATH;
      case MODE -> io.faultd.v1.FlagType.FLAG_TYPE_MODE;
      case SIGNAL -> io.faultd.v1.FlagType.FLAG_TYPE_SIGNAL;
      case TEXTS -> io.faultd.v1.FlagType.FLAG_TYPE_TEXTS;
      case NUMBERS -> io.faultd.v1.FlagType.FLAG_TYPE_NUMBERS;
    };
  }

  private static Undo undo(String word) {
    return word.equals("none") ? Undo.UNDO_NONE : Undo.UNDO_EXACT;
  }

  static Timestamp of(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
