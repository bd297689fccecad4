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
 * @param target where
 * @param fault what
 * @param params how
 */
public record Dispatch(
    ActionSpec spec,
    String scope,
    Map<String, String> flags,
    CommonFlags common,
    String undo,
    Target target,
    Fault<?> fault,
    Record params) {

  /** Puts the fault in place. */
  @SuppressWarnings("unchecked") // the dispatcher bound params to the fault's own type
  public void inject(Injection on) throws IOException {
    ((Fault<Record>) fault).inject(params, on);
  }
}
