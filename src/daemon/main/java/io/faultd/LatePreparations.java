package io.faultd;

import io.faultd.experiment.Permit;
import io.faultd.fault.Agent;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.jvm.JvmProcess;
import io.faultd.preparation.LivePreparations;
import io.faultd.preparation.Preparation;
import io.faultd.preparation.PreparationOrder;
import io.faultd.preparation.PreparationQuery;
import io.faultd.preparation.Preparations;
import io.faultd.preparation.Prepared;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The preparations, for interfaces that listen before the store is open: not ready until then. */
final class LatePreparations implements Preparations {
  private volatile @Nullable LivePreparations present;

  void are(@Nullable LivePreparations preparations) {
    present = preparations;
  }

  private LivePreparations present() {
    LivePreparations now = present;
    if (now == null) {
      throw new FaultException(Reason.STORE_UNAVAILABLE, "faultd is starting or ending");
    }
    return now;
  }

  /** What experiments say to a JVM. */
  Agent agent(JvmProcess jvm, @Nullable String process) {
    return present().agent(jvm, process);
  }

  @Override
  public Prepared create(PreparationOrder order) {
    return present().create(order);
  }

  @Override
  public Preparation revoke(String uid, Permit permit) {
    return present().revoke(uid, permit);
  }

  @Override
  public Optional<Preparation> get(String uid) {
    return present().get(uid);
  }

  @Override
  public List<Preparation> list(PreparationQuery query) {
    return present().list(query);
  }
}
