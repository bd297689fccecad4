package io.faultd.fault;

import java.io.IOException;

/**
 * One way to break one kind of thing.
 *
 * <p>Implementations are final, stateless and named {@code <Target><Action>}; their parameters are
 * a nested record whose components are the flags of the spec entry, in camel case. The order is
 * always: check everything, {@link Injection#claim claim}, {@link Injection#undo announce}, change,
 * see that it works. A fault contains no code that undoes.
 *
 * @param <P> its parameters
 */
@FunctionalInterface
public interface Fault<P extends Record> {
  /**
   * Puts the fault in place and returns when its effect was seen on the victim.
   *
   * <p>Runs on the experiment's owner thread, which rolls back all that was announced if this
   * throws.
   *
   * @throws FaultException if a flag, the target or the node does not allow it
   * @throws IOException if the kernel refused; becomes {@link Reason#INJECT_FAILED}
   */
  void inject(P params, Injection on) throws IOException;
}
