package io.faultd.e2e;

import io.faultd.v1.CreateExperimentRequest;
import io.faultd.v1.DestroyExperimentRequest;
import io.faultd.v1.ExperimentRecord;
import io.faultd.v1.GetExperimentRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Map;

/** The two ways to give orders. */
enum Protocol {
  /** Over HTTP. */
  REST {
    @Override
    String create(Daemon daemon, String target, String action, Map<String, String> flags) {
      return daemon.rest().create(target, action, flags).uid();
    }

    @Override
    String destroy(Daemon daemon, String uid) {
      Rest.Answer answer = daemon.rest().destroy(uid);
      return answer.status() == 200 ? "Destroyed" : answer.status() + " " + answer.text();
    }

    @Override
    String status(Daemon daemon, String uid) {
      return daemon.rest().status(uid);
    }
  },
  /** Over gRPC. */
  GRPC {
    @Override
    String create(Daemon daemon, String target, String action, Map<String, String> flags) {
      return daemon
          .experiments()
          .createExperiment(
              CreateExperimentRequest.newBuilder()
                  .setTarget(target)
                  .setAction(action)
                  .putAllFlags(flags)
                  .build())
          .getUid();
    }

    @Override
    String destroy(Daemon daemon, String uid) {
      DestroyExperimentRequest request = DestroyExperimentRequest.newBuilder().setUid(uid).build();
      return text(daemon.experiments().destroyExperiment(request).getRecord());
    }

    @Override
    String status(Daemon daemon, String uid) {
      GetExperimentRequest request = GetExperimentRequest.newBuilder().setUid(uid).build();
      try {
        return text(daemon.experiments().getExperiment(request).getRecord());
      } catch (StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
          throw e;
        }
        // the first call after a death may meet the connection to the daemon that died
        return text(daemon.experiments().withWaitForReady().getExperiment(request).getRecord());
      }
    }
  };

  /** Creates an experiment and gives its uid. */
  abstract String create(Daemon daemon, String target, String action, Map<String, String> flags);

  /** Destroys it and gives its status. */
  abstract String destroy(Daemon daemon, String uid);

  /** Its status, in the words of the REST interface. */
  abstract String status(Daemon daemon, String uid);

  private static String text(ExperimentRecord record) {
    String name = record.getStatus().name().replace("EXPERIMENT_STATUS_", "");
    return name.charAt(0) + name.substring(1).toLowerCase(java.util.Locale.ROOT);
  }
}
