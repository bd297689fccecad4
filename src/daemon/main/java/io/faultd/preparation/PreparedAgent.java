package io.faultd.preparation;

import io.faultd.fault.Agent;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.jvm.AgentLink;
import io.faultd.jvm.JvmProcess;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The agent of a JVM as one experiment sees it. */
final class PreparedAgent implements Agent {
  private final JvmProcess jvm;
  private final Preparing preparing;
  private volatile @Nullable AgentLink link;
  private volatile @Nullable Site site;

  /** Prepares, if need be. */
  @FunctionalInterface
  interface Preparing {
    /**
     * Prepares.
     *
     * @param wanted throws if nobody wants it any more
     * @param then is told the site before anybody else can end it
     */
    AgentLink prepare(boolean anew, Runnable wanted, Consumer<Site> then) throws IOException;
  }

  PreparedAgent(JvmProcess jvm, Preparing preparing) {
    this.jvm = jvm;
    this.preparing = preparing;
  }

  @Override
  public void prepare(boolean anew, Runnable wanted) throws IOException {
    AgentLink present = preparing.prepare(anew, wanted, where -> site = where);
    link = present;
    present.awake(); // it may have been prepared long ago
  }

  @Override
  public Rule add(Order order) throws IOException {
    Site where = site;
    if (where != null) {
      where.rules.add(order.id());
    }
    return link().add(order);
  }

  @Override
  public Optional<Rule> look(String id) throws IOException {
    return link().look(id);
  }

  @Override
  public void remove(String id) throws IOException {
    AgentLink present = link;
    if (present == null) {
      return;
    }
    try {
      present.remove(id);
    } finally {
      Site where = site;
      if (where != null) {
        where.rules.remove(id);
      }
    }
  }

  private AgentLink link() {
    AgentLink present = link;
    if (present == null) {
      throw new FaultException(Reason.INJECT_FAILED, jvm + " is not prepared");
    }
    return present;
  }
}
