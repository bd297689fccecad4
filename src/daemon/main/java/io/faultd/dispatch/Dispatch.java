package io.faultd.dispatch;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import io.faultd.fault.Target;
import io.faultd.spec.ActionSpec;
import io.faultd.spec.CommonFlags;
import java.io.IOException;
import java.util.Map;

/**
 * An order understood: which fault, with which parameters, in which place.
 *
 * @param spec the action
 * @param scope host or cri
 * @param flags as given, by canonical name
 * @param common the flags that every action takes
 * @param undo exact or none, the flags considered
 * @param finding where
 * @param fault what
 * @param params how
 */
public record Dispatch(
    ActionSpec spec,
    String scope,
    Map<String, String> flags,
    CommonFlags common,
    String undo,
    Finding finding,
    Fault<?> fault,
    Record params) {

  /** Finds the target of one order. */
  @FunctionalInterface
  interface Finding {
    /** Finds it anew. */
    Target find() throws IOException;
  }

  /**
   * Finds the target as it is now, for the caller to close.
   *
   * @throws io.faultd.fault.FaultException TARGET_NOT_FOUND if there is none
   */
  public Target find() throws IOException {
    return finding.find();
  }

  /** Puts the fault in place. */
  @SuppressWarnings("unchecked") // the dispatcher bound params to the fault's own type
  public void inject(Injection on) throws IOException {
    ((Fault<Record>) fault).inject(params, on);
  }
}
